"""Reading XML that nobody vouches for: no DOCTYPE, no entities, little nesting, errors with a line.

Without a DOCTYPE nothing can be declared, so neither entity bombs nor external entities exist.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from atlas.errors import MalformedSource
from store.breath import breathe

# Real files nest a dozen levels deep; parsers that recurse die at some thousands.
MAXIMUM_DEPTH = 500
CHUNK = 64 * 1024
# What expat says of bytes that are not of the encoding.
UNDECODED = ("invalid token", "partial character")


@dataclass(slots=True)
class Element:
    """An element with the line on which it begins."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def named(self, name: str) -> list[Element]:
        """The children of that name."""
        return [child for child in self.children if child.name == name]

    def value(self, name: str) -> str:
        """The text of the first child of that name that has any, blanks trimmed."""
        return next((text for child in self.named(name) if (text := child.text.strip())), "")

    def whole_text(self) -> str:
        """The text of the element and of what it holds, blanks made single spaces."""
        texts = [self.text, *(child.whole_text() for child in self.children)]
        return " ".join(word for text in texts for word in text.split())


def elements(
    path: Path | str,
    content: bytes,
    wanted: Collection[str],
    passed: Callable[[str, str], None] = lambda parent, name: None,
) -> Iterator[tuple[Element, list[Element]]]:
    """Each element of a wanted name as it ends, whole, with its ancestors (root first, empty).

    ``passed`` is called for each element that is in none of them: its parent's name ("" of the
    root), and its own.

    Raises MalformedSource with the line for a DOCTYPE, XML that is not well-formed or that stops
    midway, an encoding that is not the declared one, or nesting beyond MAXIMUM_DEPTH.
    """
    parser = create_parser(forbid_dtd=True)
    builder = Builder(wanted, parser.getLineNumber, passed)
    parser.setContentHandler(builder)
    try:
        for start in range(0, len(content) or 1, CHUNK):
            parser.feed(content[start : start + CHUNK])
            breathe()
            yield from builder.drain()
        parser.close()
    except SAXParseException as error:
        _refuse(path, content, error)
    except DefusedXmlException as error:
        raise MalformedSource(
            path,
            "has a DOCTYPE, which may hold entity bombs or read other files; remove it.",
            line=parser.getLineNumber(),
        ) from error
    except (LookupError, ValueError) as error:
        reason = f"declares an encoding that is not read here ({error}); save it as UTF-8."
        raise MalformedSource(path, reason, line=1) from error
    except TooDeep as error:
        raise MalformedSource(
            path, f"nests more than {MAXIMUM_DEPTH} elements.", line=parser.getLineNumber()
        ) from error
    yield from builder.drain()


def check(path: Path | str, content: bytes) -> None:
    """Raises MalformedSource as ``elements`` does."""
    for _ in elements(path, content, ()):
        pass


class TooDeep(Exception):
    """Elements nest beyond the limit."""


class Builder(ContentHandler):
    """Builds the elements that are wanted, and nothing of the others but what is around them."""

    def __init__(
        self,
        wanted: Collection[str],
        line: Callable[[], int],
        passed: Callable[[str, str], None],
    ) -> None:
        super().__init__()
        self.wanted, self.line, self.passed = frozenset(wanted), line, passed
        self.open: list[Element] = []
        # How many of the open elements are around the wanted one that is being built, if any is.
        self.around: int | None = None
        self.texts: list[list[str]] = []
        self.done: list[tuple[Element, list[Element]]] = []

    def drain(self) -> Iterator[tuple[Element, list[Element]]]:
        done, self.done = self.done, []
        yield from done

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 (SAX's name)
        if len(self.open) == MAXIMUM_DEPTH:
            raise TooDeep
        if self.around is None and name in self.wanted:
            self.around = len(self.open)
        elif self.around is None:
            self.passed(self.open[-1].name if self.open else "", name)
        element = Element(name, dict(attrs.items()), self.line())
        if self.around is not None and len(self.open) > self.around:
            self.open[-1].children.append(element)
        self.open.append(element)
        self.texts.append([])

    def characters(self, content: str) -> None:
        if self.around is not None:
            self.texts[-1].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        element = self.open.pop()
        element.text = "".join(self.texts.pop())
        if self.around == len(self.open):
            self.done.append((element, list(self.open)))
            self.around = None


def _refuse(path: Path | str, content: bytes, error: SAXParseException) -> NoReturn:
    line = error.getLineNumber()
    reason = error.getMessage()
    if any(said in reason for said in UNDECODED) and b"encoding" not in content[:200]:
        try:
            content.decode()
        except UnicodeDecodeError as undecoded:
            byte, line = content[undecoded.start], content.count(b"\n", 0, undecoded.start) + 1
            reason = f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8"
            raise MalformedSource(path, f"{reason}.", line=line) from error
    raise MalformedSource(path, f"is not well-formed XML ({reason}).", line=line) from error
