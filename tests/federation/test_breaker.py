"""A partner that fails again and again is left alone, and tried once in a while."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from atlas.errors import ClientGone, Forbidden, PartnerFailed, PartnerLimit, PartnerRefused
from federation.exchange.breaker import CLOSED, HALF_OPEN, OPEN, Breakers
from federation.partner import Partner

PARTNER, OTHER = Partner("lorraine"), Partner("andes")


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    return Breakers(failures=3, pause=10, clock=clock)


def ask(breakers: Breakers, error: Exception | None = None, partner: Partner = PARTNER) -> None:
    with breakers.guard(partner):
        if error is not None:
            raise error


def fail(breakers: Breakers, times: int = 1) -> None:
    for _ in range(times):
        error = PartnerFailed("lorraine", "did not answer in time.")
        with pytest.raises(PartnerFailed) as caught:
            ask(breakers, error)
        assert caught.value is error


def test_so_many_failures_in_a_row_open_it_and_the_query_is_told_why(breakers: Breakers) -> None:
    fail(breakers, 2)
    assert breakers.state("lorraine") == CLOSED
    fail(breakers)
    assert breakers.state("lorraine") == OPEN
    with pytest.raises(PartnerFailed) as caught:
        ask(breakers)
    assert str(caught.value) == (
        "The partner lorraine failed 3 times in a row and is left alone for now; "
        "it is tried again in 10 s. The last time it did not answer in time."
    )


def test_a_success_in_between_starts_the_count_again(breakers: Breakers) -> None:
    fail(breakers, 2)
    ask(breakers)
    fail(breakers, 2)
    assert breakers.state("lorraine") == CLOSED


def test_other_partners_are_asked_as_before(breakers: Breakers) -> None:
    fail(breakers, 3)
    ask(breakers, partner=OTHER)
    assert breakers.state("andes") == CLOSED
    assert breakers.state("nobody") == CLOSED


@pytest.mark.parametrize(
    "error",
    [
        PartnerLimit("too many rows"),
        PartnerRefused("lorraine", "answers with status 400."),
        Forbidden("a private address"),
        ClientGone("hung up"),
    ],
)
def test_only_what_is_the_partner_s_own_failure_counts(
    breakers: Breakers, error: Exception
) -> None:
    for _ in range(10):
        with pytest.raises(type(error)):
            ask(breakers, error)
    assert breakers.state("lorraine") == CLOSED


def test_after_the_pause_one_request_is_let_through(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, 3)
    clock.now += 10
    assert breakers.state("lorraine") == HALF_OPEN
    with breakers.guard(PARTNER):
        with pytest.raises(PartnerFailed, match="left alone"):
            ask(breakers)
        assert breakers.state("lorraine") == HALF_OPEN
    assert breakers.state("lorraine") == CLOSED
    ask(breakers)


def test_a_probe_that_fails_doubles_the_pause(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, 3)
    for pause in (10, 20, 40, 80, 160, 300, 300):
        clock.now += pause - 1
        with pytest.raises(PartnerFailed, match="left alone"):
            ask(breakers)
        clock.now += 1
        fail(breakers)
        assert breakers.state("lorraine") == OPEN


@pytest.mark.parametrize(
    "error", [ClientGone("hung up"), PartnerLimit("rows"), KeyboardInterrupt()]
)
def test_a_probe_that_says_nothing_is_followed_by_another(
    breakers: Breakers, clock: Clock, error: Exception
) -> None:
    fail(breakers, 3)
    clock.now += 10
    with pytest.raises(type(error)):
        ask(breakers, error)
    assert breakers.state("lorraine") == HALF_OPEN
    ask(breakers)
    assert breakers.state("lorraine") == CLOSED


def test_requests_that_were_on_their_way_do_not_lengthen_the_pause(
    breakers: Breakers, clock: Clock
) -> None:
    late = breakers.guard(PARTNER)
    late.__enter__()
    fail(breakers, 3)
    clock.now += 9
    error = PartnerFailed("lorraine", "was late.")
    assert not late.__exit__(type(error), error, None)
    clock.now += 1
    ask(breakers)
    assert breakers.state("lorraine") == CLOSED


def test_of_many_at_once_one_is_the_probe(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, 3)
    clock.now += 10
    within, leave = threading.Semaphore(0), threading.Event()
    outcomes: list[str] = []

    def probe() -> None:
        try:
            with breakers.guard(PARTNER):
                within.release()
                assert leave.wait(20)
            outcomes.append("probe")
        except PartnerFailed:
            outcomes.append("told")
            within.release()

    threads = [threading.Thread(target=probe) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert within.acquire(timeout=20)
    leave.set()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["probe"] + ["told"] * 7
