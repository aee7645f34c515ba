"""The names by which readers know licences; in the data they are IRIs."""

from __future__ import annotations

LICENCES = {
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence": "Licence Ouverte",
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence/": "Licence Ouverte",
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0",
    "http://creativecommons.org/licenses/by-sa/3.0/igo/": "CC BY-SA 3.0 IGO",
    "https://www.apache.org/licenses/LICENSE-2.0": "Apache 2.0",
}


def licence_name(licence: str) -> str:
    """A short name, or the address without its scheme."""
    known = LICENCES.get(licence)
    return known or licence.removeprefix("https://").removeprefix("http://")
