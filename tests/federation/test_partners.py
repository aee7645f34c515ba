"""The folder of partners: entries that people may write, read whenever they change."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from atlas.errors import MalformedSource, UnknownName, UsageError
from federation.partner import Limits, Partner
from federation.sites.conforming import faults
from federation.sites.entries import read_entry, write_entry
from federation.sites.partners import REMEMBERED, PartnerFolder
from federation.sites.summaries import Summary

WHOLE = Partner(
    "site-ressources",
    endpoint="https://site.example/sparql?default=1",
    names=("https://site.example/a", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66"),
    title={"": "Site", "fr": 'L’« autre »\n"site"', "en": "The other site"},
    homepage="https://www.site.example/",
    dump="http://[2001:db8::1]:8080/all.ttl",
    licence="CC BY, with a note",
    vocabularies=("http://www.w3.org/2004/02/skos/core#",),
    uses=frozenset({"service", "harvest"}),
    sends="iris",
    addresses=frozenset({"10.0.0.7", "fd00::7"}),
    limits=Limits(seconds=2.5, bytes=1000, rows=10, concurrency=1, block=7),
)
SMALL = Partner("small", endpoint="http://small.example/sparql")
AT = "<http://hand.example/sparql>"
WRITTEN = """\
@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix void: <http://rdfs.org/ns/void#> .

# As a person writes it.
[] a atlas:PartnerSite ;
    dcat:endpointURL <http://hand.example/sparql> ;
    atlas:allowedUse "service" , "federation" ;
    atlas:sendableValue "none" ;
    atlas:rowLimit 12 ;
    atlas:timeLimit 3 ;
    dcat:servesDataset [ dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ] .
