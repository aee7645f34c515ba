"""The list of partners of one instance: who may be asked, and what each was found to hold.

    {home}/partners/{name}.ttl              the entry, which a person may write
    {home}/partners/{name}.summary.json     what the last check that worked found
    {home}/partners/{name}.history.jsonl    one line per check

What cannot be read is no partner: nothing is ever asked of a site whose entry is not understood.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atlas.errors import MalformedSource, UnknownName, UsageError, shown
from federation.partner import Partner
from federation.sites.entries import check_name, read_entry, write_entry
from federation.sites.summaries import Summary
from store import disk

FOLDER = "partners"
ENTRY, SUMMARY, HISTORY = ".ttl", ".summary.json", ".history.jsonl"
# Checks remembered for each partner: a daily one for half a year.
REMEMBERED = 200

log = logging.getLogger("atlas.partners")

# A file as it was when it was read: another one, or the same one changed, has another mark.
Mark = tuple[int, int, int]


@dataclass
class _State:
    """The folder as it was read last."""

    marks: dict[str, Mark] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    broken: dict[str, MalformedSource] = field(default_factory=dict)
    called: dict[str, Partner] = field(default_factory=dict)


class PartnerFolder:
    """The partners of one instance folder, read again whenever a file there has changed.

    Safe to use from many threads.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER
        self._state = _State()
        self._summaries: dict[str, tuple[Mark, Summary | None]] = {}
        self._lock = threading.Lock()

    def all(self, *, strict: bool = False) -> Mapping[str, Partner]:
        """The partners by name.

        An entry that cannot be read is left out and logged; where ``strict``, it is raised instead,
        as MalformedSource.
        """
        state = self._current()
        if strict:
            for error in state.broken.values():
                raise error
        return state.partners

    def broken(self) -> Mapping[str, MalformedSource]:
        """What is wrong with each entry that cannot be read, by name."""
        return self._current().broken

    def get(self, name: str) -> Partner:
        """Raises UnknownName; MalformedSource where its entry cannot be read."""
        state = self._current()
        if name in state.broken:
            raise state.broken[name]
        if name not in state.partners:
            known = ", ".join(state.partners) or "none yet; atlas partners add makes one"
            raise UnknownName(f"There is no partner {shown(name)}; there are: {known}.")
        return state.partners[name]

    def called(self, iri: str) -> Partner | None:
        """The partner that SERVICE calls by this IRI: its endpoint, or one of its names."""
        return self._current().called.get(iri)

    def add(self, partner: Partner, *, replace: bool = False) -> Path:
        """Write the entry; the file. Raises UsageError for one that is there or does not fit."""
        path = self._path(partner.name, ENTRY)
        with self._changing():
            _write_whole(path, self.judged(partner, replace=replace))
        return path

    def judged(self, partner: Partner, *, replace: bool = False) -> str:
        """The entry as it would be written. Raises UsageError for one that would not be."""
        path = self._path(partner.name, ENTRY)
        try:
            check_name(partner.name)
            text = write_entry(partner)
            read_entry(text.encode(), partner.name, path)
        except ValueError as error:
            raise UsageError(f"{shown(partner.name)} cannot be added: {error}.") from error
        except MalformedSource as error:
            raise UsageError(f"{partner.name} cannot be added: {error.reason}") from error
        if path.exists() and not replace:
            raise UsageError(
                f"There is a partner {partner.name} already; give --replace, or edit {path}."
            )
        others = [other for other in self.all().values() if other.name != partner.name]
        _check_names(partner, others)
        return text

    def remove(self, name: str) -> Partner | None:
        """Take the entry, its summary and its history away; what the entry said, if readable.

        Raises UnknownName.
        """
        with self._changing():
            partner = None if name in self.broken() else self.get(name)
            for suffix in (ENTRY, SUMMARY, HISTORY):
                self._path(name, suffix).unlink(missing_ok=True)
        return partner

    def summary(self, name: str) -> Summary | None:
        """What the partner was found to hold, None where that is not known.

        It is the same object until another check has written it anew. What was found at another
        endpoint than that of the entry says nothing.
        """
        summary = self._kept_summary(name)
        partner = self._current().partners.get(name)
        if summary is None or partner is None:
            return None
        return summary if summary.endpoint in ("", partner.endpoint) else None

    def _kept_summary(self, name: str) -> Summary | None:
        path = self._path(name, SUMMARY)
        mark = _mark(path)
        if mark is None:
            return None
        known = self._summaries.get(name)
        if known is None or known[0] != mark:
            known = self._summaries[name] = mark, _read_summary(path)
        return known[1]

    def keep_summary(self, name: str, summary: Summary) -> None:
        """Write what a check found."""
        text = json.dumps(summary.to_json(), ensure_ascii=False, indent=1)
        with self._changing():
            _write_whole(self._path(name, SUMMARY), text)

    def history(self, name: str) -> list[dict[str, Any]]:
        """The checks of the partner, the oldest first; a line that is broken is passed over."""
        try:
            lines = self._path(name, HISTORY).read_text("utf-8", "replace").splitlines()
        except OSError:
            return []
        return list(_rows(lines))

    def remember(self, name: str, check: Mapping[str, Any]) -> None:
        """Add one check to the history, and forget those of long ago."""
        with self._changing():
            rows = [*self.history(name), dict(check)][-REMEMBERED:]
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            _write_whole(self._path(name, HISTORY), text)

    def _path(self, name: str, suffix: str) -> Path:
        return self.folder / f"{name}{suffix}"

    def _current(self) -> _State:
        marks = _marks(self.folder)
        if marks != self._state.marks:
            with self._lock:
                if marks != self._state.marks:
                    self._state = _read_folder(self.folder, marks)
        return self._state

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with disk.sentences(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            with disk.locked(self.folder / ".lock"):
                yield


def _read_folder(folder: Path, marks: dict[str, Mark]) -> _State:
    state = _State(marks)
    for name in marks:
        path = folder / f"{name}{ENTRY}"
        try:
            partner = read_entry(path.read_bytes(), name, path)
            _check_names(partner, state.partners.values())
        except UsageError as error:
            state.broken[name] = MalformedSource(path, f"{error}")
        except MalformedSource as error:
            state.broken[name] = error
        except OSError as error:
            state.broken[name] = MalformedSource(path, f"it cannot be read: {error.strerror}.")
        else:
            state.partners[name] = partner
            state.called |= dict.fromkeys(partner.called, partner)
    for reason in state.broken.values():
        log.warning("A partner is left out: %s", reason)
    return state


def _check_names(partner: Partner, others: Any) -> None:
    """One IRI names one partner. Raises UsageError."""
    for other in others:
        for iri in sorted(partner.called & other.called):
            raise UsageError(f"{iri} names the partner {other.name} already.")


def _marks(folder: Path) -> dict[str, Mark]:
    """The entries there are, each with its mark, in the order of their names."""
    try:
        names = sorted(name for name in os.listdir(folder) if _is_entry(name))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    found = {name.removesuffix(ENTRY): _mark(folder / name) for name in names}
    return {name: mark for name, mark in found.items() if mark is not None}


def _is_entry(name: str) -> bool:
    """Editors keep hidden files beside those they write."""
    return name.endswith(ENTRY) and not name.startswith(".")


def _mark(path: Path) -> Mark | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _read_summary(path: Path) -> Summary | None:
    """None for one that cannot be read: then it says nothing, and the next check writes it anew."""
    try:
        return Summary.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("The summary %s is passed over: %s.", path, error)
        return None


def _rows(lines: list[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def _write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    disk.sync(path.parent)
