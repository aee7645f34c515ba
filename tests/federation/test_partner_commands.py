"""``atlas partners`` as an operator uses it, against sites that are really there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from atlas.errors import AtlasError
from federation.commands import partners
from federation.partner import Limits, Partner
from federation.sites.partners import PartnerFolder
from store import Generations
from tests.endpoint.world import publish_world
from tests.federation.small_site import SmallSite, small_site

DATA = "<http://x.example/a> <http://x.example/p> 1 , 2 ; a <http://x.example/C> ."
LOCAL = ("--allow-address", "127.0.0.1")


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with small_site(DATA) as site:
        yield site


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATLAS_HOME", str(tmp_path))
    return tmp_path


@dataclass(frozen=True)
class Told:
    exit_code: int
    output: str


def run(*words: str) -> Told:
    """The command; an error of ours is its sentence and its exit code, as the program has it."""
    result = CliRunner().invoke(partners, words)
    if isinstance(result.exception, AtlasError):
        return Told(result.exception.exit_code, f"{result.output}atlas: {result.exception}\n")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Told(result.exit_code, result.output)


def test_a_partner_is_added_as_it_is_told(home: Path, site: SmallSite) -> None:
    result = run(
        "add", "small", "--endpoint", site.endpoint,
        "--title", "Un site@fr", "--title", "A site@EN",
        "--homepage", f"{site.root}/", "--dump", f"{site.root}/all.ttl", "--licence", "CC0",
        "--vocabulary", "http://v.example/", "--also", "urn:x:small", "--use", "service",
        "--sends", "iris", "--timeout", "5", "--bytes", "1000000", "--rows", "10000",
        "--concurrency", "2", "--block", "50", *LOCAL,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "small.ttl written. It answers in" in result.output
    assert PartnerFolder(home).all() == {
        "small": Partner(
            "small",
            endpoint=site.endpoint,
            names=("urn:x:small",),
            title={"fr": "Un site", "en": "A site"},
            homepage=f"{site.root}/",
            dump=f"{site.root}/all.ttl",
            licence="CC0",
            vocabularies=("http://v.example/",),
            uses=frozenset({"service"}),
            sends="iris",
            addresses=frozenset({"127.0.0.1"}),
            limits=Limits(5.0, 1_000_000, 10_000, 2, 50),
        )
    }


def test_what_is_not_told_is_what_the_site_has_an_address_for(home: Path, site: SmallSite) -> None:
    run("add", "whole", "--endpoint", site.endpoint, *LOCAL)
    run("add", "dump", "--dump", f"{site.root}/all.ttl", *LOCAL)
    found = PartnerFolder(home).all()
    assert found["whole"].uses == {"service", "federation", "harvest"}
    assert found["dump"].uses == {"harvest"}


def test_a_private_address_must_be_allowed_by_name(home: Path, site: SmallSite) -> None:
    for other in ((), ("--allow-address", "127.0.0.2")):
        result = run("add", "small", "--endpoint", site.endpoint, *other)
        assert result.exit_code == 2
        assert "127.0.0.1" in result.output
        assert "--allow-address" in result.output
    assert not site.asked
    assert not (home / "partners").exists() or not PartnerFolder(home).all()


def test_a_site_that_is_down_is_added_and_said_to_be(home: Path, site: SmallSite) -> None:
    site.refuses = lambda text: True
    result = run("add", "ill", "--endpoint", site.endpoint, *LOCAL)
    assert result.exit_code == 0
    assert "It could not be asked: The partner ill" in result.output
    result = run("add", "nowhere", "--endpoint", "https://nowhere.invalid/sparql")
    assert result.exit_code == 0
    assert list(PartnerFolder(home).all()) == ["ill", "nowhere"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Upper", "--endpoint", "http://s.example/"], "lower-case letters"),
        (["none"], "neither dcat:endpointURL nor void:dataDump"),
        (["ftp", "--endpoint", "ftp://s.example/"], "neither http nor https"),
        (["user", "--endpoint", "http://me:pw@s.example/"], "without credentials"),
        (["rows", "--endpoint", "http://s.example/", "--rows", "0"], "not above zero"),
        (["use", "--dump", "http://s.example/", "--use", "service"], "has no dcat:endpointURL"),
        (["title", "--endpoint", "http://s.example/", "--title", "@fr"], "is no title"),
        (["ip", "--endpoint", "http://s.example/", "--allow-address", "10.0.0.0/8"], "written out"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused_in_a_sentence(
    home: Path, words: list[str], said: str
) -> None:
    result = run("add", *words)
    assert result.exit_code == 2, result.output
    assert said in result.output
    assert not PartnerFolder(home).all()


def test_an_entry_is_replaced_only_where_that_is_said(home: Path, site: SmallSite) -> None:
    words = ("add", "small", "--endpoint", site.endpoint, *LOCAL)
    run(*words)
    result = run(*words, "--sends", "none")
    assert result.exit_code == 2
    assert "--replace" in result.output
    assert run(*words, "--sends", "none", "--replace").exit_code == 0
    assert PartnerFolder(home).get("small").sends == "none"


def test_partners_are_listed_with_what_is_known_of_them(home: Path, site: SmallSite) -> None:
    assert "There is no partner" in run("list").output
    run("add", "small", "--endpoint", site.endpoint, *LOCAL)
    assert "never checked" in run("list").output
    run("check")
    (line,) = [line for line in run("list").output.splitlines() if "small" in line]
    for word in ("answers", "fresh", "3", "ms", "federation harvest service", site.endpoint):
        assert word in line
    row = json.loads(run("list", "--json").output)
    assert (row["name"], row["triples"], row["complete"]) == ("small", 3, True)


def test_a_check_says_what_is_there_and_what_changed(home: Path, site: SmallSite) -> None:
    run("add", "small", "--endpoint", site.endpoint, "--licence", "CC0", *LOCAL)
    result = run("check")
    assert result.exit_code == 0
    assert "3 triples, 2 predicates and 1 class, counted" in result.output
    site.load("<http://x.example/a> <http://x.example/new> 1 .")
    result = run("check", "small")
    assert result.exit_code == 0
    assert "• 1 predicate new: http://x.example/new." in result.output


def test_a_check_fails_where_a_site_fails_or_has_lost_something(
    home: Path, site: SmallSite
) -> None:
    run("add", "small", "--endpoint", site.endpoint, *LOCAL)
    run("check")
    site.data.clear()
    result = run("check")
    assert result.exit_code == 1
    assert "! 2 predicates gone" in result.output
    site.refuses = lambda text: True
    result = run("check", "--json")
    assert result.exit_code == 1
    assert "500" in json.loads(result.output)["failed"]
    (line,) = [line for line in run("list").output.splitlines() if "small" in line]
    assert "failed" in line


def test_one_bad_site_does_not_keep_the_others_from_being_checked(
    home: Path, site: SmallSite
) -> None:
    run("add", "a-down", "--endpoint", "http://127.0.0.1:1/sparql", *LOCAL)
    run("add", "small", "--endpoint", site.endpoint, *LOCAL)
    result = run("check")
    assert result.exit_code == 1
    assert "a-down: failed. " in result.output
    assert "small: answers in" in result.output


def test_a_wrong_entry_is_told_with_its_file_and_the_others_are_listed(
    home: Path, site: SmallSite
) -> None:
    run("add", "small", "--endpoint", site.endpoint, *LOCAL)
    path = home / "partners" / "wrong.ttl"
    path.write_text("@prefix a: <x> .\nno Turtle")
    for words in (["list"], ["check"]):
        result = run(*words)
        assert result.exit_code == 1
        assert "small" in result.output
        assert f"{path}, line 2: this is not Turtle" in result.output
        assert result.output.count("not Turtle") == 1
    assert run("check", "small").exit_code == 0
    assert run("check", "wrong").exit_code == 1
    assert run("remove", "wrong").exit_code == 0
    assert run("list").exit_code == 0


def test_who_is_unknown_is_named_with_who_is_not(home: Path, site: SmallSite) -> None:
    run("add", "small", "--endpoint", site.endpoint, *LOCAL)
    for words in (["check", "nobody"], ["remove", "nobody"]):
        result = run(*words)
        assert result.exit_code == 2
        assert "There is no partner 'nobody'; there are: small." in result.output


def test_a_partner_is_removed_without_a_question(home: Path, site: SmallSite) -> None:
    run("add", "small", "--endpoint", site.endpoint, *LOCAL)
    run("check")
    result = run("remove", "small")
    assert result.exit_code == 0
    assert "stays" not in result.output
    assert PartnerFolder(home).all() == {}
    assert [path.name for path in (home / "partners").iterdir()] == [".lock"]


def test_what_was_harvested_stays_and_is_told(
    home: Path, site: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = "https://here.example/graph/partner-small"
    monkeypatch.setenv("ATLAS_BASE", "https://here.example")
    publish_world(home)
    generations = Generations(home)
    with generations.stage() as staging:
        generations.publish(staging, {"graphs": [{"graph": graph, "triples": 1234}]})
    run("add", "small", "--endpoint", site.endpoint, *LOCAL)
    result = run("remove", "small")
    assert f"1,234 triples in {graph}" in result.output
