"""The feed of changes: a mirror kept from it equals the dumps, whatever happens to the atlas."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from store import Generations, graph_files
from tests.endpoint.published import BASE, OWN, build
from tests.endpoint.serving import ATLAS, Reply, Served, environment, serving
from tests.endpoint.writing import Desk, token

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "federation.md"
ATOM = {"a": "http://www.w3.org/2005/Atom", "fh": "http://purl.org/syndication/history/1.0"}
LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# Two nodes that a graph refers to more than once, and a nested one.
NOTES = """
@prefix : <https://example.org/> .
_:{a} :knows _:{b} . _:{b} :knows _:{a} ; :name "{name}"@fr .
:x :has [ :part [ :value "{value}" ; :line "a\u2028b" ] ] .
"""


@dataclass
class Mirror:
    """What the documentation tells a partner to run, and the file that it keeps."""

    program: Path
    file: Path
    served: Served

    def follow(self) -> None:
        done = subprocess.run(
            [sys.executable, str(self.program), self.served.address, str(self.file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    @property
    def generation(self) -> int:
        return int(self.file.read_bytes().split(b" ", 2)[1])

    @property
    def hash(self) -> str:
        return rdfc(self.file.read_bytes())


def rdfc(quads: bytes) -> str:
    """The hash of a dataset, the same however its blank nodes are named: RDFC-1.0, SHA-256.

    https://www.w3.org/TR/rdf-canon/
    """
    dataset = Dataset(parse(quads, RdfFormat.N_QUADS))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad} .\n" for quad in dataset)
    assert lines
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def dumped(served: Served) -> bytes:
    """The dumps of the generation served, as N-Quads with the state that the mirror begins at."""
    catalog = Graph().parse(data=served.fetch("/dumps/").text, format="turtle")
    dcat = Namespace("http://www.w3.org/ns/dcat#")
    quads, numbers = [], set()
    for graph, file in catalog.subject_objects(dcat.distribution):
        address = str(catalog.value(file, dcat.downloadURL))
        if not address.endswith(".nt.gz"):
            continue
        reply = served.fetch(address.removeprefix(served.address))
        numbers.add(reply.headers["Atlas-Generation"])
        for line in gzip.decompress(reply.body).split(b"\n"):
            if line and not line.startswith(b"#"):
                quads.append(line.removesuffix(b".") + b"<" + str(graph).encode() + b"> .")
    (number,) = numbers
    state = served.fetch(f"/feed/patch/{number}/{number}").text.split("\n")[0].split()[2]
    first = f"# {number} {state}".encode()
    return b"\n".join([first, *sorted(quads), b""])


def run(home: Path, *words: str) -> None:
    done = subprocess.run(
        [ATLAS, *words], env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def load(home: Path, **said: str) -> None:
    file = home.parent / "notes.ttl"
    file.write_text(NOTES.format(**said), "utf-8")
    run(home, "load", str(file), "--graph", "notes", "--licence", LICENCE)


def rebuild(home: Path, **replaced: str) -> None:
    """Build again from other sources: the text of the source "own", or its licence."""
    sources = home.parent / "sources"
    if "own" in replaced:
        (sources / "own.ttl").write_text(replaced["own"], "utf-8")
    if "toml" in replaced:
        (sources / "sources.toml").write_text(replaced["toml"], "utf-8")
    run(home, "build", "--sources", str(sources / "sources.toml"))


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """A mirror that begins with the dumps of a new atlas."""
    build(tmp_path / "home", tmp_path / "sources")
    section = DOCUMENTATION.read_text("utf-8").partition("### Following changes")[2]
    (program,) = re.findall(r"```python\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)[:1]
    (tmp_path / "mirror.py").write_text(program, "utf-8")
    with serving(tmp_path / "home", ATLAS_WORKERS="2") as served:
        mirror = Mirror(tmp_path / "mirror.py", tmp_path / "mirror.nq", served)
        mirror.file.write_bytes(dumped(served))
        yield mirror


@pytest.mark.slow
def test_a_mirror_kept_from_the_feed_equals_the_dumps(mirror: Mirror, tmp_path: Path) -> None:
    home, served = tmp_path / "home", mirror.served
    lazy = Mirror(mirror.program, tmp_path / "lazy.nq", served)
    lazy.file.write_bytes(mirror.file.read_bytes())
    apart = Desk(served, token(home, publish="named"))
    desk = Desk(served, token(home))
    seen = {mirror.hash}

    def same(number: int) -> None:
        mirror.follow()
        assert mirror.generation == number
        assert mirror.hash == rdfc(dumped(served))
        seen.add(mirror.hash)

    load(home, a="a", b="b", name="un", value="1")
    same(2)
    load(home, a="z", b="y", name="deux", value="01")
    same(3)
    blank = "[] <https://example.org/p> [ <https://example.org/q> 1 ] ."
    assert apart.put(f"{BASE}/graph/apart", blank).status == 201
    same(4)
    assert desk.put(f"{BASE}/graph/merged", blank).status == 201
    same(5)
    assert len(seen) == 5
    run(home, "rollback", "3")
    same(3)
    assert len(seen) == 5
    lazy.follow()
    assert lazy.hash == mirror.hash
    assert apart.put(f"{BASE}/graph/apart", blank).status == 201
    same(6)
    rebuild(home, own=OWN + "[] skos:note 'nouveau'@fr , \"a\\tb\\\\\" . document:panorama a [] .")
    same(7)
    run(home, "rollback", "5")
    same(5)
    run(home, "rollback", "7")
    same(7)
    lazy.follow()
    assert (lazy.generation, lazy.hash) == (7, mirror.hash)
    new = Mirror(mirror.program, tmp_path / "new.nq", served)
    new.follow()
    assert new.hash == mirror.hash
    # A chain by Atom's links, from the first entry to the last, comes to the same.
    held: set[bytes] = set()
    for entry in reversed(entries(served.fetch("/feed/changes.atom"))):
        apply(held, patch_of(served, entry))
    assert rdfc(b"\n".join(held) + b"\n") == mirror.hash


def apply(held: set[bytes], rows: list[bytes]) -> None:
    held -= {row[2:] for row in rows if row.startswith(b"D ")}
    held |= {row[2:] for row in rows if row.startswith(b"A ")}


def entries(reply: Reply) -> list[ElementTree.Element]:
    assert (reply.status, reply.type) == (200, "application/atom+xml"), reply.text
    return ElementTree.fromstring(reply.body).findall("a:entry", ATOM)


def patch_of(served: Served, entry: ElementTree.Element) -> list[bytes]:
    link = entry.find("a:link[@type='application/rdf-patch']", ATOM)
    assert link is not None
    return served.fetch(link.attrib["href"].removeprefix(served.address)).body.split(b"\n")


@pytest.mark.slow
def test_what_may_not_be_given_away_any_more_is_not_told(mirror: Mirror, tmp_path: Path) -> None:
    home, served = tmp_path / "home", mirror.served
    for name in ("unverified", "invented"):
        assert f"/graph/{name}> ." not in mirror.file.read_text("utf-8")
    toml = (tmp_path / "sources" / "sources.toml").read_text("utf-8")
    own = toml.index('name = "own"')
    rebuild(home, toml=toml[:own] + toml[own:].replace("= true", "= false", 1))
    reply = served.fetch("/feed/patch/1/2")
    assert (reply.status, reply.slug) == (410, "gone")
    assert "own" in reply.json["detail"]
    assert "licence is not verified" in reply.json["detail"]
    assert served.fetch("/feed/patch/0/1").status == 410
    mirror.follow()
    assert mirror.hash == rdfc(dumped(served))
    assert "panorama" not in mirror.file.read_text("utf-8")


def publish(
    home: Path, graphs: Mapping[str, list[str]], *, keep: int = 100, **entry: object
) -> None:
    """A generation of graphs with these lines, its store left empty: the feed reads none."""
    generations = Generations(home, keep=keep)
    with generations.stage() as staging:
        folder = staging.folder / "graphs"
        folder.mkdir()
        known = []
        for name, lines in graphs.items():
            graph_files.write(folder / f"{name}.nt", [line.encode() for line in lines])
            about = {"graph": f"{BASE}/graph/{name}", "name": name, "file": f"{name}.nt"}
            title = {"fr": f"Titre <{name}>\x0b", "en": name, "es": name}
            said = {"triples": len(lines), "publish": "default", "title": title, **entry}
            known.append(about | {"licence": LICENCE} | said)
        record = {"base": BASE, "graphs": known, "triples": 0}
        generations.publish(staging, record, durable=False)


def lines(*numbers: int) -> list[str]:
    return [f'<urn:s{n}> <urn:p> "a . b" .\n' for n in numbers]


@pytest.fixture(scope="module")
def rolled_back(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-two generations, of which the first two are not kept any more, and a rollback."""
    home = tmp_path_factory.mktemp("feed") / "home"
    for number in range(1, 21):
        publish(home, {"a": lines(*range(number))})
    publish(home, {"a": lines(*range(20)), "b": lines(*range(10_000))})
    publish(home, {"b": lines(*range(1, 10_000))}, keep=20)
    Generations(home).rollback(21)
    return home


