"""A governance lead at her desk: what was asked, an agreement read, tried, signed, suspended and resumed; an objection;
opt-out lists; one person's letter; the register for the data protection officer. HOME has what the test laid there."""

import json
import os
import re

from console import expect, journey, visit

HOME = os.environ["HOME"]


def asked(desk):
    page = desk.page
    desk.go("/desk")
    expect(page.get_by_role("heading", level=1)).to_have_text("What was asked")
    expect(page.get_by_text("How many records, for each sex of patient.").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d+ numbers? left")).first).to_be_visible()
    expect(page.get_by_text(re.compile("The list of the Type 1 opt-out .* may be used until"))).to_be_visible()
    desk.look("desk-asked")
    # By the keyboard alone: into the field, search.
    page.get_by_label("Words").focus()
    page.keyboard.type("condition diabetes")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=condition*")
    expect(page.get_by_role("listitem").filter(has_text="codelist ‘diabetes’").first).to_be_visible()
    assert page.locator(".entries > li").count() == 1
    desk.go("/desk?q=nobody-wrote-this")
    expect(page.get_by_text("No question fits.")).to_be_visible()
    desk.look("desk-asked-nothing")
    desk.go("/desk?outcome=refused")
    expect(page.get_by_text("Nothing left.").first).to_be_visible()
    desk.go("/desk?q=sex")
    one = page.get_by_role("listitem").filter(has_text="How many records, for each sex of patient.").first
    one.locator("h2 a").click()
    expect(page.get_by_role("heading", name="The exact question")).to_be_visible()
    expect(page.locator("pre").first).to_contain_text("GROUP BY")
    expect(page.get_by_role("region", name="What left, part 1")).to_be_visible()
    desk.look("desk-question")
    page.get_by_role("link", name=re.compile(r"^\d+$")).click()
    expect(page.get_by_text("proven", exact=True)).to_be_visible()
    text = page.locator("main").inner_text()
    assert "GROUP BY" not in text, "the log has the question's text"


def register(desk):
    page = desk.page
    desk.go("/desk")
    with page.expect_download() as download:
        page.get_by_role("button", name="As CSV, for a spreadsheet").click()
    lines = open(download.value.path(), encoding="utf-8", newline="").read().split("\r\n")
    assert lines[0].startswith("log_entry,asked_at,requester"), lines[0]
    assert len(lines) > 3
    with page.expect_download() as download:
        page.get_by_role("button", name="As JSON, for a program").click()
    questions = json.load(open(download.value.path(), encoding="utf-8"))
    assert any("GROUP BY" in part["sql"] for question in questions for part in question["parts"])
    page.get_by_role("button", name="As a page to print").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Register of questions")
    desk.look("desk-register")
    desk.paper("desk-register")


def agreement(desk):
    page = desk.page
    desk.go("/desk/agreements")
    expect(page.get_by_role("heading", level=1)).to_have_text("Agreements")
    desk.look("desk-agreements")
    page.get_by_role("link", name="Read one that you were sent").click()
    page.get_by_label("What is in the file").fill("this is no agreement")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    desk.look("desk-agreement-paste")
    page.get_by_label("Choose the file").set_input_files(f"{HOME}/desk.json")
    expect(page.get_by_label("What is in the file")).not_to_have_value("this is no agreement")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter pressure")
    page.get_by_label("A question of your own").fill("SELECT lsoa, count(*) FROM patient GROUP BY lsoa")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="What it would permit, tried today")).to_be_visible()
    expect(page.get_by_text("would be answered", exact=True).first).to_be_visible()
    expect(page.get_by_text("would not be answered", exact=True).first).to_be_visible()
    desk.look("desk-agreement-tried")
    page.get_by_label("I have read it").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="You have signed it")).to_be_visible()
    desk.look("desk-agreement-signed")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    download.value.save_as(f"{HOME}/desk-signed.json")
    page.get_by_role("button", name="Take it over").click()
    expect(page.get_by_role("status")).to_contain_text("in force")
    page.get_by_role("link", name="Winter pressure").click()
    expect(page.get_by_text("In force", exact=True)).to_be_visible()
    desk.look("desk-agreement")
    desk.paper("desk-agreement")


