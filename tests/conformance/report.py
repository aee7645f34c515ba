"""What a run is worth: a table for readers, EARL for programs, figures for the atlas's own pages.

https://www.w3.org/TR/EARL10-Schema/. None holds a date or a place: the same run writes the same
files.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal

import atlas
from tests.conformance.groups import GROUPS, group_of
from tests.conformance.scripts import corrections
from tests.conformance.suite import Case
from tests.conformance.verdicts import Verdict

KNOWN = Path(__file__).parent / "known_failures.toml"
SUBJECT = "https://w3id.org/atlas-relationnel"
BY_VALUE = "Some literals of the answer have another text than expected, and the same value."
EARL_HEAD = """\
@base <{subject}> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix earl: <http://www.w3.org/ns/earl#> .

<> a doap:Project , earl:Software , earl:TestSubject , earl:Assertor ;
    doap:name "Atlas relationnel" ;
    doap:release [ doap:revision "{version}" ] .

"""
# One line, so that a change of one verdict is a change of one line.
ASSERTION = (
    "[] a earl:Assertion ; earl:assertedBy <> ; earl:subject <> ; earl:mode earl:automatic ; "
    "earl:test <{test}> ; earl:result [ a earl:TestResult ; earl:outcome earl:{outcome}{info} ] .\n"
)
TABLE_HEAD = """\
# Conformance

What `make conformance` found: the W3C test suites, run against `atlas serve --scratch` over HTTP.
Each test has its verdict in [earl.ttl](earl.ttl). Written by the run, not by hand.

- **passed**: the server answers as the suite expects, in every format that can hold the answer.
- **by value**: of those, the tests in which a literal comes back as the same value in another text
  (`01` as `1`, `1.0E0` as `1`): the engine stores what a literal denotes.
- **excused**: it does not pass, for the reason given below.
- **not claimed**: the test is about something that this server does not offer.

Of the RDF suites, those of the syntaxes are run, as uploads through the Graph Store Protocol; those
of entailment and of canonical N-Triples and N-Quads are about other programs.

| Suite | passed | by value | excused | not claimed | total |
|---|---:|---:|---:|---:|---:|
"""


@dataclass(frozen=True)
class Known:
    """Reasons, by test IRI, and for what is not claimed by the folder of the manifest."""

    failures: dict[str, str]
    not_claimed: dict[str, str]

    @classmethod
    def read(cls) -> Known:
        return cls(**tomllib.loads(KNOWN.read_text("utf-8")))

    def claimed(self, cases: list[Case]) -> list[Case]:
        return [case for case in cases if case.folder not in self.not_claimed]


def surprises(verdicts: dict[str, Verdict], known: Known) -> list[str]:
    """What the file of known failures does not say: each must be put right before a commit."""
    failed = {iri: verdict.why for iri, verdict in verdicts.items() if not verdict.passed}
    return [
        *(f"fails: {iri}: {why}" for iri, why in failed.items() if iri not in known.failures),
        *(
            f"passes, and must leave {KNOWN.name}: {iri}"
            for iri in known.failures
            if iri in verdicts and iri not in failed
        ),
        *(f"is in no manifest: {iri}" for iri in known.failures if iri not in verdicts),
    ]


def earl(cases: list[Case], verdicts: dict[str, Verdict], known: Known) -> str:
    """One assertion per test, in the order of the manifests."""
    head = EARL_HEAD.format(subject=SUBJECT, version=atlas.__version__)
    return head + "".join(_assertion(case, verdicts.get(case.iri), known) for case in cases)


def _assertion(case: Case, verdict: Verdict | None, known: Known) -> str:
    if verdict is None:
        outcome, info = "untested", known.not_claimed[case.folder]
    elif verdict.passed:
        outcome, info = "passed", BY_VALUE if verdict.by_value else ""
    else:
        outcome, info = "failed", known.failures.get(case.iri, verdict.why)
    return ASSERTION.format(
        test=case.iri,
        outcome=outcome,
        info=f" ; earl:info {Literal(info)}" if info else "",
    )


def table(cases: list[Case], verdicts: dict[str, Verdict], known: Known) -> str:
    """The table of the suites, then the names of what is excused, replayed and not claimed."""
    return TABLE_HEAD + "".join(
        [
            *_rows(cases, verdicts),
            *_excused(cases, verdicts, known),
            *_by_value(cases, verdicts),
            *_corrected(),
            *_not_claimed(cases, known),
        ]
    )


def figures(cases: list[Case], verdicts: dict[str, Verdict], known: Known) -> str:
    """JSON: the version tested, the numbers of each suite, each test that fails with its reason."""
    groups = _groups(cases, verdicts)
    failed = [
        {"test": case.iri, "name": case.name, "suite": group_of(case), "reason": reason}
        for case, reason in _failed(cases, verdicts, known)
    ]
    suites = [{"suite": name, **_numbers(group)} for name, group in groups.items()]
    said = {
        "version": atlas.__version__,
        "suites": suites,
        "failed": failed,
        "not_claimed": [*known.not_claimed.values()],
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _groups(cases: list[Case], verdicts: dict[str, Verdict]) -> dict[str, list[Verdict | None]]:
    groups: dict[str, list[Verdict | None]] = {name: [] for name in GROUPS}
    for case in cases:
        groups[group_of(case)].append(verdicts.get(case.iri))
    return groups


def _numbers(group: list[Verdict | None]) -> dict[str, int]:
    run = [verdict for verdict in group if verdict is not None]
    passed = sum(verdict.passed for verdict in run)
    return {
        "passed": passed,
        "by_value": sum(verdict.by_value for verdict in run),
        "excused": len(run) - passed,
        "not_claimed": len(group) - len(run),
        "total": len(group),
    }


def _rows(cases: list[Case], verdicts: dict[str, Verdict]) -> Iterator[str]:
    groups = _groups(cases, verdicts)
    groups["**all**"] = [verdict for group in groups.values() for verdict in group]
    for name, group in groups.items():
        yield f"| {name} | {' | '.join(map(str, _numbers(group).values()))} |\n"


def _failed(
    cases: list[Case], verdicts: dict[str, Verdict], known: Known
) -> Iterator[tuple[Case, str]]:
    for case in cases:
        verdict = verdicts.get(case.iri)
        if verdict is not None and not verdict.passed:
            yield case, known.failures.get(case.iri, verdict.why)


def _excused(cases: list[Case], verdicts: dict[str, Verdict], known: Known) -> Iterator[str]:
    yield "\n## Excused\n\n"
    for case, reason in _failed(cases, verdicts, known):
        yield f"- [{case.name}]({case.iri}) ({group_of(case)}): {reason}\n"


def _by_value(cases: list[Case], verdicts: dict[str, Verdict]) -> Iterator[str]:
    yield "\n## Passed by value\n\n"
    for case in cases:
        if case.iri in verdicts and verdicts[case.iri].by_value:
            yield f"- [{case.name}]({case.iri}) ({group_of(case)})\n"


def _corrected() -> Iterator[str]:
    yield "\n## Replayed with a correction\n\n"
    yield "The suite's older Graph Store tests cannot all be sent as they are printed.\n\n"
    for iri, correction in corrections().items():
        yield f"- [{iri.rsplit('#', 1)[-1]}]({iri}): {correction.reason}\n"


def _not_claimed(cases: list[Case], known: Known) -> Iterator[str]:
    yield "\n## Not claimed\n"
    for folder, reason in known.not_claimed.items():
        names = [f"[{case.name}]({case.iri})" for case in cases if case.folder == folder]
        yield f"\n{reason}\n\n" + "".join(f"- {name}\n" for name in names)
