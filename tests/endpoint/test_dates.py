"""Dates in words: what a source writes is read as what it is, and anything else is left alone."""

from __future__ import annotations

import pytest
from flask import Flask

from endpoint.web.dates import written_date


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2007", "2007"),
        ("2007Z", "2007"),
        ("2007-05:00", "2007"),
        ("2002-11", "November 2002"),
        ("2007-11-14", "14 November 2007"),
        ("2007-11-14+02:00", "14 November 2007"),
        ("2026-11-29T23:59:59.5Z", "29 November 2026"),
        # A span of years is more than its first one.
        ("1998-2002", "1998-2002"),
        ("2007-11/2007-12", "2007-11/2007-12"),
        ("2007-1", "2007-1"),
        ("2007-13", "2007-13"),
        ("2007-02-30", "2007-02-30"),
        ("2007-spring", "2007-spring"),
        ("-0044", "-0044"),
        ("", ""),
    ],
)
def test_a_date_is_written_as_far_as_it_is_known(text: str, written: str) -> None:
    with Flask(__name__).test_request_context("/?lang=en"):
        assert written_date(text) == written
