"""Pages of things, and names found as one types, beside what other programs need for them.

The same things of the same data, asked by the same client in one run: of each thing this server's
page first, then each peer's, so that whatever else the machine does falls on all alike. The peers:

- Trifid, which shows the things of any SPARQL endpoint as pages, here over Fuseki;
- Fuseki's DESCRIBE of a thing alone, which no page that is made from it can undercut;
- Fuseki's text index, of which Skosmos asks its completions: what they take before PHP sees them.

``ATLAS_BENCH_TRIFID`` is the address of a Trifid that runs over the same data already; without it
npm installs one. Of Skosmos, Prez, LodView and RDF4J's workbench there is no package to install.
"""

from __future__ import annotations

import os
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from atlas.settings import Settings
from benchmarks import browsing, http, peers
from benchmarks.browsing import Weight
from benchmarks.pages import AS_A_BROWSER, BASE, page_of, things
from benchmarks.peers import Command, Data, Missing, Peer
from benchmarks.search import typed
from benchmarks.site import Reader, figures, site
from store import Generations

TRIFID = "trifid@5.3.0"
RUNNING = os.environ.get("ATLAS_BENCH_TRIFID", "")
THINGS, SEARCHES, FOUND = 30, 100, 20
WEIGHED = ("a commune", "a relation", "an experience", "a class", "a concept")
# Trifid's own configuration for an endpoint, with nobody let in from elsewhere.
CONFIGURATION = """\
extends:
  - file:node_modules/trifid/instances/docker-sparql/config.yaml
server:
  logLevel: error
  listener:
    host: 127.0.0.1
"""
# Names of all languages in one field, as in the configuration that Skosmos recommends.
TEXT_INDEX = """\
PREFIX : <#>
PREFIX fuseki: <http://jena.apache.org/fuseki#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX tdb2: <http://jena.apache.org/2016/tdb#>
PREFIX text: <http://jena.apache.org/text#>

:service a fuseki:Service ; fuseki:name "atlas" ; fuseki:dataset :indexed ;
  fuseki:endpoint [ fuseki:operation fuseki:query ; fuseki:name "sparql" ] .
:indexed a text:TextDataset ; text:dataset :data ; text:index :index .
:data a tdb2:DatasetTDB2 ; tdb2:location "data" .
:index a text:TextIndexLucene ; text:directory "text" ; text:storeValues true ;
  text:entityMap :map .
:map a text:EntityMap ; text:entityField "uri" ; text:defaultField "label" ;
  text:map ( [ text:field "label" ; text:predicate rdfs:label ]
             [ text:field "label" ; text:predicate skos:prefLabel ] ) .
"""
COMPLETIONS = """\
PREFIX text: <http://jena.apache.org/text#>
SELECT DISTINCT ?thing ?label WHERE {{ (?thing ?score ?label) text:query ("{words}" 100) }}
ORDER BY ?label LIMIT {most}"""

# The path of a thing at a server, and the headers with which it is asked.
PathOf = Callable[[str], str]


def run() -> None:
    http.FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with ExitStack() as stack:
            ours = stack.enter_context(site())
            data = next(data for data in http.data_sets() if data.name != "BSBM")
            endpoint = stack.enter_context(peers.running(FUSEKI, data, http.FOLDER))
            try:
                trifid = RUNNING or stack.enter_context(running_trifid(endpoint))
            except Missing as missing:
                print(f"Trifid cannot run: {missing}.\n")
                trifid = ""
            compare_pages(ours, trifid, endpoint)
            compare_searches(ours, endpoint)
    except Missing as missing:
        print(f"Nothing is measured: {missing}.")


def compare_pages(ours: str, trifid: str, endpoint: str) -> None:
    chosen = things(ours, THINGS)
    servers: dict[str, tuple[Reader, PathOf]] = {
        "this server": (Reader(ours, AS_A_BROWSER), page_of)
    }
    if trifid:
        servers["Trifid over Fuseki"] = Reader(trifid, AS_A_BROWSER), same_path
    servers["Fuseki, DESCRIBE alone"] = Reader(endpoint, {"Accept": "text/turtle"}), described
    print(
        "| page | of | first p50 ms | p95 | least | warm p50 ms | p95 | least | × p50 | × least |"
    )
    print("| --- | --- |" + " ---: |" * 8)
    for family, iris in chosen.items():
        rounds = [in_turn(list(servers.values()), iris) for _ in range(2)]
        for place, name in enumerate(servers):
            first, warm = (summary([times[place] for times in each]) for each in rounds)
            base = summary([times[0] for times in rounds[1]])
            cells = " | ".join(f"{value:.0f}" for value in (*first, *warm))
            ratios = f"{warm[0] / base[0]:.1f} | {warm[2] / base[2]:.1f}"
            print(f"| {family} | {name} | {cells} | {ratios} |", flush=True)
    print()
    weigh(ours, trifid, {family: iris[0] for family, iris in chosen.items() if family in WEIGHED})


