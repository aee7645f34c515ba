"""The engine: generations on disk, read by killable workers, written in one place.

The only package that opens pyoxigraph's ``Store``.
"""

from store.answers import Answer, Operation
from store.engine import Engine, LocalEngine
from store.generations import Generation, Generations
from store.staging import LoadJob, Staging
from store.workers import WorkerPool

__all__ = [
    "Answer",
    "Engine",
    "Generation",
    "Generations",
    "LoadJob",
    "LocalEngine",
    "Operation",
    "Staging",
    "WorkerPool",
]
