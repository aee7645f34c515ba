"""The table of settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.errors import UsageError
from atlas.settings import SETTINGS, Settings


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


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="colour"):
        Settings.load({}, colour="blue")


def test_names_are_unique_and_each_setting_says_what_it_is() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(names) == len(set(names))
    assert all(setting.help for setting in SETTINGS)
