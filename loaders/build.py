"""``atlas build``: from sources to a published generation.

Read the sources that changed; load what they assert while the rules infer; validate; load what the
rules derive; publish. Until the last step nothing that is served is touched: whatever fails or is
killed before leaves the last generation served.
"""

from __future__ import annotations

import gc
import hashlib
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import atlas
from atlas.errors import AtlasError, MalformedSource
from atlas.settings import Settings
from loaders.graphs import Stage
from loaders.kept import kept, written
from loaders.measures import Clock
from loaders.pool import read_all
from loaders.progress import Display
from loaders.readings import Planned, plan, sweep
from loaders.schema import rules_digest, schema_sources
from loaders.sources import Source, named
from store import Generation, Generations, Staging


@dataclass(frozen=True)
class Built:
    """What a build did. ``generation`` is what is served, ``published`` whether it is new."""

    generation: Generation
    published: bool
    plans: Sequence[Planned]
    clock: Clock
    absent: Sequence[Source] = ()
    read: frozenset[str] = frozenset()


def build(
    settings: Settings, sources: Sequence[Source], *, force: bool = False, display: Display
) -> Built:
    """Publish a generation from these sources, unless the one served is made of the same.

    Raises MalformedSource or ChangedSource for a source at fault, InvalidData where the shapes
    refuse the data, InstanceError where the folder of state cannot be used.
    """
    absent = [source for source in sources if not source.present]
    for source in absent:
        if source.required:
            raise MalformedSource(f"source {source.name}", f"{'; '.join(source.absent)}.")
    present = [source for source in sources if source.present]
    plans = _plan(settings, present, force=force)
    built = publish(settings, plans, force=force, display=display)
    return replace(built, absent=absent)


def add(settings: Settings, source: Source, *, display: Display) -> Built:
    """Publish the served generation again with one more source, or another state of one.

    Raises what ``build`` raises.
    """
    new = plan(source, settings.home)
    return publish(settings, _beside(settings, source.name, [new]), display=display)


def rehearse(settings: Settings, new: Planned, *, display: Display) -> Mapping[str, Any]:
    """The record of the generation that ``add`` would publish; nothing is published.

    Raises what ``build`` raises.
    """
    generations = Generations(settings.home, keep=settings.generations_kept)
    plans = _beside(settings, new.source.name, [new])
    with generations.stage() as staging, _letting_go():
        kept_graphs = written(generations.current(), [each.source for each in plans])
        plans = read_all(plans, display)
        record = _staged(staging, [*plans, *kept_graphs], settings, clock=Clock())
        gc.collect()
        staging.close()
    return record


def remove(settings: Settings, name: str, *, display: Display) -> Built:
    """Publish the served generation again without the source of that name.

    Raises what ``build`` raises.
    """
    return publish(settings, _beside(settings, name, []), display=display)


def choose(sources: Sequence[Source], *, only: Sequence[str], public: bool) -> list[Source]:
    """The sources to publish: on a public address, only those whose licence is verified.

    Raises UnknownName for a name that no source has.
    """
    chosen = named(sources, only) if only else sources
    return [source for source in chosen if source.licence_verified or not public]


def publish(
    settings: Settings, plans: Sequence[Planned], *, force: bool = False, display: Display
) -> Built:
    """Read what has to be read, then stage, validate and publish."""
    clock = Clock()
    generations = Generations(settings.home, keep=settings.generations_kept)
    inputs = _inputs_digest(plans, settings.base)
    served = generations.current()
    if served and served.record.get("inputs") == inputs and not force:
        return Built(served, False, plans, clock)
    to_read = frozenset(plan.source.name for plan in plans if not plan.reading)
    with clock.memory, generations.stage() as staging, _letting_go():
        sweep(settings.home)
        # What was written until now; from here on nobody else writes.
        kept_graphs = written(generations.current(), [plan.source for plan in plans])
        with clock.step("read"):
            plans = read_all(plans, display)
        record = _staged(staging, [*plans, *kept_graphs], settings, clock=clock)
        record |= {"inputs": inputs}
        # The validator's graphs are cycles that hold the store: it must be closed to be published.
        gc.collect()
        with clock.step("publish"):
            generation = generations.publish(staging, record)
    return Built(generation, True, plans, clock, read=to_read)


def _staged(
    staging: Staging, plans: Sequence[Planned], settings: Settings, *, clock: Clock
) -> dict[str, Any]:
    """Load, infer and validate; the record of the generation. Raises InvalidData."""
    stage = Stage(staging, plans, settings, clock=clock)
    stage.load_and_infer()
    stage.validate()
    stage.derive()
    return stage.record()


@contextmanager
def _letting_go() -> Iterator[None]:
    """On an error, let go of the staging store, which the error's frames would keep open."""
    try:
        yield
    except AtlasError as error:
        traceback.clear_frames(error.__traceback__)
        gc.collect()
        raise


def _plan(settings: Settings, sources: Sequence[Source], *, force: bool = False) -> list[Planned]:
    """The ontology and its alignments, then these."""
    every = [*schema_sources(settings.base), *sources]
    return [plan(source, settings.home, force=force) for source in every]


def _beside(settings: Settings, name: str, new: Sequence[Planned]) -> list[Planned]:
    """What is served, without the source of that name, and what is new."""
    schema = _plan(settings, [])
    served = Generations(settings.home, keep=settings.generations_kept).current()
    names = {name, *(each.source.name for each in schema)}
    others = [each for each in kept(served) if each.source.name not in names] if served else []
    return [*schema, *others, *new]


def _inputs_digest(plans: Sequence[Planned], base: str) -> str:
    """What the generation depends on, in one value: the same inputs give the same atlas.

    What was written into it stays as it is whatever the sources are, and is not part of the value.
    """
    parts = [atlas.__version__, base, rules_digest()]
    parts += sorted(f"{plan.source.name} {plan.source.publish} {plan.key}" for plan in plans)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
