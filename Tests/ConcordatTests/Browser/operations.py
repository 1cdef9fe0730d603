"""An operator: how the node does, what was set aside and tried again, data quality, peers and dates."""

from console import expect, journey, visit


def steps(chromium, origin, user, password):
    with visit(chromium, origin) as operator:
        operator.sign_in(user, password)
        page = operator.page
        operator.go("/operations")
        expect(page.get_by_role("heading", level=1)).to_have_text("How the node does")
        expect(page.get_by_text("concordat/RJ1")).to_be_visible()
        operator.look("operations")
        page.get_by_role("link", name="Data taken in").click()
        expect(page.get_by_text("1 record could not be taken in.")).to_be_visible()
        expect(page.get_by_text("Complete").first).to_be_visible()
        operator.look("operations-data")
        page.get_by_role("link", name="See each record").click()
        operator.look("operations-quarantine")
        page.get_by_role("region").get_by_role("link").first.click()
        expect(page.locator("pre")).to_contain_text("Patient")
        operator.look("operations-record")
        operator.go("/operations/data")
        page.get_by_role("button", name="Try all again").click()
        expect(page.get_by_role("status")).to_contain_text("still set aside")
        page.get_by_role("link", name="Data quality").click()
        page.get_by_role("button", name="Make the report").click()
        expect(page.get_by_role("heading", name="What needs attention")).to_be_visible(timeout=120_000)
        operator.look("operations-quality")
        operator.paper("operations-quality")
        page.get_by_role("link", name="Peers, keys and dates").click()
        peers = page.get_by_role("region", name="Other nodes of the federation")
        expect(peers).to_contain_text("QWE")
        # What is not known at first is a moment later; the page is there at once.
        for _ in range(60):
            if not page.get_by_role("link", name="look again").count():
                break
            page.wait_for_timeout(500)
            page.get_by_role("link", name="look again").click()
        expect(peers.get_by_text("reached", exact=True).first).to_be_visible()
        expect(peers).to_contain_text("there and back in")
        missed = peers.get_by_role("row").filter(has_text="RYJ")
        expect(missed.get_by_text("not reached", exact=True)).to_be_visible()
        expect(missed).to_contain_text("never reached yet")
        expect(missed).to_contain_text("Nothing answers at this address")
        operator.look("operations-peers")
        # Not her desk.
        operator.go("/desk")
        expect(page.get_by_role("heading", level=1)).to_contain_text("You may not do this")
    return [operator]


journey(steps)
