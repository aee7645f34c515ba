from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from atlas.errors import BadRow, MalformedSource
from loaders import rows
from loaders.rows import Problems, csv_rows, json_array, json_lines, read_text


def test_text_is_read_plain_or_gzip_without_its_byte_order_mark(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.txt", tmp_path / "b.txt"
    plain.write_bytes(b"\xef\xbb\xbfH\xc3\xa9r\xc3\xa9mence")
    packed.write_bytes(gzip.compress("Hérémence".encode()))
    assert read_text(plain) == read_text(packed) == "Hérémence"


def test_a_byte_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin1.csv"
    path.write_bytes("code,nom\n01001,Abergement\n01002,Ambérieu\n".encode("latin-1"))
    with pytest.raises(MalformedSource, match=r"latin1\.csv, line 3: byte 0xe9 is not UTF-8"):
        read_text(path)


def test_utf16_is_named(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("code\n", encoding="utf-16")
    with pytest.raises(MalformedSource, match="is UTF-16; save it as UTF-8"):
        read_text(path)


def test_gzip_that_stops_midway_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 100)[:-12])
    with pytest.raises(MalformedSource, match="damaged gzip"):
        read_text(path)


def test_a_gzip_bomb_is_refused_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"\0" * 4 * 2**20))
    with pytest.raises(MalformedSource, match="unpacks to more than 1 MiB"):
        rows.read_bytes(path, limit=2**20)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match=r"none\.csv: cannot be read: No such file"):
        read_text(tmp_path / "none.csv")


def test_members_of_a_json_array_come_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('\n[ {"a":\n 1}, {"a": 2},\n\n{"a": 3}\n]', encoding="utf-8")
    assert list(json_array(path)) == [(2, {"a": 1}), (3, {"a": 2}), (5, {"a": 3})]


def test_an_empty_array_has_no_members(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(" [ ] ", encoding="utf-8")
    assert list(json_array(path)) == []


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('[\n{"a": 1},\n{"a": 2}', 3, "stops midway"),
        ('[\n{"a": 1},\n{"a": "b', 3, "stops midway"),
        ('[\n{"a": 1},\n{"a": 2', 3, "stops midway"),
        ('[\n{"a": 1},\n', 3, "stops midway"),
        ('[\n{"a": 1}\n{"a": 2}]', 3, "is not JSON"),
        ('{"a": 1}', 1, "is not JSON"),
        ("", 1, "stops midway"),
        ('[\n{"a": 1},\n7]', 3, "not an object"),
    ],
)
def test_a_broken_array_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, what: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MalformedSource, match=what) as caught:
        list(json_array(path))
    assert caught.value.line == line


def test_json_nested_too_deep_is_told(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(MalformedSource, match="nests too deep"):
        list(json_array(path))


def test_json_lines_pass_over_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\r\n\n{"a": "\u2028"}\n', encoding="utf-8")
    assert list(json_lines(path)) == [(1, {"a": 1}), (3, {"a": "\u2028"})]


@pytest.mark.parametrize(
    ("last", "what"),
    [
        ('{"a": 2', "stops midway"),
        ('{"a": "tw', "stops midway"),
        ("two", "is not JSON"),
        ("[]", "object"),
    ],
)
def test_a_broken_line_of_json_lines_is_told(tmp_path: Path, last: str, what: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n' + last, encoding="utf-8")
    with pytest.raises(MalformedSource, match=what) as caught:
        list(json_lines(path))
    assert caught.value.line == 2


def test_csv_rows_have_the_line_on_which_they_begin(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('code,nom\n1,"deux\nlignes"\n2,b\n', encoding="utf-8")
    assert list(csv_rows(path, ("code", "nom"))) == [
        (2, {"code": "1", "nom": "deux\nlignes"}),
        (4, {"code": "2", "nom": "b"}),
    ]


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,nom\n1,a\n", encoding="utf-8")
    with pytest.raises(MalformedSource, match="no column 'siren'; its columns are: code, nom"):
        list(csv_rows(path, ("code", "siren")))


def test_an_empty_csv_has_no_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.touch()
    with pytest.raises(MalformedSource, match="no column 'code'; its columns are: none"):
        list(csv_rows(path, ("code",)))


def test_a_row_with_too_few_cells_is_a_bad_row(tmp_path: Path, make_source: Callable) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,nom\n1\n2,b\n", encoding="utf-8")
    problems = Problems(make_source(on_error="skip"))
    assert list(csv_rows(path, ("code",), problems)) == [(3, {"code": "2", "nom": "b"})]
    assert problems.rows == [
        f"{path}, line 2: field 'row' is '1': the row has 1 cells and the header 2."
    ]


def test_a_quote_that_never_closes_is_told_with_the_line_it_opens(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('code\n1\n"2\n3\n', encoding="utf-8")
    with pytest.raises(MalformedSource, match="line 3: is not CSV"):
        list(csv_rows(path, ("code",)))


def test_a_bad_row_stops_where_the_source_says_stop(make_source: Callable) -> None:
    problems = Problems(make_source(on_error="stop"))
    expected = re.escape("a.csv, line 7: field 'siren' is '12': a SIREN is nine digits.")
    with pytest.raises(BadRow, match=expected):
        problems.bad("a.csv", 7, "siren", "12", "a SIREN is nine digits.")


def test_a_bad_row_is_collected_and_told_where_the_source_says_skip(make_source: Callable) -> None:
    told: list[BadRow] = []
    problems = Problems(make_source(on_error="skip"), told.append)
    problems.bad("a.csv", 7, "siren", "12", "a SIREN is nine digits.")
    assert len(problems) == 1
    assert (told[0].line, told[0].field, told[0].value) == (7, "siren", "12")


def test_every_line_of_a_large_array_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"n": n} for n in range(1000)], indent=0), encoding="utf-8")
    assert [row["n"] for _, row in json_array(path)] == list(range(1000))
