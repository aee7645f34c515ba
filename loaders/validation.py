"""``atlas validate``: files, or a generation, against the shapes, without publishing anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import ontology
import shapes
from atlas.errors import InstanceError
from atlas.settings import Settings
from loaders.graphs import rewritten
from loaders.pool import read_all
from loaders.progress import Display
from loaders.readings import Planned, plan
from loaders.schema import merged, schema_sources
from loaders.sources import NO_LICENCE, Source
from store import Generations, LocalEngine, rules

N_TRIPLES = "application/n-triples"


def validate_files(files: Sequence[Path], settings: Settings, *, syntax: str) -> shapes.Report:
    """The report on RDF files taken together, with the ontology and its vocabularies.

    Raises MalformedSource for a file that cannot be read.
    """
    with TemporaryDirectory() as folder:
        home = Path(folder)
        schema = [plan(source, home) for source in schema_sources(settings.base)]
        data = plan(_source(files, settings, syntax=syntax), home)
        with Display() as display:
            plans = read_all([*schema, data], display)
        return _report(plans, home)


def validate_generation(settings: Settings, number: int | None = None) -> shapes.Report:
    """The report on the default graph of a generation, the served one by default.

    Raises InstanceError where nothing was published, UnknownName for a number that is not kept.
    """
    generations = Generations(settings.home, keep=settings.generations_kept)
    generation = generations.current() if number is None else generations.get(number)
    if generation is None:
        raise InstanceError(f"No generation in {settings.home} yet; run atlas build to make one.")
    engine = LocalEngine(generation.store)
    return shapes.validate(engine, ontology.load())


def _source(files: Sequence[Path], settings: Settings, *, syntax: str) -> Source:
    return Source(
        name="files",
        kind="rdf_file",
        title={},
        paths={str(path): path for path in files},
        version="",
        licence=NO_LICENCE,
        licence_verified=False,
        attribution="",
        base=settings.base,
        options={"syntax": syntax} if syntax else {},
    )


def _report(plans: Sequence[Planned], home: Path) -> shapes.Report:
    """As in the build: what is asserted and its closure, never what is derived further."""
    schema = merged(plans[:-1], home / "axioms.nt")
    asserted = [each.triples for each in plans]
    inference = rules.infer(asserted, schema, home)
    engine = LocalEngine()
    for path in (*asserted, inference.closure):
        engine.load(path, N_TRIPLES)
    changed = rewritten(engine, plans)
    return shapes.validate(engine, ontology.load(), rewritten=changed)
