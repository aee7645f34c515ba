"""``atlas query``: the same answers as over HTTP, in process, with exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from tests.endpoint.serving import ATLAS, environment
from tests.endpoint.test_sparql import CONSTRUCT, SELECT
from tests.endpoint.world import EXAMPLE, NANCY


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ATLAS, "query", *words],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def written(folder: Path, text: str) -> str:
    path = folder / "question.rq"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_named_query_answers_in_csv_where_there_is_no_terminal(home: Path) -> None:
    done = run(home, "cq49_label", "--param", f"thing={NANCY}", "-p", "language=fr")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nancy" in done.stdout
    assert "," in done.stdout.splitlines()[0]


def test_a_file_answers_in_the_asked_format(home: Path, tmp_path: Path) -> None:
    done = run(home, "--file", written(tmp_path, SELECT), "--format", "json")
    assert len(json.loads(done.stdout)["results"]["bindings"]) == 2
    done = run(home, "--file", written(tmp_path, CONSTRUCT), "--format", "nt")
    assert len(done.stdout.splitlines()) == 2


def test_on_a_terminal_the_answer_is_a_table(home: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environ = environment(home, COLUMNS="150", TERM="dumb")
    arguments = [ATLAS, "query", "--file", written(tmp_path, SELECT)]
    done = subprocess.run(arguments, env=environ, stdout=theirs, timeout=120, check=False)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode("utf-8")
    os.close(ours)
    assert done.returncode == 0
    assert "Maxéville @fr" in shown
    assert "2 answers" in shown


def test_an_ask_in_a_table_is_one_word(home: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "ASK { ?s ?p ?o }")
    assert run(home, "--file", path, "--format", "table").stdout == "true\n"


def test_the_illustrative_graph_is_seen_only_where_it_is_named(home: Path, tmp_path: Path) -> None:
    every = run(home, "--file", written(tmp_path, "SELECT ?g { GRAPH ?g {} }")).stdout
    assert EXAMPLE not in every
    assert len(every.split()) == 3
    named = f"SELECT ?g {{ VALUES ?g {{ <{EXAMPLE}> }} GRAPH ?g {{}} }}"
    assert EXAMPLE in run(home, "--file", written(tmp_path, named)).stdout


def test_the_queries_of_the_examples_are_there(home: Path) -> None:
    names = set(re.findall(r"cq[0-9]+_\w+", run(home, "--help").stdout))
    assert names
    assert names <= set(run(home, "--list").stdout.split())


def test_the_list_says_name_and_parameters(home: Path) -> None:
    done = run(home, "--list")
    assert done.returncode == 0
    assert "cq49_label [thing=…] [language=…]" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("cq49_lable",), "did you mean cq49_label?"),
        (("cq49_label", "-p", "thing"), "not of the form name=value"),
        (("cq49_label", "-p", "nothing=1"), "no parameter 'nothing'"),
        (("cq49_label", "--format", "turtle"), "it can be json, xml, csv, tsv"),
        ((), "Give the name of a query or --file"),
    ],
)
def test_a_bad_call_is_one_sentence_and_exit_code_2(
    home: Path, words: tuple[str, ...], says: str
) -> None:
    done = run(home, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "text", ["SELECT ?x {", "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "CLEAR ALL"]
)
def test_a_file_that_is_no_query_of_ours_is_exit_code_2(
    home: Path, tmp_path: Path, text: str
) -> None:
    done = run(home, "--file", written(tmp_path, text))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("atlas: ")
    assert "Traceback" not in done.stderr


def test_with_no_generation_it_says_to_build_one(tmp_path: Path) -> None:
    done = run(tmp_path, "cq49_label")
    assert done.returncode == 2
    assert "run atlas build first" in done.stderr
