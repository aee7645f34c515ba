"""Small published generations, and pools over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from store import Generations, LoadJob, WorkerPool, Writer
from tests.store.written_atlas import BASE, build_atlas, write_sources

EX = "http://example.org/"
GRAPH = f"{EX}graph/"
# Enough rows for a product of three patterns to outlast any deadline of these tests.
ROWS = 3000


@pytest.fixture(scope="session")
def triples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("triples") / "places.nt"
    lines = [f'<{EX}place/{n}> <{EX}name> "Lieu {n}"@fr .\n' for n in range(ROWS)]
    path.write_text("".join(lines), encoding="utf-8")
    return path


Publish = Callable[..., int]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Publishes triples, given as N-Triples by graph name, and returns the generation's number."""

    def publish(home: Path, **graphs: str | Path) -> int:
        generations = Generations(home)
        with generations.stage() as staging:
            jobs, described = [], []
            (staging.folder / "graphs").mkdir()
            for name, content in graphs.items():
                path = staging.folder / "graphs" / f"{name}.nt"
                text = content.read_text("utf-8") if isinstance(content, Path) else content
                path.write_text(text, encoding="utf-8")
                jobs.append(LoadJob(path, GRAPH + name, merged=name != "apart"))
                described.append(description(name))
            staging.load(jobs)
            return generations.publish(staging, {"graphs": described, "triples": 1}).number

    return publish


def description(name: str) -> dict[str, Any]:
    return {
        "graph": GRAPH + name,
        "name": name,
        "file": f"{name}.nt",
        "publish": "illustrative" if name == "invented" else "default",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "licence_verified": name != "unverified",
        "attribution": "A body\nwith two lines",
        "version": "1",
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small atlas as a build makes it, for the tests of one module."""
    folder = tmp_path_factory.mktemp("built")
    write_sources(folder / "sources")
    build_atlas(folder / "home")
    return folder / "home"


@pytest.fixture(scope="module")
def process(built: Path) -> Iterator[Writer]:
    writer = Writer(Generations(built, keep=1000), base=BASE, memory_bytes=2 * 1024**3, deadline=60)
    yield writer
    writer.close()


@pytest.fixture
def rewound(built: Path) -> Path:
    """The small atlas, serving what was built."""
    Generations(built).rollback(1)
    return built


@pytest.fixture
def writer(process: Writer, rewound: Path) -> Writer:
    """One process for all tests of a module: each begins with the generation that was built."""
    return process


@pytest.fixture
def home(tmp_path: Path, publish: Publish, triples: Path) -> Path:
    publish(tmp_path / "home", places=triples)
    return tmp_path / "home"


@pytest.fixture
def pool(home: Path) -> Iterator[WorkerPool]:
    pool = WorkerPool(Generations(home), workers=2, deadline=10, memory_bytes=512 * 1024**2)
    yield pool
    pool.close()
