"""What the build shows while it works: a bar per source on a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class Display(AbstractContextManager["Display"]):
    """Bars for the sources being read, a line for each step. Writes to standard error."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self.bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("rows"),
            TimeElapsedColumn(),
            console=self.console,
        )
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.console.is_terminal:
            self.bars.stop()

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    def reading(self, name: str, rows: int | None) -> None:
        """A source begins to be read; ``rows`` is how many it had the last time."""
        self.tasks[name] = self.bars.add_task(name, total=rows)
        if not self.console.is_terminal:
            self.say(f"{name}: reading")

    def rows(self, name: str, done: int) -> None:
        self.bars.update(self.tasks[name], completed=done)

    def read(self, name: str, rows: int, seconds: float) -> None:
        self.bars.update(self.tasks[name], completed=rows, total=rows)
        if not self.console.is_terminal:
            self.say(f"{name}: {rows:,} rows in {seconds:.1f} s")
