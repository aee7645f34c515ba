"""Makes the first pages ready before a reader asks for them.

What these pages count is counted once for each generation and kept in the process that counted it;
whoever asks first would wait for it. So each server process asks for them itself, when it starts
and when a generation was published: one page at a time, one process at a time, and as one client
among the others, who waits for a query worker as they do.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO

from flask import Flask, url_for
from werkzeug.test import EnvironBuilder, run_wsgi_app

from endpoint.language import LANGUAGES
from endpoint.site import Site, site_of
from endpoint.web.constraints.shapes import project_rules
from endpoint.web.propose.check import prepared as shapes_to_judge_by
from endpoint.web.sections import FIRST
from endpoint.wire import metrics
from endpoint.wire.addresses import HTML
from endpoint.wire.aside import LONG, apart

# The program by whose name the queue of queries knows these requests.
AGENT = "atlas-preparing"
# Seconds between two looks: for another generation, for the turn, for a moment when nobody waits.
EVERY = 0.5
# Seconds for which a page lets those who wait go first; and the pause after a page, as long as the
# page took but no longer than this.
PATIENCE, PAUSE = 2.0, 0.2
# The rest after all pages, in times of what they took, and the longest in seconds: who publishes
# without end has a process spend no more than a third of its time on pages that nobody may read.
REST, LONGEST_REST = 2, 30.0

Going = Callable[[], bool]

log = logging.getLogger("atlas.pages")


def watch(app: Flask, turn: IO[bytes], going: Going) -> None:
    """Prepare each generation that comes to be served, in the background, as long as ``going``.

    ``turn``: a file that all server processes have from their parent; whoever locks it works.
    """
    threading.Thread(target=_follow, args=(app, turn, going), name="preparing", daemon=True).start()


def _follow(app: Flask, turn: IO[bytes], going: Going) -> None:
    site, done = site_of(app), None
    while going():
        number = site.generation
        if number is not None and number != done:
            with _turn(turn, going):
                began = time.monotonic()
                if prepare(app, number, going):
                    done = number
                    metrics.PREPARED.set(number)
                took = time.monotonic() - began
            time.sleep(min(REST * took, LONGEST_REST))
        time.sleep(EVERY)


@contextmanager
def _turn(turn: IO[bytes], going: Going) -> Iterator[None]:
    """The block runs in one process at a time; a process that dies gives its turn back."""
    while going():
        try:
            # The kind of lock that belongs to a process: all have inherited the same open file.
            fcntl.lockf(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            time.sleep(EVERY)
    try:
        yield
    finally:
        fcntl.lockf(turn, fcntl.LOCK_UN)


def prepare(app: Flask, number: int, going: Going) -> bool:
    """Have the first pages of a generation made in every language; whether all were asked for.

    It breaks off where another generation came to be served meanwhile.
    """
    site, began = site_of(app), time.monotonic()
    for read_once in (shapes_to_judge_by, project_rules):
        apart(read_once, size=LONG)
    wanted = [(language, address) for language in LANGUAGES for address in addresses(app)]
    made = 0
    for language, address in wanted:
        _let_others_go_first(site)
        if not going() or site.generation != number:
            return False
        page_began = time.monotonic()
        made += status(app, address, language) == 200
        time.sleep(min(PAUSE, time.monotonic() - page_began))
    log.info(
        "Prepared %d of %d first pages of generation %d in %.1f s.",
        *(made, len(wanted), number, time.monotonic() - began),
    )
    return True


def addresses(app: Flask) -> list[str]:
    """The paths of the first pages, with their parameters."""
    with app.test_request_context():
        return [url_for(first.route, **first.values) for first in FIRST]


def status(app: Flask, address: str, language: str) -> int:
    """Ask the application for a page, and forget the page: its answers are what is kept.

    What counts and logs requests stands around the application and is passed by: nobody sent this.
    """
    asked = EnvironBuilder(
        path=address,
        headers=[("Accept", HTML), ("Accept-Language", language), ("User-Agent", AGENT)],
    )
    application = partial(Flask.wsgi_app, app)
    _, said, _ = run_wsgi_app(application, asked.get_environ(), buffered=True)
    return int(said.split()[0])


def _let_others_go_first(site: Site) -> None:
    ends = time.monotonic() + PATIENCE
    while site.engine.stats()["waiting"] and time.monotonic() < ends:
        time.sleep(EVERY)
