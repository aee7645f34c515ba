"""Who is told that nobody wants the answer any more."""

from __future__ import annotations

from store.cancellation import Cancellation


def test_all_that_is_under_way_is_stopped_and_nothing_that_has_ended() -> None:
    cancellation, stopped = Cancellation(), []
    with cancellation.stopping(lambda: stopped.append("first")):
        with cancellation.stopping(lambda: stopped.append("ended")):
            pass
        with cancellation.stopping(lambda: stopped.append("second")):
            cancellation.cancel()
    assert stopped == ["first", "second"]


def test_what_begins_after_a_cancellation_is_stopped_at_once() -> None:
    cancellation, stopped = Cancellation(), []
    cancellation.cancel()
    with cancellation.stopping(lambda: stopped.append("late")):
        assert stopped == ["late"]
