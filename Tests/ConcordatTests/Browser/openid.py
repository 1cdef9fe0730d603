"""Signing in by the provider's button, as analyst and as somebody with no role, and out again, here and at the provider."""

from console import expect, journey, visit


def button(mine):
    mine.go("/sign-in")
    mine.page.get_by_role("link", name="Sign in with your organisation").click()
    expect(mine.page.get_by_role("heading", name="Authorize Client")).to_be_visible()


def at_provider(mine):
    return [cookie for cookie in mine.page.context.cookies() if cookie["name"] == "provider-session"]


def analyst(mine, origin):
    page = mine.page
    mine.go("/sign-in")
    mine.look("openid-sign-in")
    button(mine)
    page.get_by_role("button", name="1", exact=True).click()
    page.wait_for_url(f"{origin}/workbench")
    assert at_provider(mine)
    expect(page.get_by_role("navigation", name="Sections").get_by_role("link")).to_have_text(["Workbench"])
    mine.go("/account")
    expect(page.get_by_role("main")).to_contain_text("joan@icb.example")
    expect(page.get_by_role("main").locator(".tag")).to_have_text(["analyst"])
    session = {cookie["name"]: cookie for cookie in page.context.cookies()}["__Host-concordat"]
    assert session["httpOnly"] and session["secure"] and session["sameSite"] == "Strict"
    page.get_by_role("button", name="Sign out").click()
    # The page between sends itself on, to the provider's own question.
    expect(page.get_by_role("heading", name="End Session")).to_be_visible()
    if "id_token_hint" in page.url or "state" in page.url:
        mine.faults.append(f"what only the provider may know stands in an address: {page.url}")
    # The session here has ended already, whatever becomes of the provider's.
    assert "__Host-concordat" not in [cookie["name"] for cookie in page.context.cookies()]
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{origin}/signed-out?state=*")
    expect(page.get_by_role("status")).to_contain_text("You are signed out, here and at your organisation")
    assert not at_provider(mine)
    mine.look("openid-signed-out")
    mine.go("/workbench")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # A link of somebody else's tells nobody that they are signed out.
    mine.go("/signed-out?state=x")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)


def nobody(mine):
    """Whoever the provider knows and this node does not is told so in words, on a page."""
    page = mine.page
    button(mine)
    page.get_by_role("button", name="3", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
    expect(page.get_by_role("main")).to_contain_text("You have no role at this node: ask its operator.")
    mine.look("openid-no-role")
    button(mine)
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("main")).to_contain_text("The provider refused.")


def by_hand(mine, origin, name=None):
    """Where nothing sends the page between on, it has a button."""
    page = mine.page
    button(mine)
    page.get_by_role("button", name="1", exact=True).click()
    page.wait_for_url(f"{origin}/workbench")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out here")).to_be_visible()
    if name:
        mine.look(name)
    page.get_by_role("button", name="Sign out there as well").click()
    expect(page.get_by_role("heading", name="End Session")).to_be_visible()


def steps(chromium, origin, user, password):
    visits = []
    with visit(chromium, origin) as mine:
        visits.append(mine)
        analyst(mine, origin)
        nobody(mine)
    with visit(chromium, origin) as mine:
        visits.append(mine)
        mine.page.add_init_script("HTMLFormElement.prototype.requestSubmit = () => {}")
        by_hand(mine, origin, "openid-signing-out")
    with visit(chromium, origin, scripts=False) as mine:
        visits.append(mine)
        by_hand(mine, origin)
    return visits


journey(steps)
