"""Bytes to a server and what it makes of them, read without the kindness of a client library.

https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

from tests.endpoint.serving import Served

PATIENCE = 60.0
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d)( [ -~\x80-\xff]*)?")
HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t\x80-\xff]*)")
NO_BODY = (204, 304)


def sent(served: Served, request: bytes) -> bytes:
    """All that comes back until the server closes; then the client has said all it had to say."""
    split = urlsplit(served.address)
    received = b""
    with socket.create_connection((split.hostname, split.port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(1 << 16):
                received += piece
        except OSError as error:
            # The server had heard enough, and closed while we still spoke.
            if isinstance(error, TimeoutError):
                raise
    return received


def statuses(received: bytes, *, heads: bool) -> list[int]:
    """The statuses of the replies; fails where one is not as HTTP/1.1 has it.

    ``heads``: a reply may answer a HEAD, and then has no body though it says a length.
    """
    found = []
    while received:
        head, end, received = received.partition(b"\r\n\r\n")
        assert end, head
        status_line, *lines = head.split(b"\r\n")
        status = STATUS_LINE.fullmatch(status_line)
        assert status, status_line
        found.append(int(status[1]))
        fields = [HEADER.fullmatch(line) for line in lines]
        assert all(fields), lines
        names = {field[1].lower(): field[2] for field in fields if field}
        assert b"transfer-encoding" not in names, lines
        if found[-1] not in NO_BODY:
            length = int(names[b"content-length"])
            if not (heads and len(received) < length):
                assert len(received) >= length, (length, received)
                received = received[length:]
    return found
