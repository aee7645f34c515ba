"""``atlas harvest``: what a partner publishes, into the partner's own graph, whole or not at all.

Fetch through the gate; read as any source is read; compare with what is served; where something has
changed, publish as ``atlas load`` does. Whatever fails before the last step leaves the graph that
is served, and what is kept of it for later builds, as they were.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from atlas.errors import DataError, Forbidden, InvalidData, MalformedSource, UnknownName, UsageError
from atlas.settings import Settings
from federation.exchange.gate import Gate
from federation.partner import HARVEST, Partner
from loaders import build as building
from loaders import extra, provenance, readings
from loaders.build import Built
from loaders.harvests import state as remembered
from loaders.harvests.changes import Changes, compare
from loaders.harvests.declaring import declaration, graph_name, without_path
from loaders.harvests.dumps import Gathered, gather
from loaders.harvests.fetching import Fetched, Fetcher
from loaders.harvests.kinds import RECORDS, SPARQL, served
from loaders.harvests.pages import Endpoint, Pages
from loaders.harvests.state import Kept, State
from loaders.pool import read_all
from loaders.progress import Display
from loaders.readings import Planned
from store import Generations

# Less than this part of what was served is taken for a site that is out of order.
LOSS = 0.5


@dataclass(frozen=True)
class Options:
    """What the operator asked for. ``file``: a file of the partner's, in place of its address."""

    kind: str = ""
    file: Path | None = None
    publish: str = ""
    dry: bool = False
    accept_loss: bool = False


@dataclass(frozen=True)
class Harvested:
    """What a harvest came to. ``changes`` is None where nothing was to be read again; ``built`` is
    None where nothing was published; ``findings`` are those of SHACL, by severity, that are new."""

    partner: str
    kind: str
    triples: int
    since: str
    generation: int
    changes: Changes | None = None
    built: Built | None = None
    findings: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)
    bad: Sequence[str] = ()
    notes: Sequence[str] = ()
    licence: str = ""
    verified: bool = False
    publish: str = "default"


