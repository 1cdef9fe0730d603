"""An auditor: the log, an entry with its proof, the whole log checked. Nothing here changes anything."""

from console import expect, journey, visit


def steps(chromium, origin, user, password):
    with visit(chromium, origin) as auditor:
        auditor.sign_in(user, password)
        page = auditor.page
        auditor.go("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("The log")
        auditor.look("log")
        page.get_by_label("Kind of entry").select_option(label="Numbers left")
        page.get_by_role("button", name="Show").click()
        region = page.get_by_role("region", name="Entries, newest first")
        expect(region).to_contain_text("demo-planning")
        region.get_by_role("link").first.click()
        expect(page.get_by_text("proven", exact=True)).to_be_visible()
        expect(page.get_by_text("hashes lead from it to the head")).to_be_visible()
        assert page.get_by_role("link", name="See the question and what left").count() == 0
        auditor.look("log-entry")
        auditor.go("/log?before=40")
        page.get_by_role("link", name="Check the log").click()
        page.get_by_role("button", name="Check all of it").click()
        expect(page.get_by_role("status")).to_contain_text("The log is sound")
        auditor.look("log-verification")
        # A question's text is not the auditor's.
        auditor.go("/desk")
        expect(page.get_by_role("heading", level=1)).to_contain_text("You may not do this")
        assert page.locator("main form").count() == 0
    return [auditor]


journey(steps)
