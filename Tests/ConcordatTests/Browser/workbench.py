"""An analyst's work: a question from an example to its answer, chart, receipt and files; plans, faults, saved questions."""

import csv
import io
import json

from console import expect, journey, visit

BY_SITE = """SELECT p.site, p.sex, p.ethnic_category, count(*) AS people,
       avg(date_part('year', age(DATE '2025-12-31', p.birth_date))) AS mean_age
FROM patient p GROUP BY p.site, p.sex, p.ethnic_category ORDER BY 1, 2, 3"""
FUNNEL = """SELECT p.site, count(*) AS people, count(*) FILTER (WHERE p.sex = 'female') AS women
FROM patient p GROUP BY p.site ORDER BY p.site"""


def write(page, sql):
    """Into the editor, as somebody types who chose all of it before."""
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(sql)


def asked(page):
    page.wait_for_url("**/workbench/questions/*")
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
    page.keyboard.press("Control+Enter")
    asked(page)
    expect(page.locator("#rows tbody tr")).to_have_count(2)
    expect(page.locator("#receipt-title ~ .lead")).to_have_text("3 of 3 organisations answered.")
    expect(page.locator(".receipt")).to_contain_text("National data opt-outs were left out")
    mine.look("answer")


def withheld(mine):
    page = mine.page
    write(page, BY_SITE)
    page.get_by_role("button", name="Ask").click()
    asked(page)
    expect(page.locator("#rows .withheld").first).to_have_text("withheld")
    told = page.evaluate(
        "fetch(location.pathname + '/download/json').then((answer) => answer.json())")
    assert told["withheld"], "no value of the answer is withheld"
    assert page.locator("#rows .withheld").count() == len(told["withheld"])
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(io.StringIO(open(file.value.path(), newline="").read())))
    assert rows[0] == [column["name"] for column in told["columns"]] and len(rows) == len(told["rows"]) + 1
    with page.expect_download() as file:
        page.get_by_role("link", name="Parquet").click()
    assert open(file.value.path(), "rb").read(4) == b"PAR1"
    page.get_by_text("psql", exact=True).click()
    page.get_by_role("button", name="Copy for psql").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "dbname=demo-planning" in copied and "GROUP BY p.site" in copied, copied
    mine.look("answer-withheld")


def charts(mine):
    page = mine.page
    drawn = json.loads(page.locator("canvas").get_attribute("data-chart"))
    assert drawn["kind"] == "bars" and drawn["labels"][0] == "RAX"
    write(page, FUNNEL)
    page.get_by_role("button", name="Ask").click()
    asked(page)
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
    page.get_by_role("button", name="Ask").click()
    asked(page)
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
        withheld(mine)
        charts(mine)
        plans_and_faults(mine)
        saved(mine)
    return [mine, without_scripts(chromium, origin, user, password)]


journey(steps)
