"""A generation: one published state of the atlas, and its record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from atlas.errors import InstanceError

RECORD = "record.json"
# What a record says of a default graph that is a graph like any other, not the merge of graphs.
OWN = "own"


@dataclass(frozen=True)
class Generation:
    """One published state."""

    number: int
    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def graphs(self) -> Path:
        return self.folder / "graphs"

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """What it was made of. Raises InstanceError where it is gone."""
        try:
            record: dict[str, Any] = json.loads((self.folder / RECORD).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InstanceError(
                f"Generation {self.number} has no readable {RECORD}; roll back or build again."
            ) from error
        return record