@pytest.fixture(scope="module")
def feed(rolled_back: Path) -> Iterator[Served]:
    with serving(rolled_back, ATLAS_WORKERS="2", ATLAS_GENERATIONS_KEPT="20") as served:
        yield served


def test_the_feed_tells_each_generation_and_the_rollback(feed: Served) -> None:
    found = entries(feed.fetch("/feed/changes.atom", headers={"Accept-Language": "en"}))
    texts = [entry.findtext("a:title", "", ATOM) for entry in found]
    assert texts == [
        "Edition 21 again (rolled back)",
        "Edition 22",
        "Edition 21",
        "Edition 20",
    ]
    names = [entry.findtext("a:id", "", ATOM) for entry in found]
    assert len(set(names)) == 4
    assert all(name.startswith(f"{BASE}/feed/state/2") for name in names)
    items = ["".join(item.itertext()) for item in found[1].iter("{http://www.w3.org/1999/xhtml}li")]
    assert items == ["b: +0 −1", "a: taken out, −20"]
    assert patch_of(feed, found[1])[1] == f"H prev <{names[2]}> .".encode()
    french = feed.fetch("/feed/changes.atom", headers={"Accept-Language": "fr"})
    assert french.headers["Content-Language"] == "fr"
    assert "Titre &lt;b&gt;\ufffd\xa0: nouveau, +10\u202f000" in french.text


