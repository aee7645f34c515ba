"""The rules of the build: readable Datalog, run by Nemo in a process of its own.

``closure.rls`` is what SHACL sees beside the asserted data, ``derived.rls`` what comes after it
(design decisions 7 and 10). Nothing is inferred from domains, ranges or owl:sameAs: those would
make a wrong end look right.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from atlas.errors import EngineFault, MalformedSource

FOLDER = Path(__file__).parent
PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "atlas": "https://w3id.org/atlas-relationnel/ontology/",
    "status": "https://w3id.org/atlas-relationnel/vocabulary/relation-statuses/",
}
OUTPUTS = ("closure", "derived")


@dataclass(frozen=True)
class Inference:
    """N-Triples files of what was not asserted."""

    closure: Path
    derived: Path


def infer(inputs: Sequence[Path], schema: Path, folder: Path) -> Inference:
    """What follows from the triples of ``inputs`` under the axioms of ``schema``.

    All are N-Triples; the results are written to ``folder``. Axioms count only where ``schema``
    states them; those about blank nodes are left out, for they are class expressions, not names.
    Raises EngineFault where the rule engine fails.
    """
    program = folder / "program.rls"
    named = folder / "schema.nt"
    folder.mkdir(parents=True, exist_ok=True)
    with named.open("w", encoding="utf-8") as stream:
        stream.writelines(_named(schema))
    program.write_text("\n".join(_program(inputs, named)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "store.rules.run", str(program), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it was killed"])[-1]
        raise EngineFault(f"The rules could not be run: {reason}")
    for name in OUTPUTS:
        (folder / f"{name}.nt").touch()
    return Inference(*(folder / f"{name}.nt" for name in OUTPUTS))


def _program(inputs: Iterable[Path], schema: Path) -> Iterator[str]:
    """The whole program: prefixes, imports, the rules, exports."""
    yield from (f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items())
    yield from (_import("asserted", path) for path in inputs)
    yield _import("schema", schema)
    for name in OUTPUTS:
        yield (FOLDER / f"{name}.rls").read_text(encoding="utf-8")
        yield f'@export {name} :- ntriples{{resource="{name}.nt"}} .'


def _import(predicate: str, path: Path) -> str:
    text = str(path.resolve())
    if '"' in text or "\\" in text:
        raise MalformedSource(
            path, "a path with quotes or backslashes cannot be read by the rules."
        )
    return f'@import {predicate} :- ntriples{{resource="{text}"}} .'


def _named(schema: Path) -> Iterator[str]:
    """The lines of the schema that hold no blank node and no literal: the axioms between names."""
    with schema.open(encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("<") and line.rstrip().endswith("> .") and " _:" not in line:
                yield line
