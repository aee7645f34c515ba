"""What an RDF file must not hold, looked for before an RDF parser sees the file.

The engine's parsers recurse on nested JSON-LD and slow down on nested RDF/XML (4,000 levels of JSON
kill the process), expand entities without limit, and say nothing of truncated RDF/XML.
"""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Any

from atlas.errors import MalformedSource
from store.parsing import safe_xml

MAXIMUM_DEPTH = safe_xml.MAXIMUM_DEPTH
UTF_8_MARK, UTF_16_MARKS = codecs.BOM_UTF8, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
DECLARED_ENCODING = re.compile(rb"<\?xml[^>]*\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
# Strings are passed over whole: a bracket within one nests nothing.
JSON_NESTING = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
# https://www.w3.org/TR/turtle/#grammar-production-IRIREF
NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`]")


def text_syntax(path: Path | str, content: bytes) -> bytes:
    """Turtle and its kin: UTF-8, a byte order mark removed."""
    if content.startswith(UTF_16_MARKS):
        raise MalformedSource(path, "is UTF-16; save it as UTF-8.", line=1)
    return content.removeprefix(UTF_8_MARK)


def rdf_xml(path: Path | str, content: bytes) -> bytes:
    """RDF/XML that is well-formed, has no DOCTYPE and nests little, as UTF-8.

    Raises MalformedSource with the line where it is otherwise.
    """
    safe_xml.check(path, content)
    declared = DECLARED_ENCODING.match(content.removeprefix(UTF_8_MARK))
    encoding = declared.group(1).decode() if declared else "utf-8-sig"
    if content.startswith(UTF_16_MARKS):
        encoding = "utf-16"
    if encoding.lower() in ("utf-8", "utf8", "utf-8-sig"):
        return content.removeprefix(UTF_8_MARK)
    # Its lines stay where they are.
    return XML_DECLARATION.sub("", content.decode(encoding), count=1).encode()


def json_ld(path: Path | str, content: bytes) -> bytes:
    """JSON-LD that nests little, asks for no other file, and has no IRI with a forbidden character.

    JSON-LD drops what a bad IRI names without a word, so it is looked for here.
    Raises MalformedSource with the line where it is otherwise.
    """
    content = text_syntax(path, content)
    _check_nesting(path, content)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, value in items:
            _check_member(path, content, key, value)
        return dict(items)

    try:
        json.loads(content, object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8."
        raise MalformedSource(path, reason, line=line) from error
    except json.JSONDecodeError as error:
        raise MalformedSource(path, f"is not JSON: {error.msg}.", line=error.lineno) from error
    return content


def _check_nesting(path: Path | str, content: bytes) -> None:
    depth = 0
    for token in JSON_NESTING.finditer(content):
        first = content[token.start()]
        depth += (first in b"[{") - (first in b"]}")
        if depth > MAXIMUM_DEPTH:
            line = content.count(b"\n", 0, token.start()) + 1
            raise MalformedSource(path, f"nests more than {MAXIMUM_DEPTH} brackets.", line=line)


def _check_member(path: Path | str, content: bytes, key: str, value: Any) -> None:
    if key in ("@context", "@import"):
        members = value if isinstance(value, list) else [value]
        remote = next((member for member in members if isinstance(member, str)), None)
        if remote is not None:
            raise MalformedSource(
                path,
                f"takes its context from {remote}, and no other file is read; put the context in.",
                line=_line(content, remote),
            )
    elif key in ("@id", "@type") and isinstance(value, str) and NOT_IN_IRI.search(value):
        raise MalformedSource(
            path,
            f"the IRI {value!r} holds a character that no IRI may hold.",
            line=_line(content, value),
        )


def _line(content: bytes, value: str) -> int | None:
    """The line of a JSON string, where it is found as written."""
    place = content.find(json.dumps(value, ensure_ascii=False).encode())
    return content.count(b"\n", 0, place) + 1 if place >= 0 else None
