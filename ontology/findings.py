"""What a check is and what it finds: plain values, so that the table of checks reads like one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ontology.project import Project

ERROR, WARNING, INFORMATION = "error", "warning", "information"


@dataclass(frozen=True)
class Finding:
    """One thing to do: in which file, about which term, said in three languages."""

    message: Mapping[str, str]
    file: Path | None = None
    term: str = ""
    severity: str = ERROR


@dataclass(frozen=True)
class Check:
    """One row of the table: name, what it proves (in three languages), how it looks.

    ``find`` raises MissingTool where a program it needs is not there: the check is then not run.
    """

    name: str
    proves: Mapping[str, str]
    find: Callable[[Project], Iterable[Finding]]


@dataclass(frozen=True)
class Outcome:
    """What one check gave. ``not_run`` is the sentence that says why it was not run, or empty."""

    check: Check
    findings: tuple[Finding, ...] = ()
    not_run: str = ""

    @property
    def failed(self) -> bool:
        return any(finding.severity == ERROR for finding in self.findings)

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)
