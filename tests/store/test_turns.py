"""Who writes next, when several wait."""

from __future__ import annotations

from store.writing.turns import Turn, Turns


def order(names: str) -> str:
    """In which order those are served that all came while the first one was at work."""
    turns, waiting = Turns(), [Turn(name) for name in names]
    for turn in waiting:
        turns.join(turn)
    served = ""
    while waiting:
        (now,) = [turn for turn in waiting if turns.has(turn)]
        served += now.by
        waiting.remove(now)
        turns.leave(now)
    return served


def test_one_writer_is_served_in_the_order_in_which_he_came() -> None:
    turns, first, second, third = Turns(), Turn("a"), Turn("a"), Turn("a")
    for turn in (first, second, third):
        turns.join(turn)
    turns.leave(first)
    assert turns.has(second)
    turns.leave(third)
    assert turns.has(second)
    assert len(turns) == 1


def test_many_writes_of_one_keep_nobody_else_waiting_for_more_than_one() -> None:
    assert order("aaaab") == "abaaa"
    assert order("aaabbbc") == "abcabab"


def test_who_comes_when_nobody_is_there_begins_at_once() -> None:
    turns, turn = Turns(), Turn("a")
    for _ in range(3):
        turns.join(turn)
        assert turns.has(turn)
        turns.leave(turn)
    assert not len(turns)
