"""Dates as a reader's language writes them; sources often know the year or the month alone."""

from __future__ import annotations

import re
from datetime import date

from babel.dates import format_date, format_skeleton

from endpoint.language import reader_language

# The English of Europe, where the day stands before the month.
LOCALES = {"en": "en_GB"}
# After the date there may be a time or a zone; anything else makes it no date, such as 1998-2002.
PARTIAL = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})(T[0-9:.]+)?)?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def written_date(text: str) -> str:
    """An ``xsd:gYear``, ``xsd:gYearMonth`` or ``xsd:date`` in words; what is none stays as it is.

    https://www.w3.org/TR/xmlschema-2/#date
    """
    found = PARTIAL.fullmatch(text)
    if found is None:
        return text
    if found["month"] is None:
        return found["year"]
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"] or 1))
    except ValueError:
        return text
    language = reader_language()
    locale = LOCALES.get(language, language)
    if found["day"] is None:
        return format_skeleton("yMMMM", day, locale=locale)
    return format_date(day, format="long", locale=locale)
