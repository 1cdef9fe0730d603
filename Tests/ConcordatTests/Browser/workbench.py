"""An analyst's work: a question from an example to its answer, chart, receipt and files; plans, faults, saved questions."""

import csv
import datetime
import io
import json
import os
import re
import subprocess

from console import expect, journey, visit

GROUPS = """SELECT ethnic_category, sex, count(*) AS people,
       count(*) FILTER (WHERE date_part('year', age(DATE '2025-12-31', birth_date)) > 75) AS over_75
FROM patient
GROUP BY ethnic_category, sex
ORDER BY 1, 2"""
FUNNEL = """SELECT p.site, count(*) AS people, count(*) FILTER (WHERE p.sex = 'female') AS women
FROM patient p GROUP BY p.site ORDER BY p.site"""

TREND = """SELECT date_trunc('month', e.start_at) AS month, p.sex, count(*) AS encounters
FROM encounter e JOIN patient p USING (person)
GROUP BY 1, 2 ORDER BY 1, 2"""


def write(page, sql):
    """Into the editor, as somebody types who chose all of it before."""
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(sql)
    # The editor looks a moment later at what was typed.
    page.wait_for_function("(sql) => editor.getValue() === sql", arg=sql)


def ask(page, key=None):
    """By the button, or by a key in the editor; until the answer is there."""
    before = page.url
    if key:
        page.keyboard.press(key)
    else:
        page.get_by_role("button", name="Ask").click()
    page.wait_for_url(lambda url: "/workbench/questions/" in url and url != before)
    expect(page.locator("#answer-title")).to_have_text("Answer")


def question(mine):
    page = mine.page
    mine.go("/")
    page.wait_for_url("**/workbench")
    expect(page.get_by_label("Under which agreement")).to_have_value("demo-planning")
    expect(page.locator(".sheet summary").first).to_contain_text("until")
    mine.look("workbench")
    page.get_by_label("Find a table or a column").fill("ethnic")
    expect(page.locator("#tables [data-item]:visible")).to_have_count(1)
    page.locator("#tables summary:visible").click()
    expect(page.locator("#tables")).to_contain_text("NHS ethnic category")
    page.get_by_label("Find a table or a column").fill("")
    page.get_by_role("link", name="People by sex, each counted once").click()
    page.locator(".CodeMirror").click()
    ask(page, "Control+Enter")
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    expect(page.locator("#receipt-title ~ .lead")).to_have_text("3 of 3 organisations answered.")
    expect(page.locator(".receipt")).to_contain_text("National data opt-outs were left out")
    mine.look("answer")


def withheld(mine):
    page = mine.page
    write(page, GROUPS)
    ask(page)
    expect(page.locator("#rows .withheld").first).to_have_text("withheld")
    told = page.evaluate(
        "fetch(location.pathname + '/download/json').then((answer) => answer.json())")
    assert told["withheld"], "no value of the answer is withheld"
    assert page.locator("#rows .withheld").count() == len(told["withheld"])
    # What is known of one that is withheld stands beside it, as the receipt has it.
    note = next(note for note in told["receipt"]["bounds"] if note["column"] == "over_75")
    bound = next(value for value in note["values"] if value.get("upper") and value["keys"][0] == "C")
    row = page.locator(f"#rows tr:has(td:text-is('C')):has(td:text-is('{bound['keys'][1]}'))")
    expect(row.locator(".bounds").first).to_have_text(f"{bound['lower']} to {bound['upper']}")
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(io.StringIO(open(file.value.path(), newline="").read())))
    assert rows[0] == [column["name"] for column in told["columns"]] and len(rows) == len(told["rows"]) + 1
    with page.expect_download() as file:
        page.get_by_role("link", name="Parquet").click()
    assert open(file.value.path(), "rb").read(4) == b"PAR1"
    mine.look("answer-withheld")
    return len(told["rows"])


