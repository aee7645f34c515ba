"""Harvests as the tests run them, without a word to anybody, and what is served after them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from rich.console import Console

from atlas.settings import Settings
from federation.exchange.gate import Gate
from federation.partner import Partner
from loaders.harvests.report import sentences
from loaders.harvests.run import Harvest, Harvested, Options
from loaders.progress import Display
from store import Generation, Generations, LocalEngine

LOOPBACK = frozenset({"127.0.0.1"})
QUIET = Display(Console(file=io.StringIO()))


def harvested(settings: Settings, partner: Partner, **options: Any) -> Harvested:
    """What came of a harvest of the partner, as the operator's options say."""
    asked = Options(**options)
    work = Harvest(settings, partner, asked, gate=Gate(), display=QUIET, say=lambda text: None)
    return work.run()


def served(home: Path) -> Generation:
    generation = Generations(home).current()
    assert generation
    return generation


def holds(home: Path, ask: str, **dataset: Any) -> bool:
    """What the served generation answers to an ASK query."""
    return LocalEngine(served(home).store).ask(ask, **dataset)


def told(harvested: Harvested, *, dry: bool = False) -> str:
    return "\n".join(sentences(harvested, dry=dry))
