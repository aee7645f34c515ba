"""Who works next, without any process: the rules of the queue alone."""

from __future__ import annotations

import time

import pytest

from atlas.errors import Overloaded
from store.workers.admission import SLICE, Admission, Ticket


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def enter(admission: Admission, *clients: str) -> list[Ticket]:
    tickets = [Ticket(client) for client in clients]
    for ticket in tickets:
        admission.enter(ticket)
    return tickets


def seat(admission: Admission) -> str | None:
    ticket = admission.next()
    if ticket is None:
        return None
    admission.sit(ticket)
    return ticket.client


def test_the_client_with_the_fewest_at_work_comes_first() -> None:
    admission = Admission(4, 64)
    enter(admission, "a", "a", "a", "b")
    assert [seat(admission) for _ in range(5)] == ["a", "b", "a", "a", None]


def test_one_client_leaves_a_seat_to_the_others() -> None:
    admission = Admission(3, 64)
    enter(admission, "a", "a", "a", "a")
    assert [seat(admission) for _ in range(3)] == ["a", "a", None]
    enter(admission, "b")
    assert seat(admission) == "b"


def test_where_there_is_one_seat_everybody_may_take_it() -> None:
    admission = Admission(1, 64)
    enter(admission, "a")
    assert seat(admission) == "a"


def test_our_own_requests_come_first_and_have_no_share() -> None:
    admission = Admission(2, 64)
    enter(admission, "a", "", "")
    assert [seat(admission) for _ in range(3)] == ["", "", None]


def test_who_waits_and_leaves_is_not_called() -> None:
    admission = Admission(1, 64)
    first, _ = enter(admission, "a", "b")
    admission.leave(first)
    assert seat(admission) == "b"


def test_between_clients_the_quicker_comes_first(clock: list[float]) -> None:
    admission = Admission(1, 64)
    for client, seconds in (("slow", 3.0), ("quick", 0.01)):
        (ticket,) = enter(admission, client)
        seat(admission)
        clock[0] += seconds
        admission.rise(ticket)
    enter(admission, "slow", "unknown", "quick")
    assert seat(admission) == "quick"


def test_the_last_seat_is_given_up_by_who_sits_too_long(clock: list[float]) -> None:
    admission = Admission(2, 64)
    first, second, third = enter(admission, "a", "b", "c")
    seat(admission)
    clock[0] += 0.01
    seat(admission)
    assert admission.overstaying() is None
    clock[0] += SLICE
    assert admission.overstaying() is second
    assert first.slow
    assert not second.slow
    second.evicted = True
    assert admission.overstaying() is None  # One is enough.
    admission.rise(second)
    assert seat(admission) == "c"
    admission.enter(second)
    clock[0] += SLICE
    assert admission.overstaying() is None  # Nobody waits who is not slow.
    admission.rise(third)
    assert seat(admission) is None  # The slow seat is taken.
    admission.rise(first)
    assert seat(admission) == "b"
    assert admission.stats() == {"busy": 1, "waiting": 0, "slow": 1}


def test_nobody_gives_up_a_seat_while_nobody_waits(clock: list[float]) -> None:
    admission = Admission(2, 64)
    enter(admission, "a", "b")
    seat(admission)
    seat(admission)
    clock[0] += 100
    assert admission.overstaying() is None
    assert admission.stats()["slow"] == 0


def test_a_full_queue_lets_go_of_a_slow_request_before_it_refuses_a_new_one() -> None:
    admission = Admission(1, 2)
    slow = Ticket("a", slow=True)
    admission.enter(slow)
    enter(admission, "b", "c")
    assert slow.dropped
    with pytest.raises(Overloaded, match="ATLAS_QUEUE"):
        enter(admission, "d")


def test_what_was_counted_is_forgotten_once_nobody_is_there() -> None:
    admission = Admission(2, 64)
    tickets = enter(admission, *(f"client {number}" for number in range(50)))
    for ticket in tickets:
        admission.sit(ticket)
        admission.rise(ticket)
    assert admission.stats() == {"busy": 0, "waiting": 0, "slow": 0}
    assert not admission._at_work


def test_a_client_known_for_quick_requests_may_take_every_seat(clock: list[float]) -> None:
    admission = Admission(2, 64)
    (first,) = enter(admission, "quick")
    seat(admission)
    clock[0] += 0.01
    admission.rise(first)
    enter(admission, "quick", "quick")
    assert [seat(admission) for _ in range(2)] == ["quick", "quick"]
