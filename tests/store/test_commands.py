"""``atlas generations``, ``rollback`` and ``dump`` as a user calls them."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

ATLAS = Path(sys.executable).parent / "atlas"
EX = "http://example.org/graph/"
AS_WRITTEN = '<urn:a> <urn:b> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
Publish = Callable[..., int]


def atlas(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ATLAS_HOME": str(home)}
    return subprocess.run(
        [ATLAS, *words], capture_output=True, text=True, env=environment, check=False
    )


@pytest.fixture
def home(tmp_path: Path, publish: Publish) -> Path:
    home = tmp_path / "home"
    publish(home, places="<urn:old> <urn:b> <urn:c> .\n")
    publish(
        home,
        places=AS_WRITTEN,
        invented="<urn:i> <urn:b> <urn:c> .\n",
        unverified="<urn:u> <urn:b> <urn:c> .\n",
    )
    return home


def test_generations_lists_them_and_marks_the_served_one(home: Path) -> None:
    rows = [json.loads(line) for line in atlas(home, "generations", "--json").stdout.splitlines()]
    assert [(row["number"], row["graphs"], row["served"]) for row in rows] == [
        (1, 1, False),
        (2, 3, True),
    ]
    assert "*" in atlas(home, "generations").stdout


def test_rollback_moves_the_mark(home: Path) -> None:
    assert atlas(home, "rollback", "1").returncode == 0
    rows = [json.loads(line) for line in atlas(home, "generations", "--json").stdout.splitlines()]
    assert [row["served"] for row in rows] == [True, False]


def test_rollback_to_nowhere_is_one_sentence_and_exit_code_2(home: Path) -> None:
    done = atlas(home, "rollback", "9")
    assert (done.returncode, done.stderr) == (
        2,
        "atlas: There is no generation 9; kept: 1, 2.\n",
    )


@pytest.mark.parametrize(("form", "engine"), [("nq", RdfFormat.N_QUADS), ("trig", RdfFormat.TRIG)])
def test_a_dump_holds_literals_as_written_and_says_whose_it_is(
    home: Path, tmp_path: Path, form: str, engine: RdfFormat
) -> None:
    output = tmp_path / f"atlas.{form}"
    done = atlas(home, "dump", "-o", output)
    assert done.returncode == 0, done.stderr
    xsd_integer = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    assert list(parse(path=str(output), format=engine)) == [
        Quad(
            NamedNode("urn:a"),
            NamedNode("urn:b"),
            Literal("01", datatype=xsd_integer),
            NamedNode(EX + "places"),
        )
    ]
    head = output.read_text("utf-8")
    assert "licence: https://creativecommons.org/licenses/by/4.0/" in head
    assert "attribution: A body with two lines" in head


def test_what_may_not_be_given_away_is_left_out_with_the_reason(home: Path) -> None:
    done = atlas(home, "dump")
    assert "invented is left out: it is illustrative" in done.stderr
    assert "unverified is left out: its licence is not verified" in done.stderr
    assert "urn:i" not in done.stdout
    assert "urn:u" not in done.stdout


def test_a_graph_that_is_named_is_dumped_alone(home: Path) -> None:
    done = atlas(home, "dump", "--graph", "invented")
    assert [line for line in done.stdout.splitlines() if not line.startswith("#")] == [
        f"<urn:i> <urn:b> <urn:c> <{EX}invented> ."
    ]


def test_a_packed_dump_is_the_same_bytes_each_time(home: Path, tmp_path: Path) -> None:
    for name in ("one.nq.gz", "two.nq.gz"):
        assert atlas(home, "dump", "-o", tmp_path / name).returncode == 0
    assert (tmp_path / "one.nq.gz").read_bytes() == (tmp_path / "two.nq.gz").read_bytes()
    assert AS_WRITTEN.split()[0].encode() in gzip.decompress((tmp_path / "one.nq.gz").read_bytes())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--graph", "none"], "has no graph 'none'; it has: places, invented, unverified."),
        (["--gzip"], "Packed output needs a file"),
        (["--generation", "9"], "There is no generation 9"),
        (["-o", "/nowhere/atlas.nq"], "/nowhere"),
    ],
)
def test_a_dump_that_cannot_be_is_one_sentence(home: Path, words: list[str], sentence: str) -> None:
    done = atlas(home, "dump", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_older_generation_can_be_dumped(home: Path) -> None:
    assert "<urn:old>" in atlas(home, "dump", "--generation", "1").stdout


def test_without_a_generation_the_sentence_says_what_to_run(tmp_path: Path) -> None:
    done = atlas(tmp_path, "dump")
    assert done.returncode == 2
    assert "run atlas build" in done.stderr
