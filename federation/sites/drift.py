"""What has changed at a partner between two summaries of it.

Only what both can tell is compared: a summary that does not list everything proves no absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from federation.partner import Partner
from federation.sites.summaries import Summary

# A change of the number of triples that is worth a word, and a fall that is worth an alarm.
NOTICED, ALARMING = 0.05, 0.20
# Names that one sentence lists.
LISTED = 5


@dataclass(frozen=True)
class Note:
    """One thing that an operator should know. ``bad``: answers are missing, or may be.

    ``key``, ``values``: the same sentence in the catalogues of the pages.
    """

    text: str
    bad: bool = False
    key: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


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
            key="checks.cut",
            values={"rows": summary.cut, "limit": summary.cut - 1},
        )
    if summary.triples == 0:
        yield Note(
            "Its default graph is empty: queries that name no graph find nothing there.",
            key="checks.empty",
        )
    theirs = _names(summary.licences)
    values = {"theirs": _listed(summary.licences), "ours": partner.licence}
    if partner.licence and summary.licences and partner.licence not in summary.licences:
        said = f"It publishes under {theirs}; the entry says {partner.licence}."
        yield Note(said, key="checks.licence_other", values=values)
    if not partner.licence:
        said = f"The entry says no licence; the partner itself says {theirs or 'none'}."
        key = "checks.licence_unsaid" if theirs else "checks.licence_nowhere"
        yield Note(said, key=key, values=values)
    if not summary.complete:
        yield Note(
            "Not all it holds could be listed: it is asked where that is not known.",
            key="checks.unlisted",
        )


def _changes(before: Summary, after: Summary) -> Iterator[Note]:
    whole = before.complete, after.complete
    yield from _named("predicate", before.predicates, after.predicates, whole, bad=True)
    whole = before.classes_complete, after.classes_complete
    yield from _named("class", before.classes, after.classes, whole, bad=True)
    yield from _counted(before, after)
    if before.licences != after.licences:
        was, now = _names(before.licences) or "none", _names(after.licences) or "none"
        change = ("given", "changed")[bool(before.licences)] if after.licences else "withdrawn"
        yield Note(
            f"Licence: was {was}, is {now}.",
            bad=True,
            key=f"checks.licence_{change}",
            values={"was": _listed(before.licences), "now": _listed(after.licences)},
        )
    yield from _named("vocabulary", before.vocabularies, after.vocabularies)
    yield from _named("feature", before.features, after.features)
    if before.complete and not after.complete:
        yield Note("All predicates were listed, and now not all could be.", key="checks.relisted")


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
        said = f"{plural(what, len(gone))} gone: {_names(gone)}."
        yield Note(said, bad=bad, key=f"checks.gone.{what}", values=_counts(gone))
    if new and whole[0]:
        said = f"{plural(what, len(new))} new: {_names(new)}."
        yield Note(said, key=f"checks.new.{what}", values=_counts(new))


def _counted(before: Summary, after: Summary) -> Iterator[Note]:
    was, now = before.triples, after.triples
    if was is None or now is None or was == now:
        return
    share = (now - was) / max(was, 1)
    if abs(share) >= NOTICED:
        yield Note(
            f"Triples: {was:,} → {now:,} ({share:+.0%}).",
            bad=share <= -ALARMING,
            key="checks.triples",
            values={"was": was, "now": now, "share": f"{share:+.0%}".removesuffix("%")},
        )


def plural(what: str, number: int) -> str:
    """So many of what is counted, such as "3 classes"."""
    if number == 1:
        return f"1 {what}"
    plural = {"class": "classes", "vocabulary": "vocabularies"}.get(what, f"{what}s")
    return f"{number:,} {plural}"


def _counts(names: Sequence[str]) -> dict[str, object]:
    return {"count": len(names), "names": _listed(names)}


def _listed(names: Iterable[str]) -> str:
    """The first names, and a number for the rest: no word of any language."""
    listed = list(names)
    more = f" (+{len(listed) - LISTED})" if len(listed) > LISTED else ""
    return ", ".join(listed[:LISTED]) + more


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - LISTED:,} more" if len(listed) > LISTED else ""
    return ", ".join(listed[:LISTED]) + more
