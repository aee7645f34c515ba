"""HermiT: is the ontology consistent, and can each class have an individual?

owlready2 brings HermiT's jar. It is run directly: owlready2's own call has no time limit, prints to
stderr, keeps its temporary file when the ontology is inconsistent, and cannot read Turtle.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rdflib import OWL, Graph

from atlas.errors import InstanceError, MissingTool
from ontology.findings import Finding
from ontology.messages import message
from ontology.project import Project, short

SECONDS = 300
MEMORY = "-Xmx1g"
COMMAND = "org.semanticweb.HermiT.cli.CommandLine"
# Classes, object and data properties. xsd:date and xsd:gYear are not in OWL 2's datatype map.
ARGUMENTS = ("-c", "-O", "-D", "--ignoreUnsupportedDatatypes")
# Lines that hold IRIs only: an inverse among the members makes no two terms the same.
EQUIVALENT = re.compile(r"^Equivalent\w+\( ((?:<[^>]+> )+)\)$", re.MULTILINE)
NOTHING = {str(OWL.Nothing), str(OWL.bottomObjectProperty), str(OWL.bottomDataProperty)}
STATED = (OWL.equivalentClass, OWL.equivalentProperty)


@dataclass(frozen=True)
class Classification:
    """What HermiT says. ``unsatisfiable`` and ``equivalent`` are empty where it is inconsistent."""

    consistent: bool
    unsatisfiable: frozenset[str] = frozenset()
    equivalent: tuple[frozenset[str], ...] = ()


def reasoner(project: Project) -> Iterator[Finding]:
    """The ontology with its stubs, vocabularies and alignments contradicts itself nowhere."""
    graph = project.everything
    found = classify(graph)
    if not found.consistent:
        yield Finding(message("inconsistent"))
    for term in sorted(found.unsatisfiable):
        yield Finding(message("unsatisfiable"), project.homes.get(term), term)
    stated = {frozenset((str(a), str(b))) for p in STATED for a, b in graph.subject_objects(p)}
    for terms in found.equivalent:
        if any(pair <= terms for pair in stated):
            continue
        first, *others = sorted(terms)
        shown = ", ".join(map(short, [first, *others]))
        yield Finding(message("equivalent", terms=shown), project.homes.get(first), first)


def classify(graph: Graph) -> Classification:
    """Classify the graph's axioms.

    Raises MissingTool without Java or HermiT, InstanceError where the reasoner fails or takes too
    long.
    """
    java, jar = shutil.which("java"), hermit()
    if java is None:
        raise MissingTool(
            "Java was not found, so the reasoner was not run; install Java 17 or later."
        )
    with tempfile.TemporaryDirectory(prefix="atlas-reasoner-") as folder:
        axioms = Path(folder, "ontology.nt")
        offline = Graph(bind_namespaces="none")
        # Everything imported is here already: an import left in would be fetched.
        offline += (triple for triple in graph if triple[1] != OWL.imports)
        offline.serialize(axioms, format="nt", encoding="utf-8")
        command = [java, MEMORY, "-cp", jar, COMMAND, *ARGUMENTS, axioms.as_uri()]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS, cwd=folder
            )
        except subprocess.TimeoutExpired as error:
            raise InstanceError(
                f"The reasoner took longer than {SECONDS} s and was stopped."
            ) from error
    if done.returncode and "InconsistentOntologyException" in done.stderr:
        return Classification(consistent=False)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[0]
        raise InstanceError(f"The reasoner failed: {reason}")
    return read_classification(done.stdout)


def read_classification(output: str) -> Classification:
    """HermiT's lines: what is equivalent to nothing, what to each other."""
    groups = [
        frozenset(re.findall(r"<([^>]+)>", found[1])) for found in EQUIVALENT.finditer(output)
    ]
    return Classification(
        consistent=True,
        unsatisfiable=frozenset(
            term for group in groups if group & NOTHING for term in group - NOTHING
        ),
        equivalent=tuple(group for group in groups if not group & NOTHING and len(group) > 1),
    )


def hermit() -> str:
    """The class path of HermiT; raises MissingTool where owlready2 does not bring it."""
    found = find_spec("owlready2")
    folder = Path(found.origin).parent / "hermit" if found and found.origin else Path()
    if not (folder / "HermiT.jar").is_file():
        raise MissingTool("HermiT was not found in owlready2; run: make install.")
    return os.pathsep.join([str(folder), str(folder / "HermiT.jar")])