def test_older_changes_are_in_archives(feed: Served) -> None:
    document = ElementTree.fromstring(feed.fetch("/feed/changes.atom").body)
    assert document.find("fh:archive", ATOM) is None
    link = document.find("a:link[@rel='prev-archive']", ATOM)
    assert link is not None
    archive = feed.fetch(link.attrib["href"].removeprefix(feed.address))
    document = ElementTree.fromstring(archive.body)
    assert document.find("fh:archive", ATOM) is not None
    assert document.find("a:link[@rel='prev-archive']", ATOM) is None
    numbers = [entry.findtext("a:title", "", ATOM).split()[-1] for entry in entries(archive)]
    assert numbers == [str(number) for number in range(19, 2, -1)]
    assert patch_of(feed, entries(archive)[-1])[0].startswith(b"H id ")
    assert feed.fetch("/feed/changes-7.atom").status == 404


def test_a_patch_is_rdf_patch(feed: Served) -> None:
    reply = feed.fetch("/feed/patch/19/21")
    assert (reply.status, reply.type) == (200, "application/rdf-patch")
    rows = reply.text.split("\n")
    assert re.fullmatch(rf"H id <{BASE}/feed/state/21-\S+> \.", rows[0])
    assert re.fullmatch(rf"H prev <{BASE}/feed/state/19-\S+> \.", rows[1])
    assert (rows[2], rows[-2:]) == ("TX .", ["TC .", ""])
    assert f"#     licence: {LICENCE}" in rows
    assert f'A <urn:s19> <urn:p> "a . b" <{BASE}/graph/a> .' in rows
    assert reply.headers["Atlas-Generation"] == "21"
    back = feed.fetch("/feed/patch/21/19").text.split("\n")
    assert {row for row in rows if row[:2] == "A "} == {
        f"A{row[1:]}" for row in back if row[:2] == "D "
    }


@pytest.mark.parametrize("coding", ["", "gzip", "zstd", "zstd, gzip"])
@pytest.mark.parametrize("path", ["/feed/patch/19/20", "/feed/patch/20/21"])
def test_a_patch_of_any_size_comes_as_the_client_likes_it(
    feed: Served, path: str, coding: str
) -> None:
    reply = feed.fetch(path, headers={"Accept-Encoding": coding} if coding else {})
    packed = reply.headers.get("Content-Encoding", "")
    assert packed in ("", *coding.split(", "))
    assert "Accept-Encoding" in reply.headers["Vary"]
    if packed == "gzip":
        assert gzip.decompress(reply.body).endswith(b"TC .\n")
    head = feed.fetch(path, "HEAD", headers={"Accept-Encoding": coding} if coding else {})
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Length", "ETag", "Content-Encoding"):
        assert head.headers.get(name) == reply.headers.get(name)
    again = feed.fetch(
        path, headers={"If-None-Match": reply.headers["ETag"], "Accept-Encoding": coding}
    )
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == reply.headers["ETag"]


