"""RDF files in every syntax, and what a file may not do."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph
import pytest

from atlas.errors import InstanceError, MalformedSource
from loaders.readers import rdf_file
from loaders.rows import Problems
from loaders.sources import Source

MakeSource = Callable[..., Source]
Read = Callable[[Source], set[str]]

TURTLE = '<http://e/a> <http://e/p> "é"@fr, "01"^^<http://www.w3.org/2001/XMLSchema#int> .\n'
STATED = {
    '<http://e/a <http://e/p "é"@fr',
    '<http://e/a <http://e/p "01"^^xsd:int',
}
RDF_XML = """<?xml version="1.0" encoding="{encoding}"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">
<rdf:Description rdf:about="http://e/a">
<e:p xml:lang="fr">é</e:p>
<e:p rdf:datatype="http://www.w3.org/2001/XMLSchema#int">01</e:p>
</rdf:Description></rdf:RDF>
"""
FILES = {
    "a.ttl": TURTLE,
    "a.n3": TURTLE,
    "a.nt": TURTLE.replace(", ", " .\n<http://e/a> <http://e/p> "),
    "a.nq": TURTLE.replace(", ", " <http://e/g> .\n<http://e/a> <http://e/p> "),
    "a.trig": f"<http://e/g> {{ {TURTLE} }} <http://e/h> {{ {TURTLE} }}",
    "a.rdf": RDF_XML.format(encoding="UTF-8"),
    "a.owl": RDF_XML.format(encoding="UTF-8"),
    "a.jsonld": """{"@context": {"xsd": "http://www.w3.org/2001/XMLSchema#"},
        "@id": "http://e/a", "http://e/p": [{"@value": "é", "@language": "fr"},
        {"@value": "01", "@type": "xsd:int"}]}""",
}


@pytest.fixture
def file(tmp_path: Path, make_source: MakeSource) -> Callable[..., Source]:
    """A source of one file with this content."""

    def make(name: str, content: str | bytes, **options: str) -> Source:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return make_source(kind="rdf_file", paths={"file": path}, options=options)

    return make


def refused(source: Source) -> MalformedSource:
    with pytest.raises(MalformedSource) as caught:
        list(rdf_file.read_rows(source, Problems(source)))
    assert caught.value.path == source.path
    return caught.value


@pytest.mark.parametrize("name", FILES)
def test_every_syntax_gives_the_same_triples_with_datatypes_as_written(
    name: str, file: MakeSource, triples: Read
) -> None:
    assert triples(file(name, FILES[name])) == STATED


@pytest.mark.parametrize("name", ["a.ttl", "a.rdf"])
def test_a_gzip_file_is_read_like_a_plain_one(name: str, file: MakeSource, triples: Read) -> None:
    assert triples(file(f"{name}.gz", gzip.compress(FILES[name].encode()))) == STATED


def test_the_option_says_the_syntax_where_the_name_does_not(
    file: MakeSource, triples: Read
) -> None:
    assert triples(file("export.txt", TURTLE, syntax="ttl")) == STATED
    error = refused(file("export.txt", TURTLE))
    assert "'txt' is no RDF syntax" in error.reason
    assert "ttl, nt" in error.reason


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16"])
def test_rdf_xml_in_another_encoding_is_read(
    encoding: str, file: MakeSource, triples: Read
) -> None:
    content = RDF_XML.format(encoding=encoding).encode(encoding)
    assert triples(file("a.rdf", content)) == STATED


def test_a_byte_order_mark_is_no_part_of_the_text(file: MakeSource, triples: Read) -> None:
    for name in ("a.ttl", "a.rdf", "a.jsonld"):
        assert triples(file(name, b"\xef\xbb\xbf" + FILES[name].encode())) == STATED


def test_relative_iris_are_resolved_against_the_option_and_refused_without_it(
    file: MakeSource, triples: Read
) -> None:
    relative = "<a> <http://e/p> <b> ."
    stated = {"<http://e/x/a <http://e/p <http://e/x/b"}
    assert triples(file("a.ttl", relative, base_iri="http://e/x/")) == stated
    assert refused(file("a.ttl", relative)).line == 1


def test_blank_nodes_of_two_files_stay_apart_and_are_named_alike_each_time(
    tmp_path: Path, make_source: MakeSource, triples: Read
) -> None:
    paths = {name: tmp_path / name for name in ("one.ttl", "two.ttl")}
    for path in paths.values():
        path.write_text("_:x <http://e/p> [ <http://e/q> _:x ] .")
    source = make_source(kind="rdf_file", paths=paths)
    lines = triples(source)
    assert len(lines) == 4
    assert len({line.split()[0] for line in lines}) == 4
    assert triples(source) == lines


def test_a_triple_about_a_triple_is_kept(file: MakeSource, triples: Read) -> None:
    about = "<http://e/a> <http://e/p> <<( <http://e/s> <http://e/q> _:b )>> ."
    [line] = triples(file("a.nt", about))
    assert "<http://e/s <http://e/q _:f0_0" in line


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.ttl", "<http://e/a> <http://e/p> 1 .\n\n<http://e/a b> <http://e/p> 1 .", 3),
        ("a.nt", "<http://e/a> <http://e/p> <http://e/x> .\n<http://e/a> <p> .", 2),
        ("a.rdf", FILES["a.rdf"].replace("http://e/a", "http://e/a b"), 3),
        ("a.rdf", FILES["a.rdf"].replace("http://e/a", "a"), 3),
        ("a.jsonld", '{"http://e/p": 1,\n"@id": "http://e/a b"}', 2),
        ("a.jsonld", '{"@id":\n"http://e/a", "http://e/p": 1,\n\n"http://e/q":', 4),
        ("a.jsonld", '{"@context": {"x":\n5}, "http://e/p": 1}', 2),
        ("a.ttl", b"<http://e/a> <http://e/p> 1 .\n<http://e/a> <http://e/p> '\xe9' .", 2),
        ("a.jsonld", b'{"http://e/p":\n"\xe9"}', 2),
        ("a.ttl", "<http://e/a> <http://e/p> 1 .".encode("utf-16"), 1),
    ],
)
def test_a_fault_is_told_with_its_line(
    name: str, content: str | bytes, line: int, file: MakeSource
) -> None:
    assert refused(file(name, content)).line == line


def test_n3_formulae_are_not_taken_for_statements(file: MakeSource) -> None:
    formula = "{ <http://e/a> <http://e/p> <http://e/b> } <http://e/saidBy> <http://e/c> ."
    assert "formulae" in refused(file("a.n3", formula)).reason


def test_a_missing_file_is_one_sentence(make_source: MakeSource, tmp_path: Path) -> None:
    source = make_source(kind="rdf_file", paths={"file": tmp_path / "none.ttl"})
    assert "cannot be read" in refused(source).reason


def test_where_triples_cannot_be_written_the_machine_is_at_fault_and_not_the_file(
    file: MakeSource, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = file("a.ttl", TURTLE)
    nowhere = tmp_path / "nowhere"
    monkeypatch.setattr("tempfile.TemporaryDirectory.__enter__", lambda self: str(nowhere))
    with pytest.raises(InstanceError, match="No such file"):
        list(rdf_file.read_rows(source, Problems(source)))


@pytest.mark.slow
def test_real_vocabularies_keep_every_triple(
    atlas_data: Path, make_source: MakeSource, triples: Read
) -> None:
    folders = {"vocab-un-sdg": 2, "thesaurus-eurovoc-fr-en": 1, "thesaurus-unesco": 1}
    names = ("sdgs-ontology.ttl.gz", "sdg-kos-goals*.gz", "eurovoc*.nt.gz", "unescothes.ttl.gz")
    paths = [
        path for folder in folders for name in names for path in (atlas_data / folder).glob(name)
    ]
    assert len(paths) == sum(folders.values())
    for path in paths:
        syntax = {".ttl": pyoxigraph.RdfFormat.TURTLE, ".nt": pyoxigraph.RdfFormat.N_TRIPLES}
        whole = pyoxigraph.parse(gzip.decompress(path.read_bytes()), syntax[path.suffixes[-2]])
        expected = pyoxigraph.Dataset(whole)
        source = make_source(kind="rdf_file", paths={"file": path})
        found = pyoxigraph.Dataset(
            pyoxigraph.Quad(row.subject, row.predicate, row.object)
            for row in rdf_file.read_rows(source, Problems(source))
        )
        for dataset in (expected, found):
            dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
        assert found == expected


def test_the_atlas_s_own_content_moves_to_the_base_of_this_atlas(
    make_source: Callable[..., Source],
) -> None:
    default = "https://w3id.org/atlas-relationnel"
    thing, term = (
        pyoxigraph.NamedNode(f"{default}/id/question/one"),
        pyoxigraph.NamedNode(f"{default}/ontology/locator"),
    )
    source = make_source(base="https://atlas.example.org", options={"rebase": True})
    (quad,) = rdf_file.to_quads([pyoxigraph.Triple(thing, term, thing)], source)
    moved = pyoxigraph.NamedNode("https://atlas.example.org/id/question/one")
    assert (quad.subject, quad.predicate, quad.object) == (moved, term, moved)
    (kept,) = rdf_file.to_quads(
        [pyoxigraph.Triple(thing, term, thing)], replace(source, options={})
    )
    assert kept.subject == thing