class Harvest:
    """One harvest of one partner. ``say``: told what is being done, for people who wait."""

    def __init__(
        self,
        settings: Settings,
        partner: Partner,
        options: Options,
        *,
        gate: Gate,
        display: Display,
        say: Callable[[str], None],
    ) -> None:
        self.settings, self.partner, self.options = settings, partner, options
        self.gate, self.display, self.say = gate, display, say
        self.name = graph_name(partner.name)
        self.graph = f"{settings.base}/graph/{self.name}"

    def run(self) -> Harvested:
        """Raises Forbidden, UsageError where the partner may not, or cannot, be harvested;
        PartnerFailed, PartnerLimit, MalformedSource for what it serves; InvalidData where the
        shapes refuse it; InstanceError."""
        if HARVEST not in self.partner.uses:
            raise Forbidden(
                f"The partner {self.partner.name} may not be harvested: its entry does not allow "
                f"the use {HARVEST}."
            )
        with (
            remembered.alone(self.settings.home) as folder,
            TemporaryDirectory(dir=folder) as temporary,
        ):
            self._recall()
            (fetched := Path(temporary) / "files").mkdir()
            with self._told(gathered := self._gathered(fetched)):
                return self._kept(gathered, Path(temporary))

    def _recall(self) -> None:
        """What the last harvest left: the entry, the graph that is served, the state."""
        settings = self.settings
        declared = {entry["name"]: entry for entry in extra.entries(settings)}
        self.entry = declared.get(self.name)
        generations = Generations(settings.home, keep=settings.generations_kept)
        self.served = generations.current()
        graphs = self.served.record.get("graphs", ()) if self.served else ()
        self.served_graph = next((g for g in graphs if g["name"] == self.name), None)
        self.state, self.kept_folder = State(), None
        state = remembered.load(settings.home, self.partner.name)
        if self.entry and self.served_graph and self.served_graph["checksum"] == state.checksum:
            self.state = state
            self.kept_folder = (settings.home / self.entry["path"][0]).parent

    # --- Fetching ---

    def _gathered(self, folder: Path) -> Gathered:
        partner, kind = self.partner, self.options.kind
        if self.options.file:
            return self._local(self.options.file, folder)
        if kind == SPARQL or not (kind or partner.dump):
            return self._asked(folder)
        if not partner.dump:
            raise UsageError(
                f"The partner {partner.name} has no void:dataDump in its entry to be harvested as "
                f"{kind}; add it, or harvest its endpoint with --kind {SPARQL}."
            )
        fetcher = Fetcher(
            partner,
            self.gate,
            folder,
            seconds=self.settings.harvest_seconds,
            limit=self.settings.harvest_bytes,
            known=self.state.files,
            kept=self.kept_folder,
            say=self.say,
        )
        with self._addressed(folder, partner.dump):
            return gather(fetcher, kind)

    def _asked(self, folder: Path) -> Gathered:
        partner = self.partner
        if not partner.endpoint:
            raise UsageError(
                f"The partner {partner.name} has no dcat:endpointURL in its entry to be asked."
            )
        endpoint = Endpoint(
            partner,
            self.gate,
            seconds=self.settings.harvest_seconds,
            limit=self.settings.harvest_bytes,
        )

        def say(done: int, known: int) -> None:
            self.say(f"{done:,} of {known:,} things so far")

        path = folder / "endpoint.nt"
        Pages(endpoint, say).write(path)
        kept = Kept(path.name, "application/n-triples")
        return Gathered(SPARQL, (Fetched(partner.endpoint, path, "nt", kept, fresh=True),))

    def _local(self, file: Path, folder: Path) -> Gathered:
        """A file of the partner's that was brought here by hand."""
        syntax = served(self.partner.name, str(file), file, "")
        kind, found = self.options.kind, syntax if syntax in RECORDS else ""
        if kind and found != (kind if kind in RECORDS else ""):
            raise UsageError(f"{file} is not {kind}.")
        path = folder / f"{file.name.partition('.')[0]}.{'xml' if found else syntax}"
        shutil.copyfile(file, path)
        address = self.partner.dump or self.partner.endpoint
        fetched = Fetched(address, path, syntax, Kept(path.name, ""), fresh=True)
        return Gathered(found or kind or "rdf", (fetched,))

    @contextmanager
    def _addressed(self, folder: Path, otherwise: str) -> Iterator[None]:
        """Faults of a file of the folder are told of the partner's address."""
        try:
            yield
        except MalformedSource as error:
            if Path(error.path).parent != folder:
                raise
            raise MalformedSource(
                f"The partner {self.partner.name}, {otherwise}", error.reason, line=error.line
            ) from error

    @contextmanager
    def _told(self, gathered: Gathered) -> Iterator[None]:
        """Faults of a file as those of its address; the harvest in what the shapes refuse."""
        addresses = {str(file.path): file.address for file in gathered.files}
        try:
            yield
        except MalformedSource as error:
            address = addresses.get(str(error.path))
            if address is None:
                raise
            where = f"The partner {self.partner.name}, {self.options.file or address}"
            raise MalformedSource(where, error.reason, line=error.line) from error
        except InvalidData as error:
            raise InvalidData(f"The harvest of {self.partner.name} is refused. {error}") from error

    # --- Comparing and publishing ---

    def _kept(self, gathered: Gathered, temporary: Path) -> Harvested:
        files = [file.path for file in gathered.files]
        entry = declaration(self.partner, gathered, self.options.publish, self.entry)
        same_entry = self.entry is not None and without_path(self.entry) == entry
        if same_entry and self.kept_folder and self._unchanged(gathered):
            return self._nothing_new(gathered)
        planned = self._read(entry, files, temporary)
        reading = planned.reading
        assert reading is not None, "it was just read"
        before = None
        if self.served and self.served_graph:
            before = self.served.graphs / self.served_graph["file"]
        changes = compare(before, planned.triples, self.graph)
        if not changes and same_entry and before:
            return self._nothing_new(gathered)
        self._check_loss(changes)
        harvested = Harvested(
            self.partner.name,
            gathered.kind,
            changes.after,
            since="",
            generation=self.served.number if self.served else 0,
            changes=changes,
            lost=reading.lost,
            bad=planned.bad_rows.read_text("utf-8").splitlines(),
            notes=gathered.notes,
            licence=entry["licence"],
            verified=entry["licence_verified"],
            publish=entry["publish"],
        )
        if self.options.dry:
            self.say("validating with what is served")
            record = building.rehearse(self.settings, planned, display=self.display)
            return replace(harvested, findings=self._new_findings(record))
        return self._publish(harvested, gathered, entry, files)

    def _unchanged(self, gathered: Gathered) -> bool:
        """Whether the files are those that are served, byte for byte."""
        assert self.served_graph is not None
        checksum = provenance.checksum([file.path for file in gathered.files])
        return bool(checksum == self.served_graph["checksum"])

    def _nothing_new(self, gathered: Gathered) -> Harvested:
        assert self.served is not None
        assert self.served_graph is not None
        if self._unchanged(gathered) and not self.options.dry:
            self._remember(gathered)
        return Harvested(
            self.partner.name,
            gathered.kind,
            self.served_graph["triples"],
            since=self.served_graph["reading"]["read_at"],
            generation=self.served.number,
            notes=gathered.notes,
        )

    def _read(self, entry: Mapping[str, Any], files: Sequence[Path], home: Path) -> Planned:
        """The source read for comparison, where nothing that is kept can be touched."""
        self.say("reading what was fetched")
        source = extra.source_of({**entry, "path": [str(file) for file in files]}, self.settings)
        return read_all([readings.plan(source, home)], self.display)[0]

    def _check_loss(self, changes: Changes) -> None:
        if not changes.after:
            raise DataError(
                f"The partner {self.partner.name} gives nothing: not one triple. Nothing was "
                "published."
            )
        if changes.after < LOSS * changes.before and not self.options.accept_loss:
            raise DataError(
                f"The partner {self.partner.name} gives {changes.after:,} triples where it gave "
                f"{changes.before:,}: it may be out of order. Nothing was published; where this is "
                "right, harvest it with --accept-loss."
            )

    def _publish(
        self,
        harvested: Harvested,
        gathered: Gathered,
        entry: Mapping[str, Any],
        files: Sequence[Path],
    ) -> Harvested:
        self.say("publishing")
        with extra.keeping(entry, files, self.settings) as source:
            built = building.add(self.settings, source, display=self.display)
        self._remember(gathered)
        found = self._new_findings(built.generation.record)
        return replace(harvested, built=built, findings=found, generation=built.generation.number)

    def _new_findings(self, record: Mapping[str, Any]) -> dict[str, int]:
        """How many more of each severity than in what was served; all, where it is apart."""
        before = self.served.record.get("findings", {}) if self.served else {}
        after = record.get("findings", {})
        found = {name: n for name in after if (n := after[name] - before.get(name, 0)) > 0}
        return found or dict(record.get("findings_apart", {}).get(self.name, {}))

    def _remember(self, gathered: Gathered) -> None:
        checksum = provenance.checksum([file.path for file in gathered.files])
        checked = datetime.now(UTC).isoformat(timespec="seconds")
        files = {file.address: file.kept for file in gathered.files}
        state = State(gathered.kind, checked, checksum, files)
        remembered.save(self.settings.home, self.partner.name, state)


def remove(settings: Settings, partner: str, *, display: Display) -> Built:
    """Publish without the partner's graph, and keep nothing of it. Raises UnknownName."""
    name = graph_name(partner)
    with remembered.alone(settings.home):
        if name not in {entry["name"] for entry in extra.entries(settings)}:
            raise UnknownName(f"Nothing was harvested of {partner!r}; there is nothing to remove.")
        built = building.remove(settings, name, display=display)
        extra.forget(name, settings)
        remembered.forget(settings.home, partner)
        shutil.rmtree(settings.home / "sources" / name, ignore_errors=True)
    return built
