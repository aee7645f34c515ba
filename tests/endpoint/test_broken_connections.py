"""A server that dies while it sends: no client takes half an answer for a whole one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from store.formats import FORMATS, SOLUTIONS
from tests.endpoint.serving import Served, serving
from tests.waiting import LONG

# Texts that hardly compress, more of them than the buffers of a connection take in.
DIGITS = " ".join(str(number) for number in range(20))
TEXTS = " ".join(f"VALUES ?{name} {{ {DIGITS} }}" for name in "abcd")
HASH = 'BIND(SHA512(CONCAT(STR(?a), " ", STR(?b), " ", STR(?c), " ", STR(?d))) AS ?text)'
SELECT = f"SELECT ?text {{ {TEXTS} {HASH} }}"
CONSTRUCT = f"CONSTRUCT {{ [] <urn:x-text> ?text }} WHERE {{ {TEXTS} {HASH} }}"
# What curl says of a body that ended too soon, or of a connection that was reset.
ENDED_TOO_SOON = {18, 56}
# Seconds in which curl, at its leisure, has read what was on its way when the server died: some
# megabytes wait in the buffers of a connection.
DRAINED = 2 * LONG


def download(served: Served, media_type: str, coding: str, target: Path) -> subprocess.Popen[bytes]:
    """curl, at its leisure."""
    kind = next(row.kind for row in FORMATS if row.media_type == media_type)
    query = SELECT if kind == SOLUTIONS else CONSTRUCT
    unpacking = [] if coding == "identity" else ["--compressed"]
    return subprocess.Popen(
        [
            *("curl", "-sS", "--fail", "--limit-rate", "500k", *unpacking, "-o", str(target)),
            *("-H", f"Accept: {media_type}", "-H", f"Accept-Encoding: {coding}"),
            *("--data-urlencode", f"query={query}", f"{served.address}/sparql"),
        ],
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_curl_fails_in_every_format_when_the_server_dies(
    home: Path, tmp_path: Path, coding: str
) -> None:
    # All formats at once may take a busy machine longer than one query may usually run.
    patient = {"ATLAS_CLIENT_REQUESTS": "0", "ATLAS_QUERY_TIMEOUT": "600"}
    with serving(home, ATLAS_WORKERS="5", **patient) as served:
        downloads = {
            row.media_type: download(served, row.media_type, coding, tmp_path / str(number))
            for number, row in enumerate(FORMATS)
        }
        try:
            interrupt(
                {tmp_path / str(number): curl for number, curl in enumerate(downloads.values())}
            )
            for number, _ in served.process.processes():
                os.kill(number, signal.SIGKILL)
            for media_type, curl in downloads.items():
                curl.send_signal(signal.SIGCONT)
                _, said = curl.communicate(timeout=DRAINED)
                assert curl.returncode in ENDED_TOO_SOON, (media_type, curl.returncode, said)
        finally:
            for curl in downloads.values():
                curl.kill()
                curl.communicate()


def interrupt(downloads: dict[Path, subprocess.Popen[bytes]]) -> None:
    """Have each curl stop reading once the first bytes have come."""
    ends = time.monotonic() + 2 * LONG
    while downloads:
        assert time.monotonic() < ends
        for target in [target for target in downloads if target.exists()]:
            downloads.pop(target).send_signal(signal.SIGSTOP)
        assert all(curl.poll() is None for curl in downloads.values())
        time.sleep(0.02)
