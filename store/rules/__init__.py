"""The rules of the build: readable Datalog, run by Nemo in a process of its own.

``closure.rls`` is what SHACL sees beside the asserted data, ``derived.rls`` what comes after it
(see docs/decisions/0007). Nothing is inferred from domains, ranges or owl:sameAs: those would
make a wrong end look right.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from atlas.errors import EngineFault, InstanceError
from atlas.namespaces import ATLAS, OWL, RDF, RDFS
from store.rules import triples

FOLDER = Path(__file__).parent
PREFIXES = {
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "atlas": ATLAS,
    "status": "https://w3id.org/atlas-relationnel/vocabulary/relation-statuses/",
}
OUTPUTS = ("closure", "derived")
PROGRAM = "program.rls"


@dataclass(frozen=True)
class Inference:
    """N-Triples files of what was not asserted."""

    closure: Path
    derived: Path


def infer(inputs: Sequence[Path], schema: Path, folder: Path) -> Inference:
    """What follows from the triples of ``inputs`` under the axioms of ``schema``.

    All are N-Triples; the results are written to ``folder``. Axioms count only where ``schema``
    states them; those about blank nodes are left out, for they are class expressions, not names.
    Raises EngineFault where the rule engine fails, InstanceError for a path it cannot read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = list(triples.axioms(schema))
    properties = triples.carried(names)
    with TemporaryDirectory(dir=folder) as name:
        work = Path(name)
        _write(work / "schema.nt", names)
        asserted = (line for path in inputs for line in triples.readable(path, properties))
        _write(work / "asserted.nt", asserted)
        _write(work / PROGRAM, _program(work))
        _run(work)
        return Inference(*(_restored(work, folder / f"{output}.nt") for output in OUTPUTS))


def _run(work: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "store.rules.run", str(work / PROGRAM), str(work)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it was killed"])[-1]
        raise EngineFault(f"The rules could not be run: {reason}")


def _restored(work: Path, final: Path) -> Path:
    """What was inferred, from what the rule engine wrote; it writes no file for nothing."""
    raw = work / final.name
    raw.touch()
    with raw.open(encoding="utf-8", newline="\n") as stream:
        _write(final, triples.restored(stream))
    return final


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines)


def _program(work: Path) -> Iterator[str]:
    """The whole program: prefixes, imports, the rules, exports."""
    yield from (f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    yield from (_import(name, work / f"{name}.nt") for name in ("asserted", "schema"))
    for name in OUTPUTS:
        yield (FOLDER / f"{name}.rls").read_text(encoding="utf-8")
        yield f'@export {name} :- ntriples{{resource="{name}.nt"}} .\n'


def _import(predicate: str, path: Path) -> str:
    text = str(path.resolve())
    if '"' in text or "\\" in text:
        raise InstanceError(
            f"The rules cannot read {text}: its name holds a quote or a backslash; "
            "set ATLAS_HOME to a folder without."
        )
    return f'@import {predicate} :- ntriples{{resource="{text}"}} .\n'
