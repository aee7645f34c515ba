from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from atlas.errors import MalformedSource
from loaders import pool
from loaders.progress import Display
from loaders.readings import Planned, plan
from loaders.sources import Source

MakeSource = Callable[..., Source]


@pytest.fixture
def plans(tmp_path: Path, make_source: MakeSource) -> list[Planned]:
    """Two sources of one file each, and a third that was read before."""
    made = []
    for name in ("one", "two", "three"):
        path = tmp_path / f"{name}.ttl"
        path.write_text(f"<https://example.org/{name}> a <https://example.org/c> .\n", "utf-8")
        made.append(plan(make_source(name=name, kind="ontology", paths={"f": path}), tmp_path))
    made[2] = pool.read_all(made[2:], quiet())[0]
    return made


def quiet() -> Display:
    return Display(Console(file=io.StringIO()))


@pytest.fixture(params=["here", "in processes"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(pool, "LARGE_BYTES", 0 if request.param == "in processes" else 2**40)
    return str(request.param)


def test_sources_come_back_read_and_in_their_order(plans: list[Planned], where: str) -> None:
    done = pool.read_all(plans, quiet())
    assert [each.source.name for each in done] == ["one", "two", "three"]
    assert [each.reading.rows for each in done if each.reading] == [1, 1, 1]
    assert done[2] is plans[2]
    for each in done:
        assert f"example.org/{each.source.name}>" in each.triples.read_text(encoding="utf-8")


def test_an_error_comes_back_whole(plans: list[Planned], where: str) -> None:
    path = plans[1].source.path
    path.write_text("<a>\n<b> <c", encoding="utf-8")
    with pytest.raises(MalformedSource) as caught:
        pool.read_all(plans, quiet())
    assert caught.value.path == path
    assert caught.value.line in (1, 2)


def test_a_source_read_beside_one_that_fails_stays_read(
    plans: list[Planned], tmp_path: Path, where: str
) -> None:
    plans[1].source.path.write_text("<a", encoding="utf-8")
    with pytest.raises(MalformedSource):
        pool.read_all(plans, quiet())
    assert plan(plans[0].source, tmp_path).reading


def test_without_a_terminal_each_source_is_a_plain_line(plans: list[Planned]) -> None:
    output = io.StringIO()
    pool.read_all(plans, Display(Console(file=output)))
    lines = output.getvalue().splitlines()
    assert lines[0] == "one: reading"
    assert lines[1].startswith("one: 1 rows in ")
    assert not [line for line in lines if "three" in line]


def test_on_a_terminal_each_source_has_a_bar(plans: list[Planned]) -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, no_color=True, width=80)
    with Display(console) as display:
        pool.read_all(plans, display)
    last = output.getvalue().splitlines()[-2:]
    assert [line for line in last if "two" in line and "1/1 rows" in line]
    assert "reading" not in output.getvalue()
