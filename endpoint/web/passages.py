"""Where in a document something stands, in the reader's words."""

from __future__ import annotations

import re

from endpoint.language import translate

PARAGRAPH = re.compile(r"paragraph (\d+)")


def passage(locator: str) -> str:
    """The passage that an ``atlas:locator`` names; "" where it is only the document's address."""
    numbered = PARAGRAPH.fullmatch(locator)
    if numbered:
        return translate("site.paragraph", number=numbered[1])
    return "" if locator.startswith(("http://", "https://")) else locator
