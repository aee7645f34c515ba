"""The engine: generations on disk, read by killable workers, written in one place.

The only package that opens pyoxigraph's ``Store``.
"""

from store.answers import Answer, Operation
from store.engine import Engine, LocalEngine
from store.generation import Generation
from store.generations import Generations
from store.staging import LoadJob, Staging
from store.workers.pool import WorkerPool
from store.writing.writer import GraphStep, UpdateStep, Write, Writer, Written

__all__ = [
    "Answer",
    "Engine",
    "Generation",
    "Generations",
    "GraphStep",
    "LoadJob",
    "LocalEngine",
    "Operation",
    "Staging",
    "UpdateStep",
    "WorkerPool",
    "Write",
    "Writer",
    "Written",
]
