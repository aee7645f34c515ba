"""The national atlas, served, and a real browser that opens its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.clients.tools import tool
from tests.endpoint.serving import Served, serving
from tests.web.watching import Opener

# No rights to lose, and nobody asked but the atlas of the test.
ALONE = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
# Much else may run beside a browser: what is expected gets as long as a page does.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def national(national_home: Path) -> Iterator[Served]:
    """``atlas serve`` over the national atlas."""
    with serving(national_home, ATLAS_WORKERS="2") as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a screen; Playwright brings none of its own."""
    program = tool("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ALONE)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens pages; afterwards nothing may have gone wrong in them that the test did not expect."""
    opener = Opener(chromium, lambda: request.getfixturevalue("national"))
    yield opener
    opener.close()
    unexpected = opener.unexpected()
    assert not unexpected, "\n".join(unexpected)
