"""Six sites on loopback that know of each other's things, each another engine, and one atlas.

Between the atlas and each partner stands a proxy that counts what passes, and that a test can make
late, lying or broken.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pyoxigraph import RdfFormat, Triple, serialize

from federation.partner import Limits, Partner
from federation.sites.partners import PartnerFolder
from store import Generations, LoadJob
from tests.endpoint.serving import ATLAS, Served, environment, serving
from tests.federation.faulty import Behaviour, Faulty, Seen, forwarded, late
from tests.federation.real import data, engines

OURS = "france"
LOOPBACK = "127.0.0.1"
Triples = Callable[[Path], Iterable[Triple]]
# Who holds what, on which engine; None is an atlas like ours.
HOLDERS: dict[str, tuple[Triples, engines.Engine | None]] = {
    "experiences": (data.experiences, None),
    "goals": (data.goals, engines.fuseki),
    "eurovoc": (data.eurovoc, engines.virtuoso),
    "places": (data.places, engines.oxigraph),
    "unesco": (data.unesco, engines.rdf4j),
}


def iri(name: str) -> str:
    """What queries call a site by, wherever it answers."""
    return f"https://{name}.example/sparql"


@dataclass
class Counts:
    """What passed through a proxy: requests; rows and bytes of their answers."""

    requests: int = 0
    rows: int = 0
    bytes: int = 0

    def clear(self) -> None:
        self.requests = self.rows = self.bytes = 0


# Virtuoso 7.2.5 never answers a query that is the body of a request, and an ASK with a row.
ASK_IN_A_ROW = b"__ASK_RETVAL"


def as_form(seen: Seen) -> Seen:
    """The request with its query in a form, as the protocol allows as well."""
    if not seen.headers.get("content-type", "").startswith("application/sparql-query"):
        return seen
    headers = {**seen.headers, "content-type": "application/x-www-form-urlencoded"}
    query = seen.body.decode("utf-8")
    return replace(seen, headers=headers, body=urlencode({"query": query}).encode())


def as_boolean(head: bytes, body: bytes) -> tuple[bytes, list[bytes]]:
    """The truth as the standard writes it, where it came as a row in JSON."""
    found = b'{"head":{},"boolean":%s}' % (b"true" if b'"1"' in body else b"false")
    lengths = f"Content-Length: {len(body)}".encode(), f"Content-Length: {len(found)}".encode()
    return head.replace(*lengths), [found]


def rows_in(body: bytes) -> int:
    """How many solutions an answer in JSON or XML has."""
    if body.lstrip().startswith(b"<"):
        return body.count(b"<result>")
    try:
        return len(json.loads(body)["results"]["bindings"])
    except (ValueError, LookupError, TypeError):
        return 0


@dataclass
class Site:
    """One partner. ``endpoint``: the engine's own address.

    ``smooth``: whether the proxy makes up for what an engine has in its own way. ``underway``: what
    the engine is asked at this moment.
    """

    name: str
    file: Path
    endpoint: str
    proxy: Faulty
    smooth: bool = False
    counts: Counts = field(default_factory=Counts)
    underway: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """The endpoint as it is reached through the proxy."""
        return self.proxy.origin + urlsplit(self.endpoint).path

    @property
    def origin(self) -> str:
        return self.endpoint.removesuffix(urlsplit(self.endpoint).path)

    def honest(self, latency: float = 0.0) -> None:
        """From now on the proxy passes everything on, so many seconds later."""
        self.proxy.script(late(latency, self.passing()) if latency else self.passing())

    def passing(self) -> Behaviour:
        """What the engine answers, counted."""
        behaviour = forwarded(self.origin)

        def sent(seen: Seen) -> Iterator[Any]:
            with self._lock:
                self.underway += 1
            try:
                head, *bodies = behaviour(as_form(seen)) if self.smooth else behaviour(seen)
                if self.smooth and any(ASK_IN_A_ROW in body for body in bodies):
                    head, bodies = as_boolean(head, b"".join(bodies))
                with self._lock:
                    self.counts.requests += 1
                    self.counts.rows += sum(map(rows_in, bodies))
                    self.counts.bytes += sum(map(len, bodies))
            finally:
                with self._lock:
                    self.underway -= 1
            # The proxy does close; a client that is not told so asks again on the same connection.
            yield head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            yield from bodies

        return sent


@dataclass
class World:
    """``absent``: the sites whose engine is not installed, and why."""

    home: Path
    file: Path
    served: Served
    sites: Mapping[str, Site]
    absent: Mapping[str, str]

    @property
    def files(self) -> dict[str, Path]:
        """The triples of every site that answers, ours included."""
        return {OURS: self.file} | {name: site.file for name, site in self.sites.items()}


@contextmanager
def world(atlas_data: Path, folder: Path, **settings: str) -> Iterator[World]:
    """All sites, and our atlas with an entry and a summary for each, until the block ends."""
    files = {OURS: written(folder / OURS, data.france(atlas_data))}
    for name, (triples, _) in HOLDERS.items():
        files[name] = written(folder / name, triples(atlas_data))
    with ExitStack() as stack:
        sites, absent = _started(stack, files)
        home = folder / "home"
        publish(home, OURS, files[OURS])
        partners = PartnerFolder(home)
        for site in sites.values():
            partners.add(partner(site))
        checked(home)
        served = stack.enter_context(serving(home, ATLAS_CLIENT_REQUESTS="0", **settings))
        yield World(home, files[OURS], served, sites, absent)


def partner(site: Site, **entry: Any) -> Partner:
    """Its entry: reached through the proxy, called by its name's IRI."""
    limits = Limits(seconds=60.0, rows=100_000, bytes=100_000_000)
    given: dict[str, Any] = {
        "endpoint": site.address,
        "names": (iri(site.name),),
        "addresses": frozenset({LOOPBACK}),
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "title": {"en": site.name},
        "limits": limits,
    }
    return Partner(site.name, **given | entry)


