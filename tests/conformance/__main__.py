"""``make conformance``: run the W3C suites against servers of our own, write what was found."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.conformance.report import Known, earl, figures, surprises, table
from tests.conformance.running import SUITE, run, scratch_servers
from tests.conformance.suite import cases

DOCS = Path("docs/conformance")
# Where the atlas's own pages read it: the documents are not part of what is installed.
FIGURES = Path("endpoint/conformance.json")


def main() -> int:
    """Write the report; 1 where the file of known failures does not say what was found."""
    root = Path(os.environ.get("ATLAS_DATA", ""), SUITE).resolve()
    if not root.is_dir():
        print(f"The suites are not in {root}: set ATLAS_DATA to the folder that holds {SUITE}.")
        return 2
    every, known = cases(root), Known.read()
    with (
        tempfile.TemporaryDirectory() as home,
        scratch_servers(root, Path(home)) as servers,
    ):
        verdicts = run(known.claimed(every), servers)
    DOCS.mkdir(parents=True, exist_ok=True)
    (DOCS / "earl.ttl").write_text(earl(every, verdicts, known), "utf-8")
    (DOCS / "README.md").write_text(table(every, verdicts, known), "utf-8")
    FIGURES.write_text(figures(every, verdicts, known), "utf-8")
    found = surprises(verdicts, known)
    print("\n".join(found) or f"{len(verdicts)} tests ran as {DOCS / 'README.md'} says.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
