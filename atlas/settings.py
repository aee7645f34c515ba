"""The one table of settings. In the environment each is ``ATLAS_`` and its name in capitals."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atlas.errors import UsageError

MIB = 1024 * 1024


@dataclass(frozen=True)
class Setting:
    """One row of the table. The default's type is the setting's type."""

    name: str
    default: Any
    help: str
    # What to say instead of a default that depends on the machine.
    said: str = ""

    @property
    def shown(self) -> str:
        """The default for people: ``100 MiB`` beside its number of bytes, ``none`` for nothing."""
        if self.said:
            return self.said
        if isinstance(self.default, int) and self.default and self.default % MIB == 0:
            return f"{self.default} ({self.default // MIB} MiB)"
        return "none" if self.default == "" else f"{self.default}"

    @property
    def variable(self) -> str:
        return f"ATLAS_{self.name.upper()}"

    def read(self, text: str) -> Any:
        """The value that ``text`` says.

        Raises UsageError where the text is not of the setting's type.
        """
        kind = type(self.default)
        if kind is bool:
            if text.lower() in BOOLEANS:
                return BOOLEANS[text.lower()]
            raise UsageError(f"{self.variable} is {text!r}; it takes true or false.")
        try:
            value = kind(text)
        except ValueError as error:
            raise UsageError(
                f"{self.variable} is {text!r}; it takes {TAKEN[kind]}, such as {self.default}."
            ) from error
        if kind in (int, float) and value < 0:
            raise UsageError(f"{self.variable} is {text!r}; it cannot be negative.")
        return value


TAKEN = {int: "a whole number", float: "a number"}
BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}

DEFAULT_BASE = "https://w3id.org/atlas-relationnel"

SETTINGS = (
    Setting("home", Path("instance"), "Folder of all state: generations, sources read, locks"),
    Setting("data", "", "Folder of optional sources and test suites; empty: none"),
    Setting("node_modules", Path("node_modules"), "Folder where npm installed the map of France"),
    Setting(
        "base",
        DEFAULT_BASE,
        "Start of the IRIs of instances and graphs; set it before serving publicly",
    ),
    Setting("generations_kept", 10, "Published generations kept; the served one always stays"),
    Setting("query_timeout", 30.0, "Seconds a query may run"),
    Setting("worker_memory", 1024 * MIB, "Bytes of data memory one query worker may use"),
    Setting("answer_bytes", 100 * MIB, "Bytes one answer may have"),
    Setting("body_bytes", 10 * MIB, "Bytes of a request's body"),
    Setting("query_nesting", 200, "Depth to which brackets may nest in a query"),
    Setting("query_bytes", MIB, "Bytes of a query's text"),
    Setting("answer_rows", 0, "Solutions one answer may have; 0: as many as its bytes allow"),
    Setting("write_timeout", 60.0, "Seconds a write may take, waiting for its turn included"),
    Setting("write_bytes", 100 * MIB, "Bytes of the body of a write"),
    Setting("writer_memory", 2048 * MIB, "Bytes of data memory the writer process may use"),
    Setting("cache_bytes", 64 * MIB, "Bytes of answers kept in memory, all processes together"),
    Setting("prepare", True, "Whether the first pages are made ready before a reader asks"),
    Setting("workers", 2 * (os.cpu_count() or 1), "Query worker processes", said="two per core"),
    Setting("queue", 64, "Requests that may wait for a worker; more get 503"),
    Setting("client_requests", 16, "Requests of one client at a time; more get 429; 0: no limit"),
    Setting("federation_rows", 100_000, "Rows that partners may send for one query, all together"),
    Setting("federation_requests", 200, "Requests to partners for one query, all together"),
    Setting("harvest_seconds", 3600.0, "Seconds that the harvest of one partner may take"),
    Setting("harvest_bytes", 256 * MIB, "Bytes that the harvest of one partner may fetch"),
    Setting(
        "trusted_proxies",
        "127.0.0.1,::1",
        "Addresses whose X-Forwarded-For, -Proto and -Host are believed, with commas between",
    ),
    Setting("access_log", "", "File of the access log as JSON lines; - is standard output"),
    Setting("slow_query", 5.0, "Seconds after which a query is written to the log; 0: none"),
)


# How the table is told to people. Each setting is in one group.
GROUPS = {
    "The instance": ("home", "data", "node_modules", "base", "generations_kept"),
    "Queries": (
        *("query_timeout", "query_bytes", "query_nesting", "answer_bytes", "answer_rows"),
        *("workers", "worker_memory", "queue", "cache_bytes", "prepare"),
    ),
    "Federation": (
        *("federation_rows", "federation_requests"),
        *("harvest_seconds", "harvest_bytes"),
    ),
    "Writes": ("write_timeout", "write_bytes", "writer_memory"),
    "Clients": ("body_bytes", "client_requests", "trusted_proxies"),
    "Logs": ("access_log", "slow_query"),
}


def grouped() -> Iterator[tuple[str, list[Setting]]]:
    """The table, group by group."""
    by_name = {setting.name: setting for setting in SETTINGS}
    for title, names in GROUPS.items():
        yield title, [by_name[name] for name in names]


def read_file(path: Path) -> dict[str, str]:
    """The settings of a file of lines ``ATLAS_NAME=value``, as systemd reads an EnvironmentFile.

    Empty lines and comments (``#``) are passed over; quotes around a value are not part of it.
    Raises UsageError for a line that is no setting of the table.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as a file of settings: {error}.") from error
    known = {setting.variable for setting in SETTINGS}
    found = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        name, _, value = (part.strip() for part in line.partition("="))
        if name not in known:
            raise UsageError(f"{path}, line {number}: {name!r} is no setting; see atlas settings.")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[name] = value
    return found


class Settings:
    """The table with values: ``settings.query_timeout``."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def __iter__(self) -> Any:
        return iter(self._values.items())

    @classmethod
    def load(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        file: Path | None = None,
        **overrides: Any,
    ) -> Settings:
        """Defaults, then the environment, then a file, then what the caller says.

        Raises UsageError for a value that is not of its setting's type, or a name not in the table.
        """
        environment = os.environ if environment is None else environment
        if file is not None:
            environment = {**environment, **read_file(file)}
        values = {
            setting.name: setting.read(environment[setting.variable])
            if setting.variable in environment
            else setting.default
            for setting in SETTINGS
        }
        unknown = overrides.keys() - values.keys()
        if unknown:
            raise UsageError(f"There is no setting {sorted(unknown)[0]!r}; see atlas settings.")
        return cls(values | overrides)
