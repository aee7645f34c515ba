"""What the shapes found, as a generation's record keeps it: results that are alike together."""

from __future__ import annotations

from typing import Any

from rdflib.term import URIRef

import shapes

# So many kinds of results are kept, the worst first, and of each so many things as examples.
KINDS, EXAMPLES = 100, 5

Finding = dict[str, Any]


def counted(report: shapes.Report) -> dict[str, int]:
    """How many results of each severity, by its name."""
    return {name(severity): n for severity, n in report.counts.items() if n}


def listed(report: shapes.Report) -> list[Finding]:
    """The results of one shape that say the same, as one finding: in order, violations first.

    Of each: ``severity`` by name, ``shape`` and ``path`` as the report has them, ``messages`` by
    language, ``count``, and ``examples``: IRIs of things that it is about.
    """
    found: dict[tuple[str, ...], Finding] = {}
    for result in report.results:
        said = (name(result.severity), str(result.shape), result.path, result.message("fr"))
        if said not in found and len(found) == KINDS:
            continue
        kind = found.setdefault(
            said,
            {
                "severity": said[0],
                "shape": said[1],
                "path": said[2],
                "messages": dict(sorted(result.messages.items())),
                "count": 0,
                "examples": [],
            },
        )
        kind["count"] += 1
        add_example(kind["examples"], result)
    return list(found.values())


def add_example(examples: list[str], result: shapes.Result) -> None:
    about = str(result.focus)
    fits = isinstance(result.focus, URIRef) and about not in examples
    if fits and len(examples) < EXAMPLES:
        examples.append(about)


def name(severity: URIRef) -> str:
    return str(severity).rpartition("#")[2].lower()
