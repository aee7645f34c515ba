"""The W3C suites against a running server, as the report in docs/conformance says.

https://w3c.github.io/rdf-tests/
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conformance import bare
from tests.conformance.__main__ import DOCS, FIGURES
from tests.conformance.groups import group_of
from tests.conformance.report import Known, earl, figures, surprises, table
from tests.conformance.running import SUITE, run, scratch_servers
from tests.conformance.suite import Case, cases
from tests.conformance.tasks import Evaluation, Syntax, Update
from tests.conformance.verdicts import Verdict

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
REPORT = ROOT / DOCS
# What a specification about HTTP, or about asking others over it, wants is passed as a whole.
WHOLE = {
    "SPARQL 1.1 Protocol": 34,
    "SPARQL 1.1 Graph Store Protocol": 13,
    "SPARQL 1.1 Graph Store Protocol, older tests": 18,
    "SPARQL 1.1 Service Description": 3,
    "SPARQL 1.1 Federated Query": 7,
}


@dataclass(frozen=True)
class Run:
    root: Path
    cases: list[Case]
    known: Known
    verdicts: dict[str, Verdict]


@pytest.fixture(scope="module")
def found(atlas_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = atlas_data / SUITE
    every, known = cases(root), Known.read()
    with scratch_servers(root, tmp_path_factory.mktemp("servers")) as servers:
        return Run(root, every, known, run(known.claimed(every), servers))


def test_the_suites_are_all_there(atlas_data: Path) -> None:
    suites = Counter("/".join(case.folder.split("/")[:2]) for case in cases(atlas_data / SUITE))
    assert suites == {
        "sparql/sparql10": 482,
        "sparql/sparql11": 643,
        "sparql/sparql12": 269,
        "rdf/rdf11": 992,
        "rdf/rdf12": 250,
    }


def test_what_fails_has_its_reason_and_what_passes_has_none(found: Run) -> None:
    assert surprises(found.verdicts, found.known) == []


def test_the_tests_about_http_all_pass(found: Run) -> None:
    passed = Counter(
        group_of(case)
        for case in found.cases
        if case.iri in found.verdicts and found.verdicts[case.iri].passed
    )
    assert {name: passed[name] for name in WHOLE} == WHOLE


def test_what_the_engine_passes_by_itself_passes_over_http(found: Run) -> None:
    own = [
        case
        for case in found.known.claimed(found.cases)
        if isinstance(case.task, Evaluation | Update | Syntax)
    ]
    passed = bare.passed(found.root, own)
    assert len(passed) > 1_200
    assert sorted(iri for iri in passed if not found.verdicts[iri].passed) == []


def test_the_report_is_what_this_run_gives(found: Run) -> None:
    what = (found.cases, found.verdicts, found.known)
    assert (REPORT / "README.md").read_text("utf-8") == table(*what)
    assert (REPORT / "earl.ttl").read_text("utf-8") == earl(*what)
    assert (ROOT / FIGURES).read_text("utf-8") == figures(*what)
