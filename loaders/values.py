"""What cells and elements of sources hold: dates, addresses, languages, names for IRIs, HTML."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date
from html.parser import HTMLParser

from pyoxigraph import Literal, NamedNode

from loaders.terms import DATE, YEAR, YEAR_MONTH

# Spreadsheets write a year as a number with decimals.
PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?|\.0)?")
ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+", re.IGNORECASE)
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SLUG_LENGTH = 60
DIGEST_LENGTH = 8
# Letters that Unicode does not take apart.
LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o"})
# What separates text from text where it is shown.
BLOCKS = {"br", "p", "li", "ul", "ol", "div", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}
UNSEEN = {"script", "style"}


def trimmed(value: str) -> str:
    """The text without blanks at its ends, no-break ones included, nor blanks beside line ends."""
    return "\n".join(line.strip() for line in value.strip().splitlines())


def one_line(value: str) -> str:
    return " ".join(value.split())


def partial_date(value: str) -> Literal | None:
    """A year, a month or a day as what it is; None where it is none of them."""
    found = PARTIAL_DATE.fullmatch(value.strip())
    if not found:
        return None
    year, month, day = found.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day:
        return Literal(f"{year}-{month}-{day}", datatype=DATE)
    if month:
        return Literal(f"{year}-{month}", datatype=YEAR_MONTH)
    return Literal(year, datatype=YEAR)


def address(value: str) -> NamedNode | None:
    """An http or https address as an IRI; None where it is none."""
    text = value.strip()
    if not ADDRESS.fullmatch(text):
        return None
    try:
        return NamedNode(text)
    except ValueError:
        return None


def language_tag(value: str) -> str | None:
    """A language tag (``fr``, ``pt-BR``) in its usual case; None where it is none."""
    tag = value.strip().replace("_", "-")
    if not LANGUAGE.fullmatch(tag):
        return None
    first, *rest = tag.split("-")
    tag = "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])
    try:
        Literal("", language=tag)
    except ValueError:
        return None
    return tag


def slug(value: str) -> str:
    """Lower-case Latin letters and digits joined by hyphens; a digest where there are none."""
    apart = unicodedata.normalize("NFKD", value.translate(LIGATURES))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or digest(value)


def short_slug(value: str) -> str:
    """The beginning of the slug, cut between words."""
    whole = slug(value)
    if len(whole) <= SLUG_LENGTH:
        return whole
    return whole[: SLUG_LENGTH + 1].rpartition("-")[0] or whole[:SLUG_LENGTH]


def digest(*values: str) -> str:
    """A few characters that tell these values from others."""
    joined = "\n".join(values).encode()
    return hashlib.sha256(joined).hexdigest()[:DIGEST_LENGTH]


def plain_text(html: str) -> str:
    """What a reader of the HTML sees, a line per block; tags, scripts and comments are dropped."""
    seen = Seen()
    seen.feed(html)
    seen.close()
    lines = (one_line(line) for line in "".join(seen.parts).splitlines())
    return "\n".join(line for line in lines if line)


class Seen(HTMLParser):
    """Collects the text between tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.unseen += tag in UNSEEN
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in UNSEEN and self.unseen > 0
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data.replace("\n", " "))
