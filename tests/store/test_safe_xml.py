"""XML that nobody vouches for."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.errors import MalformedSource
from store.parsing.safe_xml import MAXIMUM_DEPTH, elements

FILE = Path("file.xml")


def refused(content: bytes) -> MalformedSource:
    with pytest.raises(MalformedSource) as caught:
        list(elements(FILE, content, ("a",)))
    return caught.value


def test_a_wanted_element_comes_whole_with_what_is_around_it() -> None:
    content = b"<root>\n<group name='g'>\n<a id='1'>one<b>two <c>three</c></b></a></group></root>"
    [(element, ancestors)] = elements(FILE, content, ("a",))
    assert (element.attributes, element.line, element.text) == ({"id": "1"}, 3, "one")
    assert element.whole_text() == "one two three"
    assert [(one.name, one.attributes) for one in ancestors] == [
        ("root", {}),
        ("group", {"name": "g"}),
    ]


def test_elements_around_the_wanted_ones_are_not_kept() -> None:
    content = b"<root>" + b"<a/><z>text</z>" * 3 + b"</root>"
    [*_, (_, ancestors)] = elements(FILE, content, ("a",))
    assert (ancestors[0].children, ancestors[0].text) == ([], "")


def test_a_doctype_is_refused_even_when_it_declares_nothing() -> None:
    error = refused(b"<?xml version='1.0'?>\n<!DOCTYPE root>\n<root/>")
    assert error.line == 2
    assert "DOCTYPE" in error.reason


def test_an_entity_that_is_not_xml_s_own_is_refused() -> None:
    assert refused(b"<root>\n\n<a>&eacute;</a></root>").line == 3


def test_xml_that_stops_midway_is_refused_at_its_last_line() -> None:
    assert refused(b"<root>\n<a>\n").line == 3


def test_a_byte_that_is_not_utf_8_is_told_with_its_line() -> None:
    error = refused("<root>\n<a>é</a></root>".encode("latin-1"))
    assert (error.line, "0xe9 is not UTF-8" in error.reason) == (2, True)


def test_declared_encodings_are_read() -> None:
    for encoding in ("iso-8859-1", "utf-16"):
        content = f"<?xml version='1.0' encoding='{encoding}'?><a>é</a>".encode(encoding)
        [(element, _)] = elements(FILE, content, ("a",))
        assert element.text == "é"


@pytest.mark.parametrize("encoding", ["utf-7", "no-such-encoding", "utf-32"])
def test_an_encoding_that_xml_parsers_need_not_know_is_refused(encoding: str) -> None:
    refused(f"<?xml version='1.0' encoding='{encoding}'?><a/>".encode())


def test_nesting_is_bounded() -> None:
    deep = b"<a>" * MAXIMUM_DEPTH + b"</a>" * MAXIMUM_DEPTH
    assert len(list(elements(FILE, deep, ("b",)))) == 0
    assert "nests" in refused(b"<z>" + deep + b"</z>").reason


def test_an_empty_file_is_refused() -> None:
    assert "no element found" in refused(b"").reason
