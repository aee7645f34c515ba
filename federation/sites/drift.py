"""What has changed at a partner between two summaries of it.

Only what both can tell is compared: a summary that does not list everything proves no absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from federation.partner import Partner
from federation.sites.summaries import Summary

# A change of the number of triples that is worth a word, and a fall that is worth an alarm.
NOTICED, ALARMING = 0.05, 0.20
# Names that one sentence lists.
LISTED = 5


@dataclass(frozen=True)
class Note:
    """One thing that an operator should know. ``bad``: answers are missing, or may be."""

    text: str
    bad: bool = False


def drift(before: Summary | None, after: Summary) -> list[Note]:
    """What changed since the last summary; nothing where there was none."""
    return list(_changes(before, after)) if before is not None else []


def remarks(partner: Partner, summary: Summary) -> list[Note]:
    """Where what was found is not what the entry says, or not of use as it is."""
    return list(_remarks(partner, summary))


def _remarks(partner: Partner, summary: Summary) -> Iterator[Note]:
    if summary.cut is not None and summary.cut <= partner.limits.rows:
        yield Note(
            f"It cuts answers after {summary.cut:,} rows and does not say so: give its entry a "
            f"limit of {summary.cut - 1:,} rows, so that no half answer is taken for a whole one.",
            bad=True,
        )
    if summary.triples == 0:
        yield Note("Its default graph is empty: queries that name no graph find nothing there.")
    theirs = _names(summary.licences)
    if partner.licence and summary.licences and partner.licence not in summary.licences:
        yield Note(f"It publishes under {theirs}; the entry says {partner.licence}.")
    if not partner.licence:
        yield Note(f"The entry says no licence; the partner itself says {theirs or 'none'}.")
    if not summary.complete:
        yield Note("Not all it holds could be listed: it is asked where that is not known.")


def _changes(before: Summary, after: Summary) -> Iterator[Note]:
    whole = before.complete, after.complete
    yield from _named("predicate", before.predicates, after.predicates, whole, bad=True)
    whole = before.classes_complete, after.classes_complete
    yield from _named("class", before.classes, after.classes, whole, bad=True)
    yield from _counted(before, after)
    if before.licences != after.licences:
        was, now = _names(before.licences) or "none", _names(after.licences) or "none"
        yield Note(f"Licence: was {was}, is {now}.", bad=True)
    yield from _named("vocabulary", before.vocabularies, after.vocabularies)
    yield from _named("feature", before.features, after.features)
    if before.complete and not after.complete:
        yield Note("All predicates were listed, and now not all could be.")


def _named(
    what: str,
    before: Iterable[str],
    after: Iterable[str],
    whole: tuple[bool, bool] = (True, True),
    *,
    bad: bool = False,
) -> Iterator[Note]:
    """Names that went, where all that are there now are known; that came, where all that were."""
    gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    if gone and whole[1]:
        yield Note(f"{plural(what, len(gone))} gone: {_names(gone)}.", bad=bad)
    if new and whole[0]:
        yield Note(f"{plural(what, len(new))} new: {_names(new)}.")


def _counted(before: Summary, after: Summary) -> Iterator[Note]:
    was, now = before.triples, after.triples
    if was is None or now is None or was == now:
        return
    share = (now - was) / max(was, 1)
    if abs(share) >= NOTICED:
        yield Note(f"Triples: {was:,} → {now:,} ({share:+.0%}).", bad=share <= -ALARMING)


def plural(what: str, number: int) -> str:
    """So many of what is counted, such as "3 classes"."""
    if number == 1:
        return f"1 {what}"
    plural = {"class": "classes", "vocabulary": "vocabularies"}.get(what, f"{what}s")
    return f"{number:,} {plural}"


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - LISTED:,} more" if len(listed) > LISTED else ""
    return ", ".join(listed[:LISTED]) + more
