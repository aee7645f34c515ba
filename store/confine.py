"""What a worker process may not do: use more memory, leave a core, take the processor, call out."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
import threading
import time
import warnings

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
# Offsets of struct seccomp_data, and the BPF instructions that the filter needs:
# https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
NUMBER, ARCHITECTURE = 0, 4
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 13  # SECCOMP_RET_ERRNO | EACCES
X32_BIT = 0x40000000

# Architecture: its audit number and its numbers of socket, connect, bind, io_uring_setup.
SYSTEM_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 425)),
    "aarch64": (0xC00000B7, (198, 203, 200, 425)),
}
NICENESS = 19
WATCH_SECONDS = 0.5


def confine(memory_bytes: int, *, niceness: int = NICENESS) -> None:
    """Confine this process for good. Call it once everything is imported.

    Memory is capped as data (RLIMIT_DATA): RocksDB reserves address space that it never uses.
    """
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(niceness)
    if not deny_network():
        warnings.warn(
            "This system cannot deny sockets to query workers; "
            "only the query guard keeps SERVICE out.",
            RuntimeWarning,
            stacklevel=2,
        )


def deny_network() -> bool:
    """Refuse sockets to this process from now on; False where the system cannot."""
    calls = SYSTEM_CALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or calls is None:
        return False
    program = ctypes.create_string_buffer(_filter(*calls))
    header = struct.pack("HxxxxxxP", len(program.raw) // 8, ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    return (
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        and libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) == 0
    )


def end_with_parent() -> None:
    """End this process soon after its parent has ended, however that came about."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _filter(architecture: int, refused: tuple[int, ...]) -> bytes:
    """The BPF program: refuse these calls, and every call of another architecture."""
    body = [(LOAD, 0, 0, NUMBER), (AT_LEAST, len(refused) + 1, 0, X32_BIT)]
    for place, number in enumerate(refused):
        body.append((EQUAL, len(refused) - place, 0, number))
    body += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    head = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 0, len(body) - 1, architecture)]
    instructions = head + body
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
