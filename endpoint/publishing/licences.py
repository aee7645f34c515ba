"""The names by which readers know licences; in the data they are IRIs."""

from __future__ import annotations

import re

LICENCES = {
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence": "Licence Ouverte",
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence/": "Licence Ouverte",
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0",
    "http://creativecommons.org/licenses/by-sa/3.0/igo/": "CC BY-SA 3.0 IGO",
    "https://www.apache.org/licenses/LICENSE-2.0": "Apache 2.0",
    "https://www.gnu.org/licenses/agpl-3.0.html": "AGPL 3.0",
    "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12": "EUPL 1.2",
}
# Those that ask the same licence of whatever is mixed with the data.
SHARE_ALIKE = re.compile(r"/licenses/by(-nc)?-sa/|odbl|/[al]?gpl|gfdl|fdl-", re.IGNORECASE)


def licence_name(licence: str) -> str:
    """A short name, or the address without its scheme."""
    known = LICENCES.get(licence)
    return known or licence.removeprefix("https://").removeprefix("http://")
