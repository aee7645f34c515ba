"""A page in French or Spanish has no English of its own, and marks what sources say in English."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.endpoint.serving import Served
from tests.web.addresses import PAGES, Address
from tests.web.languages import unmarked_english

# Names that their sources say are French, and a citation whose language no source says.
AS_SOURCES_HAVE_IT = (
    "Alliance for Responsible and Sustainable Societies",
    "CITEGO – Cities Territories Governance for a transition",
    "Amit Joshi, Luis Gonzalez Morales, Szymon Klarman, and Aaron Helton. 2019.",
)


@pytest.mark.national
@pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
def test_no_page_of_another_language_has_english_of_its_own(
    national: Served, address: Address
) -> None:
    for language in ("fr", "es"):
        headers = {"Accept": "text/html", "Accept-Language": language}
        page = national.fetch(address.path, headers=headers)
        if page.status == 308:
            there = urlsplit(page.headers["Location"])
            page = national.fetch(there.path, headers=headers)
        assert page.status == 200
        found = [
            line
            for line in unmarked_english(page.text)
            if not any(text in line for text in AS_SOURCES_HAVE_IT)
        ]
        assert not found, "\n".join(found)


def test_english_is_told_from_french_and_spanish() -> None:
    page = """<html lang="fr"><body><p>Le territoire est un système de relations.</p>
        <p>The territory is a system.</p><p lang="en">The territory is a system.</p>
        <p lang="es">El territorio es un sistema.</p><img alt="Map of the towns"><br>
        <p lang="en"><bdi>Name of the town</bdi></p><code>the code</code></body></html>"""
    found = list(unmarked_english(page))
    assert [line.partition(": ")[2] for line in found] == [
        "The territory is a system.",
        "Map of the towns",
    ]
