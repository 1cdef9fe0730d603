"""Signing in and out, the account, what is not there, and who may not come in."""

from console import expect, journey, visit


def steps(chromium, origin, user, password):
    with visit(chromium, origin) as stranger:
        page = stranger.page
        stranger.go("/workbench?from=x")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        stranger.look("sign-in")
        page.get_by_label("User").fill(user)
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("do not fit")
        stranger.look("sign-in-refused")
        # Where one wanted to go is where one comes.
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/workbench?from=x")
        stranger.go("/nothing")
        expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
        stranger.look("nothing")
        stranger.go("/account")
        expect(page.get_by_role("main")).to_contain_text("analyst")
        stranger.look("account")
        # The keyboard alone: past the navigation, to the page.
        page.reload()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status")).to_have_text("You are signed out.")
        stranger.go("/account")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    return [stranger]


journey(steps)