def own_tools(mine, password, rows):
    """What is copied runs as it is, where the certificate of the node lies, and gives as many rows."""
    page = mine.page
    library = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../.lib/python")
    ways = {
        "psql": (["sh", "-s"], "", f"({rows} rows)"),
        "pandas": (["python3", "-"], "print(len(answer), 'rows')", f"{rows} rows"),
        "R": (["R", "--slave"], "cat(nrow(answer), 'rows')", f"{rows} rows"),
    }
    for name, (program, more, wanted) in ways.items():
        page.locator("summary", has_text=name).get_by_text(name, exact=True).click()
        page.get_by_role("button", name=f"Copy for {name}").click()
        copied = page.evaluate("navigator.clipboard.readText()")
        told = subprocess.run(
            program, input=f"{copied}\n{more}\n", cwd=os.environ["NODE_HOME"], text=True, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PGPASSWORD": password, "PYTHONPATH": library}).stdout
        assert wanted in told, f"{name} said:\n{told}\nof\n{copied}"


def charts(mine):
    page = mine.page
    drawn = json.loads(page.locator("canvas").get_attribute("data-chart"))
    assert drawn["kind"] == "bars" and drawn["labels"][0] == "A · female", drawn
    write(page, FUNNEL)
    ask(page)
    page.get_by_label("Kind").select_option("funnel")
    page.get_by_label("Of these (funnel)").select_option(label="women")
    page.get_by_label("Among (funnel)").select_option(label="people")
    page.get_by_role("button", name="Draw").click()
    expect(page.locator("#chart tbody tr")).to_have_count(3)
    expect(page.locator("#chart")).to_contain_text("within the limits")
    # It is drawn: not all of the canvas is empty.
    assert page.evaluate("""() => {
        const canvas = document.querySelector("canvas[data-chart]");
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return data.some((byte, place) => place % 4 === 3 && byte > 0);
    }""")
    mine.look("funnel")


def over_time(mine):
    """Lines stand on an axis of time, one for each group, and are broken where there is no number."""
    page = mine.page
    write(page, TREND)
    ask(page)
    told = page.evaluate(
        "fetch(location.pathname + '/download/json').then((answer) => answer.json())")
    expect(page.get_by_label("Kind")).to_have_value("lines")
    drawn = json.loads(page.locator("canvas").get_attribute("data-chart"))
    assert drawn["kind"] == "time", drawn
    assert [line["name"] for line in drawn["series"]] == ["female", "male"], drawn["series"]
    moments = [tick["x"] for tick in drawn["ticks"]]
    assert moments == sorted(set(moments)) and len(moments) > 6, moments
    assert all(re.fullmatch(r"[A-Z][a-z]{2} \d{4}", tick["label"]) for tick in drawn["ticks"]), drawn["ticks"]
    # Every number of the answer stands at its month, and nothing else does.
    for line in drawn["series"]:
        shown = {
            datetime.datetime.fromtimestamp(point["x"] / 1000, datetime.timezone.utc).strftime("%Y-%m-%d"): point["y"]
            for point in line["values"] if point["y"] is not None}
        wanted = {row[0][:10]: row[2] for row in told["rows"] if row[1] == line["name"] and row[2] is not None}
        assert shown == wanted, (line["name"], shown, wanted)
        # No line leads over a month that has no number.
        for one, other in zip(line["values"], line["values"][1:]):
            if one["y"] is not None and other["y"] is not None:
                assert other["x"] - one["x"] <= 31 * 86_400_000, (line["name"], one, other)
    expect(page.locator("#chart figcaption")).to_have_text("encounters over time (month), a line for each sex")
    mine.look("lines")
    # Years are numbers in the answer, and a time in the chart.
    write(page, "SELECT date_part('year', birth_date) AS birth_year, count(*) AS people FROM patient GROUP BY 1")
    ask(page)
    drawn = json.loads(page.locator("canvas").get_attribute("data-chart"))
    assert drawn["kind"] == "time" and [line["name"] for line in drawn["series"]] == ["people"], drawn
    assert all(re.fullmatch(r"(19|20)[0-9]{2}", tick["label"]) for tick in drawn["ticks"]), drawn["ticks"]
    page.get_by_label("Kind").select_option("bars")
    page.get_by_role("button", name="Draw").click()
    assert json.loads(page.locator("canvas").get_attribute("data-chart"))["kind"] == "bars"


def agreements(mine):
    """Whoever may ask under several chooses one: what it says changes, and the question is asked under it."""
    page = mine.page
    mine.go("/workbench")
    under = page.get_by_label("Under which agreement")
    sheet = page.locator(".sheet:visible")
    expect(sheet).to_have_count(1)
    expect(sheet.locator("summary")).to_contain_text("Planning for the demonstration")
    before = sheet.locator("summary").inner_text()
    under.select_option("winter-beds")
    expect(sheet).to_have_count(1)
    expect(sheet.locator("summary")).to_contain_text("Winter beds")
    expect(sheet.locator("summary")).to_contain_text(re.compile(r"ends in (29|30) days"))
    assert sheet.locator("summary").inner_text() != before
    sheet.locator("summary").click()
    expect(sheet).to_contain_text("Beds in the coming winter")
    expect(sheet).not_to_contain_text("Imperial")
    mine.look("workbench-agreement")
    write(page, "SELECT sex, count(*) AS people FROM patient GROUP BY sex ORDER BY sex")
    ask(page)
    expect(page.locator("#receipt-title ~ .lead")).to_have_text("2 of 2 organisations answered.")
    expect(page.locator(".receipt")).to_contain_text("Capacity and demand")
    # Whoever goes on is still under the same one.
    expect(under).to_have_value("winter-beds")
    expect(sheet.locator("summary")).to_contain_text("Winter beds")
    under.select_option("demo-planning")
    expect(sheet.locator("summary")).to_contain_text("Planning for the demonstration")
    ask(page)
    expect(page.locator("#receipt-title ~ .lead")).to_have_text("3 of 3 organisations answered.")
    # What an agreement does not cover is not asked under it.
    under.select_option("winter-beds")
    write(page, "SELECT count(*) AS records FROM condition")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#answer-title")).to_have_text("There is no answer")
    page.get_by_role("link", name="History").click()
    expect(page.locator("table tbody tr").filter(has_text="winter-beds").first).to_be_visible()


def plans_and_faults(mine):
    page = mine.page
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    expect(page.locator(".flow-site")).to_contain_text("Kingston Hospital")
    mine.look("plan")
    write(page, "SELECT sex,\n  count(*) FROM patient WHERE birth_date = DATE '1950-04-01' GROUP BY sex")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("alert")).to_contain_text("only be used by its year")
    expect(page.locator("mark")).to_have_text("birth_date")
    mine.look("fault")
    # A purpose that is narrower than the agreement's is answered too.
    page.get_by_label("Under which agreement").select_option(label="Commissioning of services")
    write(page, "SELECT count(*) AS people FROM patient")
    ask(page)
    expect(page.locator(".receipt")).to_contain_text("Commissioning of services")


