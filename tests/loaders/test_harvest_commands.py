"""``atlas harvest`` as it is called, by people and by cron."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from atlas.errors import AtlasError, DataError, UnknownName, UsageError
from atlas.settings import Settings
from federation.partner import Partner
from federation.sites.partners import PartnerFolder
from loaders.commands import build
from loaders.harvests.commands import harvest
from store import Generations
from tests.loaders.harvesting import LOOPBACK, holds
from tests.loaders.sites import Site

FIXTURES = Path(__file__).parent / "fixtures"
PAPER = """@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
<https://site.example/paper> a atlas:Document ; <http://purl.org/dc/terms/title> "Propos"@fr ."""
Call = Callable[..., Result]


@pytest.fixture
def home(settings: Settings) -> Path:
    return settings.home


@pytest.fixture
def call(home: Path) -> Call:
    environment = {"ATLAS_HOME": str(home), "ATLAS_BASE": "https://example.org/atlas"}

    def call(*arguments: object, command: object = harvest) -> Result:
        texts = [str(argument) for argument in arguments]
        result = CliRunner(env=environment).invoke(command, texts)
        if isinstance(result.exception, AtlasError):
            raise result.exception
        return result

    return call


@pytest.fixture
def partner(home: Path, site: Site) -> Callable[..., None]:
    """A partner of this name whose dump is at a path of the site."""

    def add(name: str, path: str, **given: object) -> None:
        entry = Partner(
            name,
            dump=f"{site.address}{path}",
            addresses=LOOPBACK,
            **{"uses": frozenset({"harvest"}), **given},
        )
        PartnerFolder(home).add(entry)

    return add


def knows_paper(home: Path) -> bool:
    return holds(home, "ASK { <https://site.example/paper> ?p ?o }")


def test_a_night_in_which_nothing_changed_is_one_sentence(
    call: Call, partner: Callable[..., None], site: Site, home: Path
) -> None:
    site.puts("/a.ttl", PAPER)
    partner("one", "/a.ttl")
    first = call("one")
    assert first.exit_code == 0
    assert first.output.startswith("one: 1 document new;")
    assert "Generation 1 is served" in first.output
    second = call("one")
    assert second.exit_code == 0
    assert second.stderr == ""
    assert second.output.count("\n") == 1
    assert second.output.startswith("one: nothing has changed since")


def test_one_partner_that_fails_keeps_no_other_from_being_harvested(
    call: Call, partner: Callable[..., None], site: Site, home: Path
) -> None:
    site.puts("/b.ttl", PAPER)
    site.puts("/a.ttl", "<html>")
    partner("aaa", "/a.ttl")
    partner("bbb", "/b.ttl")
    partner("other", "/b.ttl", uses=frozenset({"service"}), endpoint=f"{site.address}/sparql")
    result = call("--all")
    assert result.exit_code == 1
    assert "atlas: aaa: The partner aaa serves a web page" in result.stderr
    assert "bbb: 1 document new" in result.stdout
    assert "other" not in result.output
    assert knows_paper(home)


def test_what_was_harvested_can_be_taken_out_again(
    call: Call, partner: Callable[..., None], site: Site, home: Path
) -> None:
    site.puts("/a.ttl", PAPER)
    partner("one", "/a.ttl")
    call("one")
    PartnerFolder(home).remove("one")
    result = call("one", "--remove")
    assert "one: what was harvested of it is no more in the atlas." in result.output
    assert not knows_paper(home)
    call("--force", command=build)
    assert not knows_paper(home)
    assert not list((home / "loaded").iterdir())
    with pytest.raises(UnknownName, match="Nothing was harvested of 'one'"):
        call("one", "--remove")


def test_a_rehearsal_says_that_it_was_one(
    call: Call, partner: Callable[..., None], site: Site, home: Path
) -> None:
    site.puts("/a.xml", (FIXTURES / "scrutari-small.xml").read_bytes())
    partner("one", "/a.xml")
    result = call("one", "--dry-run")
    assert "2 documents new" in result.output
    assert result.output.rstrip().endswith("Nothing was published: this was a rehearsal.")
    assert Generations(home).current() is None


def test_calls_that_mean_nothing_are_told(
    call: Call, partner: Callable[..., None], site: Site
) -> None:
    with pytest.raises(UsageError, match="Name the partners to harvest, or give --all"):
        call()
    with pytest.raises(UsageError, match="No partner's entry allows the use harvest"):
        call("--all")
    with pytest.raises(UnknownName, match="There is no partner 'one'"):
        call("one")
    with pytest.raises(UsageError, match="Give one partner with --file or --remove"):
        call("one", "two", "--remove")
    site.puts("/a.ttl", PAPER)
    partner("one", "/a.ttl")
    with pytest.raises(UsageError, match="no dcat:endpointURL"):
        call("one", "--kind", "sparql")
    with pytest.raises(AtlasError, match=r"serves RDF \(ttl\) at .* and scrutari was asked for"):
        call("one", "--kind", "scrutari")
    with pytest.raises(AtlasError, match="no DCAT catalogue"):
        call("one", "--kind", "dcat")
    site.puts("/a.ttl", "# nothing\n", "text/turtle")
    with pytest.raises(DataError, match="not one triple"):
        call("one")
