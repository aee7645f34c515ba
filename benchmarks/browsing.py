"""What a browser loads for one page: how many requests, and the bytes that they brought."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Request, Response, sync_playwright

from benchmarks.peers import Missing

# Without a screen, and with nobody to ask but this machine.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@dataclass(frozen=True)
class Weight:
    """``requests``: all, and those to elsewhere; ``kilobytes``: by kind, before compression."""

    requests: int
    elsewhere: int
    kilobytes: Counter[str]


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium as the system has it. Raises Missing where it has none."""
    program = shutil.which("chromium")
    if program is None:
        raise Missing("chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        try:
            yield started
        finally:
            started.close()


def weighed(opened: Browser, address: str) -> Weight:
    """What is loaded until the network is quiet, with nothing kept from before."""
    context = opened.new_context(locale="fr")
    requests: list[Request] = []
    responses: list[Response] = []
    try:
        page = context.new_page()
        # Playwright marks the functions that it calls, and a method of a list takes no mark.
        page.on("request", lambda request: requests.append(request))
        page.on("response", lambda response: responses.append(response))
        page.goto(address, wait_until="networkidle")
        kilobytes: Counter[str] = Counter()
        for response in responses:
            kilobytes[response.request.resource_type] += size(response)
        own = urlsplit(address).netloc
        elsewhere = sum(urlsplit(request.url).netloc not in (own, "") for request in requests)
        return Weight(len(requests), elsewhere, kilobytes)
    finally:
        context.close()


def size(response: Response) -> int:
    """Bytes of a body; those of a redirect are none."""
    try:
        return len(response.body())
    except Error:
        return 0
