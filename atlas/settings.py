"""The one table of settings. In the environment each is ``ATLAS_`` and its name in capitals."""

from __future__ import annotations

import os
from collections.abc import Mapping
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
                f"{self.variable} is {text!r}; it takes a {kind.__name__}, such as {self.default}."
            ) from error
        if kind in (int, float) and value < 0:
            raise UsageError(f"{self.variable} is {text!r}; it cannot be negative.")
        return value


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
    Setting("workers", 2 * (os.cpu_count() or 1), "Query worker processes"),
    Setting("queue", 64, "Requests that may wait for a worker; more get 503"),
)


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
    def load(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Defaults, then the environment, then what the caller says.

        Raises UsageError for a value that is not of its setting's type, or a name not in the table.
        """
        environment = os.environ if environment is None else environment
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