def halt(desk):
    page = desk.page
    desk.go("/desk/agreements/desk")
    page.get_by_label("Reason").first.fill("We look into a complaint")
    page.get_by_label("Stop all answers under this agreement now.").check()
    page.get_by_role("button", name="Suspend now").click()
    expect(page.get_by_role("status")).to_contain_text("suspended")
    expect(page.get_by_text("Suspended", exact=True)).to_be_visible()
    desk.look("desk-agreement-suspended")
    page.locator("#resume-reason").fill("The complaint was answered")
    page.get_by_label("Questions may be answered again.").check()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("In force", exact=True)).to_be_visible()


def people(desk, number):
    page = desk.page
    desk.go("/desk/objections")
    expect(page.get_by_text("No objection is on record.")).to_be_visible()
    page.get_by_label("NHS number").fill("999 000 0001")
    page.get_by_label("Reason").fill("wrote to us")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("alert")).to_contain_text("not an NHS number")
    desk.look("desk-objections-refused")
    page.get_by_label("NHS number").fill(number)
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("status")).to_contain_text("about all uses beyond their own care is upheld")
    assert number not in page.content(), "the number is shown"
    desk.look("desk-objections")
    page.get_by_text(re.compile("Withdraw objection")).click()
    page.get_by_label("Why it is withdrawn").fill("The person asked for it")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text("No objection is on record.")).to_be_visible()
    one_kind(desk, number)
    desk.go("/desk/opt-outs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Opt-out lists")
    national = page.locator("section", has_text="National data opt-out")
    expect(national).to_contain_text("7 days")
    expect(national).to_contain_text("two days before it is too old")
    soon = page.locator("section", has_text="Type 1 opt-out")
    expect(soon.get_by_text("too old soon", exact=True)).to_be_visible()
    expect(soon).to_contain_text("ask the operator for a new list now")
    desk.look("desk-opt-outs")
    desk.go("/desk/person")
    desk.look("desk-person")
    page.get_by_label("NHS number").fill(number)
    page.get_by_role("button", name="Write the letter").click()
    expect(page.get_by_role("article")).to_contain_text("Yours")
    assert number not in page.url
    desk.look("desk-letter")
    desk.paper("desk-letter")


def one_kind(desk, number):
    """To one kind of use, with what is part of it; refused where one of it is upheld already; withdrawn."""
    page = desk.page
    page.get_by_label("NHS number").fill(number)
    page.get_by_label("One kind of use:").check()
    kinds = page.get_by_label("Kind of use", exact=True)
    assert "Care of the person the data is about" not in kinds.inner_text(), "their own care is no such use"
    kinds.select_option(label="Planning and management of health and care services")
    page.get_by_label("Reason").fill("Does not want planning")
    desk.look("desk-objection-kind")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("status")).to_contain_text("and every kind of it is upheld: in force")
    entry = page.locator(".entries > li")
    expect(entry).to_contain_text(
        "about the use \u2018Planning and management of health and care services\u2019 and every kind of it")
    page.get_by_label("NHS number").fill(number)
    page.get_by_label("One kind of use:").check()
    page.get_by_label("Kind of use", exact=True).select_option("planning")
    page.get_by_label("Reason").fill("The same again")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("alert")).to_contain_text("is upheld already")
    expect(page.get_by_label("One kind of use:")).to_be_checked()
    page.get_by_text(re.compile("Withdraw objection")).click()
    page.get_by_label("Why it is withdrawn").fill("The person asked for it")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text("No objection is on record.")).to_be_visible()


def steps(chromium, origin, user, password):
    number = open(f"{HOME}/desk.number", encoding="utf-8").read().strip()
    with visit(chromium, origin) as desk:
        desk.sign_in(user, password)
        asked(desk)
        register(desk)
        agreement(desk)
        halt(desk)
        people(desk, number)
    # Nothing of it needs a script.
    with visit(chromium, origin, scripts=False) as plain:
        plain.sign_in(user, password)
        page = plain.page
        plain.go("/desk")
        page.get_by_label("Words").fill("sex")
        page.get_by_role("button", name="Search").click()
        page.locator(".entries > li h2 a").first.click()
        expect(page.get_by_role("heading", name="The exact question")).to_be_visible()
        plain.go("/desk/agreements/desk")
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_role("heading", name="What it would permit, tried today")).to_be_visible()
    return [desk, plain]


journey(steps)