@pytest.mark.parametrize("path", ["/feed/", "/feed/ldes", "/feed/ldes/1", "/feed/changes.atom"])
def test_it_is_not_sent_again_while_nothing_has_changed(feed: Served, path: str) -> None:
    reply = feed.fetch(path)
    assert reply.status == 200, reply.text
    tag = reply.headers["ETag"]
    assert feed.fetch(path, headers={"If-None-Match": tag}).status == 304
    assert feed.fetch(path, "HEAD").headers["ETag"] == tag
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/feed/patch/2/21", 410, "Generation 2 is not kept any more. Take the dump again"),
        ("/feed/patch/21/1", 410, "follow the feed from there"),
        ("/feed/patch/21/23", 404, "There is no generation 23"),
        ("/feed/patch/99/21", 404, "There is no generation 99"),
        ("/feed/patch/a/21", 404, "nothing at"),
        (f"/feed/patch/{'9' * 300}/21", 404, "There is no generation"),
        (f"/feed/ldes/{'9' * 300}", 404, "There is no page"),
        ("/feed/ldes/9", 404, "no page 9"),
    ],
)
def test_what_is_not_kept_is_told_with_the_way_out(
    feed: Served, path: str, status: int, words: str
) -> None:
    reply = feed.fetch(path)
    assert (reply.status, reply.type) == (status, "application/problem+json")
    assert words in reply.json["detail"]


def test_the_stream_has_a_version_of_each_graph_that_changed(feed: Served) -> None:
    graph = Graph().parse(data=feed.fetch("/feed/ldes").text, format="turtle")
    stream = one(graph, LDES.EventStream)
    assert graph.value(stream, TREE.view) == URIRef(f"{feed.address}/feed/ldes")
    assert graph.value(stream, LDES.timestampPath) == DCTERMS.created
    assert graph.value(stream, LDES.versionOfPath) == DCTERMS.isVersionOf
    nodes = set(graph.objects(None, TREE.node))
    assert nodes == {URIRef(f"{feed.address}/feed/ldes/{page}") for page in (0, 1)}
    for node in nodes:
        path = str(node).removeprefix(feed.address)
        graph.parse(data=feed.fetch(path).text, format="turtle")
    members = set(graph.objects(stream, TREE.member))
    kinds = [str(graph.value(member, RDF.type)).rpartition("#")[2] for member in members]
    # 4 to 20 update a graph, 21 creates one; 22 updates it and deletes the other, and all is back.
    assert {kind: kinds.count(kind) for kind in kinds} == {"Update": 19, "Create": 2, "Delete": 1}
    for member in members:
        assert graph.value(member, DCTERMS.isVersionOf)
        assert graph.value(member, DCTERMS.created)
    assert graph.value(one(graph, LDES.RetentionPolicy), LDES.startingFrom)


def one(graph: Graph, kind: URIRef) -> Node:
    (found,) = set(graph.subjects(RDF.type, kind))
    return found


def test_people_see_it_in_their_language(feed: Served) -> None:
    for language, words in {
        "fr": ("Retour à l’édition 21", "retiré, −20"),
        "en": ("Edition 21 again", "taken out, −20"),
        "es": ("Vuelta a la edición 21", "retirado, −20"),
    }.items():
        for path in ("/feed/", "/feed/ldes/1.html"):
            page = feed.fetch(f"{path}?lang={language}", headers={"Accept": "text/html"})
            assert (page.status, page.type) == (200, "text/html")
            assert all(word in page.text for word in words)
            assert '<link rel="alternate" type="application/atom+xml"' in page.text


def test_an_atlas_that_says_nothing_of_its_graphs_has_a_feed_without_patches(
    served: Served,
) -> None:
    (entry,) = entries(served.fetch("/feed/changes.atom"))
    rows = [row[:2] for row in patch_of(served, entry) if row]
    assert rows == [b"H ", b"TX", b"TC"]
