"""What is remembered of each harvest, so that the next one need not fetch what has not changed.

{home}/harvests/{partner}.json   the files of the last harvest: address, validators, checksum
{home}/harvests/lock             one harvest at a time
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from loaders.ntriples import whole
from store import disk

FOLDER = "harvests"


@dataclass(frozen=True)
class Kept:
    """One file as it was fetched: https://www.rfc-editor.org/rfc/rfc9110#name-validator-fields"""

    file: str
    media_type: str
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True)
class State:
    """``checked``: when the partner was last found to have what is served (UTC, ISO 8601).

    ``checksum``: of the files, as the served graph has it. ``files``: by address.
    """

    kind: str = ""
    checked: str = ""
    checksum: str = ""
    files: Mapping[str, Kept] = field(default_factory=dict)


def load(home: Path, name: str) -> State:
    """The state after the last harvest; one that cannot be read is none: all is fetched again."""
    try:
        content = json.loads(_path(home, name).read_text("utf-8"))
        files = {address: Kept(**kept) for address, kept in content.pop("files").items()}
        return State(**content, files=files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return State()


def save(home: Path, name: str, state: State) -> None:
    path = _path(home, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as temporary:
        temporary.write_text(json.dumps(asdict(state), indent=1, ensure_ascii=False), "utf-8")


def forget(home: Path, name: str) -> None:
    _path(home, name).unlink(missing_ok=True)


@contextmanager
def alone(home: Path) -> Iterator[Path]:
    """Be the one harvest of this instance; the folder in which it may have one for what it fetches.

    Raises InstanceError where another harvest is at work.
    """
    folder = home / FOLDER
    with disk.sentences(home):
        folder.mkdir(parents=True, exist_ok=True)
        with disk.locked(folder / "lock"):
            for left in [path for path in folder.iterdir() if path.is_dir()]:
                shutil.rmtree(left)  # Of a harvest that was killed.
            yield folder


def _path(home: Path, name: str) -> Path:
    return home / FOLDER / f"{name}.json"
