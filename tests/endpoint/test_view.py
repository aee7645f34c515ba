"""What a page reads off a solution, whatever the data holds."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode

from endpoint.solutions import Solution


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("-3", -3),
        ("12.7", 12),
        ("1e5", 100_000),
        ("", 0),
        ("abc", 0),
        ("²", 0),
        ("INF", 0),
        ("NaN", 0),
        ("1e999999999", 0),
        ("9" * 5_000, 0),
    ],
)
def test_a_number_is_read_and_what_is_none_counts_nothing(text: str, number: int) -> None:
    assert Solution(n=Literal(text)).number("n") == number


def test_what_is_not_bound_is_empty() -> None:
    solution = Solution(thing=NamedNode("http://example.org/a"), name=Literal("un", language="fr"))
    assert solution.number("count") == 0
    assert (solution.text("other"), solution.language("thing")) == ("", "")
    assert (solution.text("thing"), solution.language("name")) == ("http://example.org/a", "fr")
