from __future__ import annotations

from pathlib import Path

import pytest

from atlas.errors import MalformedSource, UnknownName
from atlas.settings import Settings
from loaders.kinds import KINDS
from loaders.sources import SOURCES, load_sources, named

WHOLE = """
[[source]]
name = "cases"
kind = "tables"
title = {fr = "Cas", en = "Cases", es = "Casos"}
path = "cases.csv"
version = "1"
licence = "https://creativecommons.org/licenses/by/4.0/"
licence_verified = true
attribution = "Nobody"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_source_has_what_its_table_says(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").touch()
    (source,) = load_sources(written(tmp_path, WHOLE), Settings.load({}, base="https://a.example"))
    assert source.path == tmp_path / "cases.csv"
    assert source.present
    assert source.graph == "https://a.example/graph/cases"
    assert (source.publish, source.required, source.on_error) == ("default", True, "stop")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[source", "is not TOML"),
        ("[source]\nname = 'a'", "holds tables"),
        (WHOLE + WHOLE, "two sources are named 'cases'; give one of them another name"),
        (WHOLE.replace('"tables"', '"tablo"'), "'kind' is 'tablo'; it takes one of france_map"),
        (WHOLE.replace("version", "verson"), "a key 'verson' that means nothing"),
        (WHOLE.replace('version = "1"', ""), "no 'version'; add it"),
        (
            WHOLE.replace('attribution = "Nobody"', ""),
            "source 'cases' has no 'attribution'; add it",
        ),
        (WHOLE.replace("true", '"yes"'), "'licence_verified' is 'yes'; it takes a bool"),
        (WHOLE.replace(', es = "Casos"', ""), "no title.es; add it"),
        (WHOLE + 'publish = "secret"', "takes one of default, named, illustrative"),
        (WHOLE + 'on_error = "ignore"', "takes one of skip, stop"),
        (WHOLE.replace('"cases"', '"../cases"'), "it takes lower-case words joined by hyphens"),
        (WHOLE.replace('"cases"', '"inferred"'), "a graph of the build's own"),
        (WHOLE.replace("https://creative", "creative"), "it takes an http or https IRI"),
        (WHOLE.replace('path = "cases.csv"', ""), "takes one of 'path' and"),
        (WHOLE.replace('path = "cases.csv"', "path = [1]"), "paths are strings"),
    ],
)
def test_what_is_wrong_in_the_file_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(MalformedSource, match=message) as caught:
        load_sources(path, Settings.load({}))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_each_scheme_of_a_path_is_looked_for_in_its_folder(tmp_path: Path) -> None:
    for folder in ("modules/map/data", "data/cases", "plain"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "modules/map/package.json").write_text('{"version": "6.0.0"}', encoding="utf-8")
    head, _, tail = WHOLE.partition('path = "cases.csv"')
    tail = tail.replace('version = "1"', "")
    settings = Settings.load({}, node_modules=tmp_path / "modules", data=str(tmp_path / "data"))
    paths = 'paths.map = "npm:map/data"\npaths.cases = "data:cases"\npaths.own = "plain"'
    (source,) = load_sources(written(tmp_path, head + paths + tail), settings)
    assert source.version == "6.0.0"
    assert source.paths == {
        "map": tmp_path / "modules/map/data",
        "cases": tmp_path / "data/cases",
        "own": tmp_path / "plain",
    }


def test_a_pattern_is_every_file_it_matches_in_order(tmp_path: Path) -> None:
    for name in ("b.ttl", "a.ttl", "c.txt"):
        (tmp_path / name).touch()
    text = WHOLE.replace('"cases.csv"', '"*.ttl"')
    (source,) = load_sources(written(tmp_path, text), Settings.load({}))
    assert [file.name for file in source.files] == ["a.ttl", "b.ttl"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("data:cases.csv", "ATLAS_DATA is not set"),
        ("npm:no-such-package", "run: npm ci"),
        ("package:content/none-*.ttl", "is not there"),
        ("cases.csv", "is not there"),
    ],
)
def test_an_input_that_is_not_there_is_said_not_raised(
    tmp_path: Path, path: str, reason: str
) -> None:
    text = WHOLE.replace("cases.csv", path)
    (source,) = load_sources(written(tmp_path, text), Settings.load({}))
    assert not source.present
    assert reason in source.absent[0]


def test_sources_are_chosen_by_name(tmp_path: Path) -> None:
    second = WHOLE.replace('"cases"', '"others"')
    sources = load_sources(written(tmp_path, WHOLE + second), Settings.load({}))
    assert [source.name for source in named(sources, ["others"])] == ["others"]
    with pytest.raises(UnknownName, match=r"no source 'other'\. The sources are: cases, others"):
        named(sources, ["other"])


def test_the_sources_that_we_ship_are_well_formed() -> None:
    sources = load_sources(SOURCES, Settings.load({}))
    assert {"france-2026", "france-2021", "banatic"} <= {source.name for source in sources}
    assert {source.kind for source in sources} <= KINDS.keys()


def test_a_licence_that_was_not_verified_is_not_said_to_be() -> None:
    verified = {s.name: s.licence_verified for s in load_sources(SOURCES, Settings.load({}))}
    assert verified["france-2026"]
    assert not verified["banatic"]