def saved(mine):
    page = mine.page
    page.get_by_text("Save this question").click()
    page.get_by_label("Name").fill("people_now")
    page.get_by_label("What it is for").fill("<b>all</b> people")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("'people_now' is saved")
    # Nothing that people write is taken for a part of a page.
    expect(page.locator("article p").first).to_have_text("<b>all</b> people")
    page.get_by_role("button", name="Refresh the table").click()
    expect(page.get_by_role("status")).to_contain_text("has 1 row now")
    mine.look("saved")
    page.get_by_role("link", name="Open").click()
    expect(page.locator("textarea#sql")).to_have_value("SELECT count(*) AS people FROM patient")
    page.get_by_role("link", name="Saved questions").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing is saved yet")
    page.get_by_role("link", name="History").click()
    expect(page.locator(".runs li").first).to_contain_text("answered")
    mine.look("history")
    page.locator("table tbody a").first.click()
    expect(page.get_by_role("heading", name="Receipt", level=1)).to_be_visible()
    mine.look("receipt")
    mine.go("/agreements/demo-planning")
    mine.look("agreement")


def measures(mine):
    page = mine.page
    mine.go("/workbench/measures")
    expect(page.get_by_role("main")).to_contain_text("There are no measures yet")
    page.get_by_text("Make a measure").click()
    page.get_by_label("Name").fill("diabetes_register")
    page.get_by_label("Question, in SQL").fill("SELECT count(*) AS n FROM condition")
    page.get_by_role("button", name="Make it").click()
    # What is wrong is said, and nothing that was written is lost.
    expect(page.get_by_role("alert")).to_contain_text("says which period it is about")
    expect(page.get_by_label("Name")).to_have_value("diabetes_register")
    mine.look("measure-fault")
    page.get_by_label("Question, in SQL").fill("SELECT count(*) AS n FROM condition WHERE onset_date <= :as_at")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("status")).to_contain_text("RJ1: the measure waits for a person at RJ1")
    mine.look("measures")
    page.get_by_role("button", name="Ask for the last period").click()
    expect(page.get_by_role("alert")).to_contain_text("every site refused")
    expect(page.get_by_role("alert")).to_contain_text("waits for a person at RYJ")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("main")).to_contain_text("There are no measures yet")


def without_packages(chromium, origin, user, password):
    """Where Debian's packages are not installed: a text area, and numbers without a picture."""
    with visit(chromium, origin) as bare:
        page = bare.page
        page.route("**/assets/codemirror*.js*", lambda route: route.abort())
        page.route("**/assets/chart.js*", lambda route: route.abort())
        bare.sign_in(user, password)
        page.get_by_label("Question, in SQL").fill("SELECT sex, count(DISTINCT person) AS people FROM patient GROUP BY sex")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#rows tbody tr")).to_have_count(2)
        expect(page.locator("canvas")).to_be_hidden()
        bare.look("without-packages")
    return bare


def without_scripts(chromium, origin, user, password):
    """The same work where no script runs: forms and links alone."""
    with visit(chromium, origin, scripts=False) as plain:
        page = plain.page
        plain.sign_in(user, password)
        page.get_by_role("link", name="People by sex, each counted once").click()
        page.get_by_role("button", name="Ask").click()
        page.wait_for_url("**/workbench/questions/*")
        # The page looks again by itself while the question runs.
        expect(page.locator("#rows tbody tr")).to_have_count(2)
        page.get_by_label("Kind").select_option("funnel")
        page.get_by_role("button", name="Draw").click()
        expect(page.locator("#chart")).to_contain_text("Limits are exact binomial ones")
    return plain


def steps(chromium, origin, user, password):
    with visit(chromium, origin) as mine:
        mine.sign_in(user, password)
        question(mine)
        rows = withheld(mine)
        own_tools(mine, password, rows)
        charts(mine)
        over_time(mine)
        plans_and_faults(mine)
        saved(mine)
        measures(mine)
        agreements(mine)
    more = [steps(chromium, origin, user, password) for steps in (without_packages, without_scripts)]
    return [mine, *more]


journey(steps)
