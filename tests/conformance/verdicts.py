"""One case on one store: passed, or why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pyoxigraph as ox

from tests.conformance.answers import (
    Answer,
    Table,
    as_csv,
    has_triple_terms,
    read_result,
    with_numbers,
)
from tests.conformance.comparing import same
from tests.conformance.datasets import Refused, Store, quads_of, with_its_from
from tests.conformance.suite import Case, published
from tests.conformance.tasks import Document, Evaluation, Syntax, Update


@dataclass(frozen=True)
class Verdict:
    """Whether a case passes; ``by_value`` where literals only denote what is expected."""

    passed: bool
    by_value: bool = False
    why: str = ""


# Results in a file of these kinds have an order; RDF numbers its solutions where that counts.
SEQUENCES = {".srx", ".srj", ".tsv", ".csv"}
ORDER_BY = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)
PASSED = Verdict(True)


def judge(case: Case, store: Store) -> Verdict:
    """Run a case on a store."""
    try:
        return JUDGES[type(case.task)](case.task, store)
    except Refused as refusal:
        return Verdict(False, why=f"refused: {refusal}")


def _evaluation(task: Evaluation, store: Store) -> Verdict:
    store.load(with_its_from(store.root, task.query, task.data))
    expected = read_result(task.result, published(store.root, task.result))
    text, base = task.query.read_text("utf-8"), published(store.root, task.query)
    if isinstance(expected, Table):
        ordered = expected.ordered or (task.result.suffix in SEQUENCES and is_ordered(text))
        expected = replace(expected, lax=task.lax, ordered=ordered)
    answers = dict(store.answers(text, base))
    if task.result.suffix == ".csv":
        return _in_csv(expected, answers["CSV"])
    in_csv = answers.pop("CSV", None)
    verdicts = [
        _compared(expected, found, f"the answer in {name}") for name, found in answers.items()
    ]
    json = answers.get("JSON")
    if isinstance(json, Table) and in_csv is not None and not has_triple_terms(json):
        verdicts.append(_compared(as_csv(json), in_csv, "the answer in CSV"))
    return _together(verdicts)


def is_ordered(query: str) -> bool:
    """Whether ORDER BY is about the query itself, not only about a query within it."""
    return ORDER_BY.search(query.rpartition("}")[2]) is not None


def _in_csv(expected: Answer, found: Answer) -> Verdict:
    """CSV has lost the datatypes: what looks like a number is one."""
    assert isinstance(expected, Table)
    assert isinstance(found, Table)
    if same(expected, found):
        return PASSED
    return _compared(with_numbers(expected), with_numbers(found), "the answer in CSV")


def _together(verdicts: list[Verdict]) -> Verdict:
    failed = [verdict for verdict in verdicts if not verdict.passed]
    return failed[0] if failed else max(verdicts, key=lambda verdict: verdict.by_value)


def _compared(expected: Answer, found: Answer, what: str) -> Verdict:
    if same(expected, found):
        return PASSED
    if same(expected, found, by_value=True):
        return Verdict(True, by_value=True)
    return Verdict(False, why=f"{what} is another one")


def _update(task: Update, store: Store) -> Verdict:
    store.load(task.before)
    store.update(task.request.read_text("utf-8"), published(store.root, task.request))
    return _compared(ox.Dataset(quads_of(store.root, task.after)), store.state(), "the state")


def _syntax(task: Syntax, store: Store) -> Verdict:
    text = task.text.read_text("utf-8")
    malformed = store.is_malformed(text, update=task.update, base=published(store.root, task.text))
    if malformed != task.positive:
        return PASSED
    return Verdict(False, why="it is taken for malformed" if malformed else "it is not refused")


def _document(task: Document, store: Store) -> Verdict:
    try:
        found = store.read(task)
    except Refused as refusal:
        if task.positive or not refusal.malformed:
            raise
        return PASSED
    if not task.positive:
        return Verdict(False, why="it is not refused")
    if task.result is None:
        return PASSED
    expected = read_result(task.result, task.base)
    return _compared(expected, found, "the dataset")


JUDGES: dict[type, Callable[[Any, Store], Verdict]] = {
    Evaluation: _evaluation,
    Update: _update,
    Syntax: _syntax,
    Document: _document,
}
