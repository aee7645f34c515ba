"""Pages opened in a real browser, and everything that went wrong in them."""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError

from tests.endpoint.serving import Served

DESKTOP = (1280, 900)
PHONE = (390, 844)
# Bytes a second that a slow visitor gets; what is sent is not slowed down.
DROPS = {"offline": False, "downloadThroughput": 400_000, "uploadThroughput": -1}


class Opener:
    """Opens pages of a served atlas, each as a new visitor, and notes what goes wrong in them.

    Noted are errors on the console, errors no script caught, requests that failed and requests
    to another host. The test fails for each of them that it did not ``expect``.
    """

    def __init__(self, browser: Browser, site: Callable[[], Served]) -> None:
        self.browser = browser
        self.site = site
        self.contexts: list[BrowserContext] = []
        self.problems: list[str] = []
        self.expected: list[str] = []

    def __call__(
        self,
        path: str,
        *,
        language: str = "fr",
        phone: bool = False,
        scripts: bool = True,
        dark: bool = False,
        status: int = 200,
        site: Served | None = None,
    ) -> Page:
        """The page at ``path``, loaded; of the national atlas unless ``site`` is another."""
        address = (site or self.site()).address
        width, height = PHONE if phone else DESKTOP
        context = self.browser.new_context(
            base_url=address,
            locale=language,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        self.contexts.append(context)
        self.watch(context, urlsplit(address).netloc)
        page = context.new_page()
        self.slow_down(context, page)
        if status >= 400:  # The browser says so on its console.
            self.expect(f"status of {status}")
        answer = page.goto(path)
        assert answer, path
        assert answer.status == status, f"{path}: {answer.status}"
        return page

    def slow_down(self, context: BrowserContext, page: Page) -> None:
        """Let answers come late and in drops, and scripts run slowly, where the tests are told to.

        ``ATLAS_TEST_LATENCY`` is the delay of an answer in milliseconds. A test that reads a page
        before it has come whole passes on a quick machine alone; it fails with this.
        """
        latency = int(os.environ.get("ATLAS_TEST_LATENCY", "0"))
        if latency:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {"latency": latency, **DROPS})
            session.send("Emulation.setCPUThrottlingRate", {"rate": 2})

    def expect(self, *parts: str) -> None:
        """Let pass what has one of these parts in its line."""
        self.expected.extend(parts)

    def watch(self, context: BrowserContext, host: str) -> None:
        """Note what goes wrong in this visitor's pages, those that open by themselves included."""

        def console(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.problems.append(f"console: {message.text} ({message.location['url']})")

        def request(request: Request) -> None:
            where = urlsplit(request.url)
            if where.scheme not in ("data", "blob") and where.netloc != host:
                self.problems.append(f"foreign request: {request.method} {request.url}")

        def failed(request: Request) -> None:
            # Given up by the page itself, or a file that was saved instead of shown.
            if request.failure != "net::ERR_ABORTED":
                self.problems.append(f"failed: {request.method} {request.url}: {request.failure}")

        def error(error: WebError) -> None:
            self.problems.append(f"uncaught: {error.error}")

        context.on("console", console)
        context.on("request", request)
        context.on("requestfailed", failed)
        context.on("weberror", error)

    def close(self) -> None:
        """End every visit; whatever was still under way has been noted then."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()

    def unexpected(self) -> list[str]:
        """What was noted and not expected."""
        return [line for line in self.problems if not any(part in line for part in self.expected)]
