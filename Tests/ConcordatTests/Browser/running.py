"""A question that one organisation does not answer: its progress, and breaking it off. That site is stopped by who runs this."""

from console import expect, journey, visit


def steps(chromium, origin, user, password):
    with visit(chromium, origin) as mine:
        page = mine.page
        mine.sign_in(user, password)
        mine.go("/workbench?sql=SELECT+sex,+count(*)+AS+records+FROM+condition+JOIN+patient+USING+(person)+GROUP+BY+sex")
        page.get_by_role("button", name="Ask").click()
        page.wait_for_url("**/workbench/questions/*")
        # The others' answers come in while the page stands there.
        expect(page.locator("#progress-words")).to_have_text("2 of 3 have answered.")
        expect(page.locator(".sites li", has_text="Kingston")).to_contain_text("waiting")
        expect(page.locator(".sites li", has_text="Imperial")).to_contain_text("answered")
        # Once only: a site that does nothing is given up after a while.
        mine.look("running", widths=[1440], schemes=["light"])
        page.get_by_role("button", name="Break it off").click()
        expect(page.get_by_role("heading", name="Broken off")).to_be_visible()
        mine.look("broken-off")
        page.get_by_role("link", name="History").click()
        expect(page.locator(".runs li").first).to_contain_text("broken off")
    return [mine]


journey(steps)
