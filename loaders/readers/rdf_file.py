"""Any RDF file, in any syntax, plain or gzip, into the source's graph.

Options: ``syntax``, the extension that says it (see ``SYNTAXES``), where a file's own name does
not; ``base_iri``, what relative IRIs are resolved against, or ``base_iris``, one for each file;
``rebase``, whether IRIs of instances and graphs under the default base become those of this atlas
(for its own content); ``foreign``, whether somebody else says it, who may not describe the terms
and the graphs of this atlas. A dataset's named graphs are merged: a source has one graph. Literals
stay as they are written.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from atlas.errors import InstanceError, MalformedSource
from atlas.settings import DEFAULT_BASE
from loaders import foreign
from loaders.rows import Problems
from loaders.sources import Source
from store.parsing.alone import MEMORY_BYTES
from store.parsing.syntaxes import SYNTAXES

# Terms of the ontology and of the vocabularies are the same in every atlas.
MOVING = (f"{DEFAULT_BASE}/id/", f"{DEFAULT_BASE}/graph/")
Node = TypeVar("Node", NamedNode | BlankNode | Triple, NamedNode | BlankNode | Literal | Triple)
# The processor's time is bounded in the process itself; this bounds waiting (a pipe, a dead disk).
WAIT_SECONDS = 600


def read_rows(source: Source, problems: Problems) -> Iterator[Triple]:
    """The triples of every file; no bad row is passed over, for triples hang together.

    Raises MalformedSource with the line for a file that is not what its syntax says, that reads
    other files, or that takes too much time or memory to be parsed; InstanceError where the parser
    cannot do its work here (a full disk).
    """
    for number, path in enumerate(source.files):
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "triples.nt"
            _parse(source, path, number, output)
            for quad in parse(path=str(output), format=RdfFormat.N_TRIPLES):
                if source.options.get("foreign") and not foreign.allowed(quad.triple, source.base):
                    problems.lose(foreign.WHAT)
                    continue
                yield quad.triple


def to_quads(rows: Iterable[Triple], source: Source) -> Iterator[Quad]:
    """The triples in the source's graph."""
    graph = NamedNode(source.graph)
    moves = source.options.get("rebase", False) and source.base != DEFAULT_BASE
    for row in rows:
        subject, value = row.subject, row.object
        if moves:
            subject, value = _rebased(subject, source.base), _rebased(value, source.base)
        yield Quad(subject, row.predicate, value, graph)


def _rebased(term: Node, base: str) -> Node:
    """The same instance or graph under another base; other terms as they are."""
    if isinstance(term, NamedNode) and term.value.startswith(MOVING):
        return NamedNode(base + term.value.removeprefix(DEFAULT_BASE))
    return term


def syntax_of(path: Path, source: Source) -> str:
    """The extension that says the file's syntax.

    Raises MalformedSource where neither the name nor the options say one that is known.
    """
    suffixes = [suffix.lstrip(".").lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    syntax = str(source.options.get("syntax") or (suffixes[-1] if suffixes else ""))
    if syntax not in SYNTAXES:
        known = ", ".join(SYNTAXES)
        raise MalformedSource(
            path, f"{syntax!r} is no RDF syntax; give options.syntax, one of: {known}."
        )
    return syntax


def _parse(source: Source, path: Path, number: int, output: Path) -> None:
    """Have the file parsed in a process of its own, which may come to harm."""
    bases = source.options.get("base_iris", ())
    base = str(bases[number] if number < len(bases) else source.options.get("base_iri", ""))
    arguments = [str(path), syntax_of(path, source), base, str(number), str(output)]
    command = [sys.executable, "-P", "-m", "store.parsing.alone", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WAIT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise MalformedSource(path, f"was not parsed within {WAIT_SECONDS} s.") from error
    if done.returncode < 0:
        ended = signal.Signals(-done.returncode).name
        raise MalformedSource(
            path,
            f"ended the parser ({ended}): it takes too much time or more than "
            f"{MEMORY_BYTES // 2**20} MiB to parse, or nests too deep. Check it, or split it.",
        )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise InstanceError(f"The process that parses {path} failed: {said[-1] if said else '?'}.")
    if done.stdout:
        refused = json.loads(done.stdout)
        raise MalformedSource(path, refused["reason"], line=refused["line"])
