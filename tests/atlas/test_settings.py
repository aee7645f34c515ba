"""The table of settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.commands import markdown, values_in_force
from atlas.errors import UsageError
from atlas.settings import GROUPS, SETTINGS, Settings


def test_defaults_stand_where_nothing_is_said() -> None:
    assert Settings.load({}).query_timeout == 30.0


def test_the_environment_wins_over_the_default_and_keeps_its_type() -> None:
    values = Settings.load({"ATLAS_HOME": "/somewhere", "ATLAS_WORKERS": "3"})
    assert values.home == Path("/somewhere")
    assert values.workers == 3


def test_the_caller_wins_over_the_environment() -> None:
    assert Settings.load({"ATLAS_QUEUE": "5"}, queue=7).queue == 7


@pytest.mark.parametrize("text", ["many", "-1", "1.5"])
def test_a_value_of_another_type_is_one_sentence_naming_the_variable(text: str) -> None:
    with pytest.raises(UsageError, match="ATLAS_QUEUE"):
        Settings.load({"ATLAS_QUEUE": text})


def test_the_sentence_says_what_the_setting_takes() -> None:
    with pytest.raises(UsageError, match="it takes a whole number, such as 64"):
        Settings.load({"ATLAS_QUEUE": "1.5"})
    with pytest.raises(UsageError, match=r"it takes a number, such as 30\.0"):
        Settings.load({"ATLAS_QUERY_TIMEOUT": "long"})


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="colour"):
        Settings.load({}, colour="blue")


def test_names_are_unique_and_each_setting_says_what_it_is() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(names) == len(set(names))
    assert all(setting.help for setting in SETTINGS)


def test_each_setting_is_in_one_group() -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == sorted(setting.name for setting in SETTINGS)


def test_the_page_of_settings_is_what_the_command_prints() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text("utf-8")
    assert page == "\n".join(markdown()) + "\n", "run atlas settings --markdown > docs/settings.md"


def test_a_file_wins_over_the_environment_and_may_have_comments_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "atlas.env"
    path.write_text("# limits\n\n ATLAS_QUEUE = \"3\"\nATLAS_HOME='/a b'\n", "utf-8")
    values = Settings.load({"ATLAS_QUEUE": "5", "ATLAS_WORKERS": "2"}, file=path)
    assert (values.queue, values.workers, values.home) == (3, 2, Path("/a b"))


def test_what_the_command_prints_can_be_read_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "atlas.env"
    values = Settings.load({"ATLAS_QUEUE": "5"})
    path.write_text("\n".join(values_in_force(values)), "utf-8")
    assert dict(Settings.load({}, file=path)) == dict(values)


@pytest.mark.parametrize("line", ["ATLAS_QUEU=3", "QUEUE=3", "ATLAS_QUEUE", "queue = 3"])
def test_a_line_that_is_no_setting_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "atlas.env"
    path.write_text(f"# limits\n{line}\n", "utf-8")
    with pytest.raises(UsageError, match="line 2" if line != "ATLAS_QUEUE" else "ATLAS_QUEUE"):
        Settings.load({}, file=path)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read as a file of settings"):
        Settings.load({}, file=tmp_path / "none")