def in_turn(servers: Sequence[tuple[Reader, PathOf]], iris: Sequence[str]) -> list[list[float]]:
    """Of each thing the milliseconds until the first byte from each server."""
    return [[reader.waited(path(iri)) for reader, path in servers] for iri in iris]


def summary(times: Sequence[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and least: the last is hardly touched by what else runs."""
    return *figures(times), min(times)


def same_path(iri: str) -> str:
    return quote(iri.removeprefix(BASE))


def described(iri: str) -> str:
    return f"/atlas/sparql?{urlencode({'query': f'DESCRIBE <{iri}>'})}"


def weigh(ours: str, trifid: str, chosen: dict[str, str]) -> None:
    """What a browser loads for one page of each family."""
    print("| page | of | requests | elsewhere | HTML kB | script kB | style kB | other kB |")
    print("| --- | --- |" + " ---: |" * 6)
    with browsing.browser() as opened:
        for family, iri in chosen.items():
            print(row(family, "this server", browsing.weighed(opened, ours + page_of(iri))))
            if trifid:
                found = browsing.weighed(opened, trifid + same_path(iri))
                print(row(family, "Trifid over Fuseki", found), flush=True)
    print()


def row(family: str, name: str, weight: Weight) -> str:
    kinds = ("document", "script", "stylesheet")
    sizes = [weight.kilobytes[kind] for kind in kinds]
    sizes.append(sum(weight.kilobytes.values()) - sum(sizes))
    cells = " | ".join(f"{size / 1000:,.0f}" for size in sizes)
    return f"| {family} | {name} | {weight.requests} | {weight.elsewhere} | {cells} |"


def compare_searches(ours: str, endpoint: str) -> None:
    generation = Generations(Settings.load().home).current()
    assert generation is not None, "it is served"
    texts = [text for text in typed(generation) if re.search(r"\w", text)][:SEARCHES]
    servers = (
        (Reader(ours, {"Accept": "application/json"}), searched),
        (Reader(endpoint, {"Accept": "application/sparql-results+json"}), completed),
    )
    times = in_turn(servers, texts)
    base = statistics.median(each[0] for each in times)
    print("| names found as one types | p50 ms | p95 ms | times ours |")
    print("| --- | ---: | ---: | ---: |")
    for place, name in enumerate(("this server, /api/search", "Fuseki's text index alone")):
        median, high = figures([each[place] for each in times])
        print(f"| {name} | {median:.1f} | {high:.1f} | {median / base:.1f} |")


def searched(text: str) -> str:
    return f"/api/search?{urlencode({'q': text, 'lang': 'fr', 'limit': FOUND})}"


def completed(text: str) -> str:
    """Every word, the last one only begun; letters and digits need no escape in Lucene's syntax."""
    words = " AND ".join(re.findall(r"\w+", text)) + "*"
    query = COMPLETIONS.format(words=words, most=FOUND)
    return f"/atlas/sparql?{urlencode({'query': query})}"


def prepare_fuseki(data: Data, folder: Path) -> None:
    peers.prepare_fuseki(data, folder)
    (folder / "config.ttl").write_text(TEXT_INDEX, "ascii")
    jar = folder / "fuseki.jar"
    peers.run(["java", "-cp", jar, "jena.textindexer", "--desc=config.ttl"], folder)


def fuseki(folder: Path, port: int) -> Command:
    plain = peers.fuseki(folder, port)
    java = plain.arguments[: plain.arguments.index("--tdb2")]
    return Command([*java, "--config=config.ttl"], plain.query, plain.environment, folder)


@contextmanager
def running_trifid(endpoint: str) -> Iterator[str]:
    """The address of a Trifid over an endpoint, until the block ends. Raises Missing."""
    folder = http.FOLDER / "trifid"
    package = folder / "node_modules" / "trifid"
    if not package.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        peers.run(["npm", "install", "--silent", "--prefix", folder, TRIFID], folder)
    (folder / "config.yaml").write_text(CONFIGURATION, "ascii")
    port = peers.free_port()
    command = Command(
        [
            *("node", str(package / "server.js"), "--config", "config.yaml"),
            *("--port", str(port), "--sparql-endpoint-url", endpoint),
            *("--dataset-base-url", f"{BASE}/"),
        ],
        f"http://127.0.0.1:{port}/query",
        folder=folder,
    )
    with peers.started(command, folder):
        yield f"http://{urlsplit(command.query).netloc}"


FUSEKI = Peer("Fuseki 5.6 with text", prepare_fuseki, fuseki)