"""


@pytest.fixture
def folder(tmp_path: Path) -> PartnerFolder:
    return PartnerFolder(tmp_path / "home")


def write(folder: PartnerFolder, name: str, text: str) -> Path:
    folder.folder.mkdir(parents=True, exist_ok=True)
    path = folder.folder / f"{name}.ttl"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("partner", [WHOLE, SMALL, replace(SMALL, title={"fr": "é"})])
def test_an_entry_that_is_written_is_read_as_the_same_partner(partner: Partner) -> None:
    assert read_entry(write_entry(partner).encode(), partner.name, "entry.ttl") == partner


def test_an_entry_may_be_written_by_hand(folder: PartnerFolder) -> None:
    write(folder, "hand", WRITTEN)
    assert folder.all() == {
        "hand": Partner(
            "hand",
            endpoint="http://hand.example/sparql",
            licence="https://creativecommons.org/publicdomain/zero/1.0/",
            uses=frozenset({"service", "federation"}),
            sends="none",
            limits=Limits(rows=12, seconds=3.0),
        )
    }


def test_a_partner_that_is_added_is_there_and_called_by_each_of_its_names(
    folder: PartnerFolder,
) -> None:
    assert folder.all() == {}
    folder.add(SMALL)
    path = folder.add(WHOLE)
    assert path.parent == folder.folder
    assert list(folder.all()) == ["site-ressources", "small"]
    assert folder.called(WHOLE.names[1]) == folder.called(WHOLE.endpoint) == WHOLE
    assert folder.called("https://site.example/sparql") is None
    assert PartnerFolder(folder.folder.parent).get("small") == SMALL


def test_another_process_s_change_is_seen(folder: PartnerFolder) -> None:
    other = PartnerFolder(folder.folder.parent)
    folder.add(SMALL)
    assert other.get("small") == SMALL
    changed = replace(SMALL, sends="none")
    folder.add(changed, replace=True)
    assert other.get("small") == changed
    folder.remove("small")
    assert other.all() == {}
    assert other.called(SMALL.endpoint) is None


BROKEN = [
    ("# As", "foo bar", "line 6: this is not Turtle"),
    ("owLimit 12", 'owLimit "many"', "line 11: atlas:rowLimit is 'many': it is no whole number"),
    ("owLimit 12", "owLimit 0", "line 11: atlas:rowLimit is '0': it is not above zero"),
    ("Limit 3", "Limit 1e999", "line 12: atlas:timeLimit is '1e999': it is not above zero"),
    ('"none"', '"no"', "line 10: atlas:sendableValue is 'no': it is none of all, iris, none"),
    ('"none"', '"none" , "all"', "line 10: atlas:sendableValue is said 2 times"),
    ('"service"', '"services"', "line 9: atlas:allowedUse is 'services': it is none of service"),
    (AT, "<ftp://hand.example/>", "line 8: dcat:endpointURL is 'ftp://hand.example/'"),
    (AT, "<http://me:secret@hand.example/>", "names a user"),
    (AT, "<http://hand.example/#s>", "no part after #"),
    (AT, '"http://hand.example/"', "it is no IRI; write it between < and >"),
    (AT, "<relative>", "line 8: dcat:endpointURL"),
    ("dcat:endpointURL", "dcterms:source", "neither dcat:endpointURL nor void:dataDump"),
    ("atlas:PartnerSite", "dcat:DataService", "it describes no atlas:PartnerSite"),
    (
        "atlas:rowLimit 12",
        'atlas:reachableAddress "10.0.0.0/8"',
        "line 11: atlas:reachableAddress is '10.0.0.0/8': it is no IP address",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_wrong_entry_is_a_sentence_with_its_file_and_line(
    folder: PartnerFolder, old: str, new: str, said: str
) -> None:
    assert old in WRITTEN
    path = write(folder, "wrong", WRITTEN.replace(old, new))
    with pytest.raises(MalformedSource) as refused:
        folder.all(strict=True)
    assert str(refused.value).startswith(f"{path}")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("unsaid", ["allowedUse", "sendableValue"])
def test_what_an_entry_does_not_say_is_not_allowed(folder: PartnerFolder, unsaid: str) -> None:
    lines = [line for line in WRITTEN.splitlines() if unsaid not in line]
    write(folder, "silent", "\n".join(lines))
    with pytest.raises(MalformedSource, match=f"does not say atlas:{unsaid}"):
        folder.get("silent")


def test_a_server_leaves_a_wrong_entry_out_says_so_once_and_keeps_the_others(
    folder: PartnerFolder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.add(SMALL)
    path = write(folder, "wrong", "no Turtle")
    with caplog.at_level(logging.WARNING, "atlas.partners"):
        assert list(folder.all()) == list(folder.all()) == ["small"]
    assert len(caplog.records) == 1
    assert str(path) in caplog.text
    assert list(folder.broken()) == ["wrong"]
    write(folder, "wrong", WRITTEN)
    assert list(folder.all()) == ["small", "wrong"]


def test_files_of_an_editor_and_names_that_are_none_are_not_entries(folder: PartnerFolder) -> None:
    folder.add(SMALL)
    for name in (".small.ttl.swp", ".#small.ttl", "small.ttl~", "notes.txt"):
        (folder.folder / name).write_text(WRITTEN)
    assert list(folder.all()) == ["small"]
    assert not folder.broken()
    write(folder, "Upper Case", WRITTEN)
    assert "lower-case letters" in str(folder.broken()["Upper Case"])


def test_one_iri_names_one_partner(folder: PartnerFolder) -> None:
    folder.add(SMALL)
    with pytest.raises(UsageError, match=r"small\.example/sparql names the partner small already"):
        folder.add(Partner("other", endpoint="http://o.example/", names=(SMALL.endpoint,)))
    write(folder, "twin", write_entry(SMALL))
    assert "names the partner small already" in str(folder.broken()["twin"])
    assert folder.called(SMALL.endpoint) == SMALL


@pytest.mark.parametrize(
    ("partner", "said"),
    [
        (Partner("../up", endpoint="http://a.example/"), "lower-case letters"),
        (Partner("a" * 61, endpoint="http://a.example/"), "lower-case letters"),
        (Partner("none"), "neither dcat:endpointURL nor void:dataDump"),
        (Partner("dump", dump="http://a.example/x.ttl"), "allows federation and service"),
        (Partner("bad", endpoint="http://a b/"), "cannot be added"),
        (replace(SMALL, limits=Limits(rows=0)), "it is not above zero"),
        (replace(SMALL, vocabularies=("not an iri",)), "cannot be added"),
    ],
)
def test_a_partner_that_does_not_fit_is_not_added(
    folder: PartnerFolder, partner: Partner, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        folder.add(partner)
    assert folder.all() == {}
    assert not [path for path in folder.folder.iterdir() if path.name != ".lock"]


def test_an_entry_is_replaced_only_where_that_is_said(folder: PartnerFolder) -> None:
    folder.add(SMALL)
    with pytest.raises(UsageError, match="give --replace, or edit"):
        folder.add(replace(SMALL, sends="none"))
    assert folder.get("small") == SMALL


def test_an_unknown_partner_is_named_with_those_there_are(folder: PartnerFolder) -> None:
    with pytest.raises(UnknownName, match="none yet"):
        folder.get("nobody")
    folder.add(SMALL)
    with pytest.raises(UnknownName, match="there are: small"):
        folder.remove("nobody")


def test_a_partner_goes_with_what_was_known_of_it(folder: PartnerFolder) -> None:
    folder.add(SMALL)
    folder.keep_summary("small", Summary(datetime.now(UTC)))
    folder.remember("small", {"at": "now"})
    folder.remove("small")
    assert [path.name for path in folder.folder.iterdir()] == [".lock"]
    assert folder.summary("small") is None
    assert folder.history("small") == []


def test_a_wrong_entry_can_be_removed(folder: PartnerFolder) -> None:
    write(folder, "wrong", "no Turtle")
    assert folder.remove("wrong") is None
    assert not folder.broken()


def test_a_summary_is_the_same_object_until_it_is_written_anew(folder: PartnerFolder) -> None:
    folder.add(SMALL)
    assert folder.summary("small") is None
    first = Summary(datetime(2026, 11, 29, tzinfo=UTC), 7)
    folder.keep_summary("small", first)
    kept = folder.summary("small")
    assert kept == first
    assert folder.summary("small") is kept
    PartnerFolder(folder.folder.parent).keep_summary("small", replace(first, triples=8))
    assert folder.summary("small") == replace(first, triples=8)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"taken": "never", "predicates": {}}'])
def test_a_summary_that_cannot_be_read_says_nothing(folder: PartnerFolder, text: str) -> None:
    folder.add(SMALL)
    (folder.folder / "small.summary.json").write_text(text)
    assert folder.summary("small") is None


def test_the_history_is_kept_in_order_and_bounded(folder: PartnerFolder) -> None:
    folder.add(SMALL)
    folder.remember("small", {"number": 0})
    with (folder.folder / "small.history.jsonl").open("a") as stream:
        stream.writelines(f'{{"number": {number}}}\n' for number in range(1, REMEMBERED))
        stream.write('{"half a li\n')
    for number in range(REMEMBERED, REMEMBERED + 2):
        folder.remember("small", {"number": number})
    numbers = [row["number"] for row in folder.history("small")]
    assert numbers == list(range(2, REMEMBERED + 2))


def test_many_threads_read_while_one_writes(folder: PartnerFolder) -> None:
    folder.add(SMALL)
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.update(partner.sends for partner in folder.all().values())
            assert folder.called(SMALL.endpoint) is not None

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for sends in ("none", "iris", "all") * 5:
        folder.add(replace(SMALL, sends=sends), replace=True)
    done.set()
    for thread in threads:
        thread.join()
    assert seen <= {"none", "iris", "all"}
    assert folder.get("small").sends == "all"


@pytest.mark.parametrize(
    "partner", [WHOLE, SMALL, replace(SMALL, endpoint="", dump="http://d.example/")]
)
def test_the_shape_of_partner_sites_accepts_what_is_written(partner: Partner) -> None:
    assert faults(write_entry(partner), partner.name) == []


def test_the_shape_of_partner_sites_refuses_in_sentences() -> None:
    text = (
        write_entry(SMALL).replace('"all"', '"everything"').replace("rowLimit 50000", "rowLimit 0")
    )
    assert faults(text, "small") == [
        "A limit is a whole number above zero.",
        "What may be sent to a partner site is said: all, iris or none.",
    ]


def test_a_history_that_cannot_be_read_is_none(folder: PartnerFolder) -> None:
    folder.folder.mkdir(parents=True)
    path = folder.folder / "odd.history.jsonl"
    path.write_bytes(b'{"at": "2026-01-01"}\n\xff\xfe\n[1]\nnull\n')
    assert folder.history("odd") == [{"at": "2026-01-01"}]
    path.unlink()
    path.mkdir()
    assert folder.history("odd") == []
