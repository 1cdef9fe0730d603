"""A browser at a node's console: signs in, looks at pages as people do, and keeps what it saw.

A journey is a program of this folder: `journey.py ORIGIN USER PASSWORD`. It fails with what was wrong, or says what it
did. Chromium is Debian's; SCREENSHOTS names a folder for pictures of each page at each width and in both schemes.
"""

import os
import sys
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

WIDTHS = [1440, 375]
SCHEMES = ["light", "dark"]
# Width and scheme in which rules are checked: the contrast of each scheme, and what is another on a phone.
CHECKED = {(1440, "light"), (375, "light"), (1440, "dark")}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Milliseconds; every test of the project may be running beside this.
PATIENCE = 60_000


class Visit:
    def __init__(self, page, origin):
        self.page = page
        self.origin = origin
        self.shots = os.environ.get("SCREENSHOTS")
        self.faults = []
        self.seen = []
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._hear)

    def _hear(self, message):
        # A page that says no (403, 404, 422) is told to the console as well; what else is there is a fault.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.faults.append(f"{self.page.url}: {message.text}")

    def go(self, path):
        return self.page.goto(self.origin + path)

    def sign_in(self, user, password):
        self.go("/sign-in")
        self.page.get_by_label("User").fill(user)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()
        # Scripts of the page have run by then.
        self.page.wait_for_load_state()

    def look(self, name, widths=WIDTHS, schemes=SCHEMES):
        """The page as it is: no rule of WCAG 2.2 AA broken, nothing beside the screen, in both widths and schemes."""
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 900 if width > 500 else 812})
            for scheme in schemes:
                self.page.emulate_media(color_scheme=scheme)
                if self.shots:
                    self.page.screenshot(path=f"{self.shots}/{name}-{width}-{scheme}.png", full_page=True)
                if (width, scheme) not in CHECKED:
                    continue
                found = Axe().run(self.page, options=RULES)
                if found.violations_count:
                    self.faults.append(f"{name} at {width}, {scheme}:\n{found.generate_report()}")
            wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                self.faults.append(f"{name} at {width}: {wide} pixels stand beside the screen")
        self.page.set_viewport_size({"width": 1440, "height": 900})
        self.page.emulate_media(color_scheme="light")
        self.seen.append(name)

    def paper(self, name):
        """The page on paper: what only serves the screen is not there, and it fits the width of A4."""
        self.page.emulate_media(media="print")
        if self.page.locator("nav:visible, button:visible, form:visible").count():
            self.faults.append(f"{name} on paper: what serves the screen is printed")
        if self.shots:
            self.page.pdf(path=f"{self.shots}/{name}.pdf", format="A4", print_background=False)
        self.page.emulate_media(media="screen")


@contextmanager
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def visit(chromium, origin, scripts=True):
    context = chromium.new_context(
        ignore_https_errors=True, java_script_enabled=scripts, viewport={"width": 1440, "height": 900},
        permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    try:
        yield Visit(context.new_page(), origin)
    finally:
        context.close()


def journey(steps):
    """Runs `steps(chromium, origin, user, password)`, which gives its visits; ends with 1 where one had a fault."""
    origin, user, password = sys.argv[1:4]
    with browser() as chromium:
        visits = steps(chromium, origin, user, password)
    faults = [fault for one in visits for fault in one.faults]
    for fault in faults:
        print(fault)
    print("looked at:", ", ".join(name for one in visits for name in one.seen))
    sys.exit(1 if faults else 0)
