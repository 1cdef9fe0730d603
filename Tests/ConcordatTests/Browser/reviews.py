"""Two answers wait: a governance lead declines one with a reason, and lets the other go. In the end she revokes the
agreement."""

from console import expect, journey, visit


def figures(desk):
    """A question that comes every month: allowed once, and taken back."""
    page = desk.page
    desk.go("/desk")
    expect(page.get_by_text("1 regular figure waits for you.")).to_be_visible()
    desk.look("desk-figure-waits")
    page.get_by_role("link", name="Look at regular figures").click()
    desk.look("desk-figures")
    page.get_by_role("link", name="Look at it").click()
    expect(page.get_by_role("main")).to_contain_text("Once every month")
    desk.look("desk-figure")
    page.get_by_label("Reason").fill("   ")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("alert")).to_contain_text("Write why")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("approved")
    page.get_by_role("region", name="Regular figures that were decided").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Take it back")).to_be_visible()
    page.get_by_label("Reason").fill("No longer needed")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("status")).to_contain_text("declined")
    desk.look("desk-figures-decided")


def steps(chromium, origin, user, password):
    with visit(chromium, origin) as desk:
        desk.sign_in(user, password)
        page = desk.page
        desk.go("/desk")
        expect(page.get_by_text("2 answers wait for you.")).to_be_visible()
        page.get_by_role("link", name="Look at them").click()
        desk.look("desk-reviews")
        page.get_by_role("link", name="Look at it").first.click()
        expect(page.get_by_role("heading", name="What would leave")).to_be_visible()
        desk.look("desk-review")
        # An empty reason does not pass, with the browser's help or without.
        page.get_by_label("Reason").fill("   ")
        page.get_by_role("button", name="Decline").click()
        expect(page.get_by_role("alert")).to_contain_text("Write why")
        page.get_by_label("Reason").fill("Too fine a grain for its purpose")
        page.get_by_role("button", name="Decline").click()
        expect(page.get_by_role("status")).to_contain_text("declined")
        expect(page.get_by_role("region", name="Answers that were decided")).to_contain_text("Too fine a grain")
        page.get_by_role("link", name="Look at it").first.click()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("status")).to_contain_text("approved")
        expect(page.get_by_text("Nothing waits.")).to_be_visible()
        desk.look("desk-reviews-decided")
        figures(desk)
        desk.go("/desk/agreements/desk")
        page.locator("#revoke-reason").fill("The work is done")
        page.get_by_label("End our part in this agreement for good.").check()
        page.get_by_role("button", name="Revoke for good").click()
        expect(page.get_by_role("status")).to_contain_text("for good")
        expect(page.get_by_text("Revoked", exact=True)).to_be_visible()
    return [desk]


journey(steps)