def checked(home: Path, *names: str) -> str:
    """``atlas partners check``: summaries of all partners are made; what it said."""
    done = subprocess.run(
        [ATLAS, "partners", "check", *names],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(folder: Path, triples: Iterable[Triple]) -> Path:
    """The folder's data.nt, each triple once."""
    folder.mkdir(parents=True)
    path = folder / "data.nt"
    serialize(dict.fromkeys(triples), path, RdfFormat.N_TRIPLES)
    return path


def publish(home: Path, name: str, file: Path) -> None:
    """A generation with these triples in its default graph."""
    home.mkdir(parents=True, exist_ok=True)
    generations = Generations(home)
    with generations.stage() as staging:
        staging.load([LoadJob(file, f"https://w3id.org/atlas-relationnel/graph/{name}", True)])
        generations.publish(staging, {})


def _started(stack: ExitStack, files: Mapping[str, Path]) -> tuple[dict[str, Site], dict[str, str]]:
    """The engines side by side: most of their start is waiting."""
    sites, absent = {}, {}
    with ThreadPoolExecutor(len(HOLDERS)) as threads:
        endpoints = {
            name: threads.submit(stack.enter_context, _serving(name, engine, files[name]))
            for name, (_, engine) in HOLDERS.items()
        }
    for name, endpoint in endpoints.items():
        try:
            found = endpoint.result()
        except engines.Missing as missing:
            absent[name] = str(missing)
            continue
        site = sites[name] = Site(name, files[name], found, stack.enter_context(Faulty()))
        site.honest()
    return sites, absent


@contextmanager
def _serving(name: str, engine: engines.Engine | None, file: Path) -> Iterator[str]:
    if engine is not None:
        with engines.running(engine, file.parent) as endpoint:
            yield endpoint
        return
    home = file.parent / "home"
    publish(home, name, file)
    with serving(home, ATLAS_CLIENT_REQUESTS="0", ATLAS_WORKERS="2") as served:
        yield served.address + "/sparql"
