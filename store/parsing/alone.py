"""Parses one RDF file in a process of its own: whatever the file does to the parser, it does there.

``python -P -m store.parsing.alone FILE EXTENSION BASE NUMBER OUTPUT`` writes the file's triples as
N-Triples, or says on its standard output, as JSON, what is wrong with the file.
"""

from __future__ import annotations

import errno
import json
import resource
import sys
from pathlib import Path

from pyoxigraph import RdfFormat, serialize

from atlas.errors import MalformedSource
from store.confine import deny_network
from store.parsing.files import read_bytes
from store.parsing.syntaxes import SYNTAXES, quads_of

MEMORY_BYTES = 1024**3
OUTPUT_BYTES = 1024**3
# Real files take a tenth of this.
CPU_SECONDS, CPU_SECONDS_PER_MIB = 10, 1
# The engine's OSError has no errno, only its text.
TOO_LARGE = f"(os error {errno.EFBIG})"


def main() -> None:
    path, extension, base, number, output = sys.argv[1:]
    confine()
    try:
        content = read_bytes(Path(path))
        limit_time(content)
        syntax = SYNTAXES[extension]
        # Files are told apart by their number: they share no node, and every build gives the same.
        quads = quads_of(Path(path), content, syntax, base=base, prefix=f"f{number}")
        serialize((quad.triple for quad in quads), output, format=RdfFormat.N_TRIPLES)
    except MalformedSource as error:
        refuse(error.reason, error.line)
    except MemoryError as error:
        said = str(error) or f"more than {MEMORY_BYTES // 2**20} MiB"
        refuse(f"needs too much memory to be parsed ({said}); split it, or shorten its literals.")
    except OSError as error:
        if TOO_LARGE not in str(error):
            raise
        refuse(f"makes more than {OUTPUT_BYTES // 2**20} MiB of triples; split it.")


def confine() -> None:
    """Bound what this process may use, for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    # No parser of the engine calls out today; where the system can, none ever will.
    deny_network()


def limit_time(content: bytes) -> None:
    """Past this much of the processor's time the system ends this process."""
    seconds = CPU_SECONDS + CPU_SECONDS_PER_MIB * len(content) // 2**20
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def refuse(reason: str, line: int | None = None) -> None:
    print(json.dumps({"reason": reason, "line": line}))


if __name__ == "__main__":
    main()
