"""``atlas backup`` and ``atlas restore``: all of it comes back, or nothing is touched."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from atlas.errors import AtlasError, InstanceError, MalformedSource, UsageError
from store import Generations, LocalEngine, Operation, UpdateStep, Write, Writer
from store.archives.backup import backup
from store.archives.restore import restore
from store.writing.writer import publish_scratch
from tests.store.conftest import EX, Publish

ATLAS = str(Path(sys.executable).with_name("atlas"))
EVERYTHING = Operation("SELECT ?g ?s ?p ?o { { GRAPH ?g { ?s ?p ?o } } UNION { ?s ?p ?o } }")
LOCKS = ("writer.lock", "writers.queue")
NAMES = ("atlas.tar", "atlas.tar.gz", "atlas.tgz", "atlas.tar.zst")


def quiet(name: str, size: int) -> None:
    """Progress that nobody listens to."""


def answers(home: Path) -> list[str]:
    """Every quad of the generation served, in an order that does not matter."""
    served = Generations(home).current()
    assert served is not None
    engine = LocalEngine(served.store)
    return sorted(engine.query(EVERYTHING, "text/csv").read().decode().splitlines())


def atlas(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ATLAS, *words],
        env={**os.environ, "ATLAS_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# What is known of partners and what was decided with them.
OTHERS = ("partners/site.ttl", "harvests/site.json", "links/decisions.csv")


@pytest.fixture
def instance(tmp_path: Path, publish: Publish) -> Path:
    """An instance with two generations, a loaded source and a token."""
    home = tmp_path / "instance"
    publish(home, places='<http://example.org/a> <http://example.org/name> "Ä"@fr .\n')
    publish(
        home,
        places='<http://example.org/a> <http://example.org/name> "Ä"@fr .\n',
        apart="<http://example.org/a> <http://example.org/name> <http://example.org/b> .\n",
    )
    (home / "extra-sources.toml").write_text("[[source]]\n", "utf-8")
    (home / "loaded" / "talk" / "0123").mkdir(parents=True)
    (home / "loaded" / "talk" / "0123" / "talk.ttl").write_text("# a talk\n", "utf-8")
    (home / "tokens.json").write_text('{"tokens": []}\n', "utf-8")
    for name in OTHERS:
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(f"# {name}\n", "utf-8")
        (home / name).with_name(".lock").touch()
    return home


@pytest.fixture
def archive(tmp_path: Path, instance: Path) -> Path:
    served = Generations(instance).current()
    assert served is not None
    backup(instance, served, tmp_path / "atlas.tar.gz", quiet)
    return tmp_path / "atlas.tar.gz"


def untouched(home: Path) -> bool:
    """Whether nothing was put there: no generation, no state, nothing unfinished."""
    return [path for path in home.rglob("*") if path.is_file() and path.name not in LOCKS] == []


@pytest.mark.parametrize("name", NAMES)
def test_another_instance_answers_the_same_after_a_restore(
    tmp_path: Path, instance: Path, name: str
) -> None:
    made = atlas("backup", str(tmp_path / name), home=instance)
    assert made.returncode == 0, made.stderr
    other = tmp_path / "other"
    done = atlas("restore", str(tmp_path / name), home=other)
    assert done.returncode == 0, done.stderr
    assert "Generation 1 is served: number 2 of the backup" in done.stdout
    assert answers(other) == answers(instance)
    for kept in ("extra-sources.toml", "loaded/talk/0123/talk.ttl", "tokens.json", *OTHERS):
        assert (other / kept).read_bytes() == (instance / kept).read_bytes()
    assert (other / "tokens.json").stat().st_mode & 0o077 == 0
    restored = Generations(other).get(1)
    before = Generations(instance).get(2)
    assert restored.record["graphs"] == before.record["graphs"]
    assert restored.record["restored"]["number"] == 2
    for path in before.graphs.iterdir():
        assert (restored.graphs / path.name).read_bytes() == path.read_bytes()
    assert not list(other.rglob("*.tmp"))


def test_an_older_generation_can_be_backed_up(tmp_path: Path, instance: Path) -> None:
    made = atlas("backup", str(tmp_path / "a.tar"), "--generation", "1", home=instance)
    assert "generation 1," in made.stdout
    restore(Generations(tmp_path / "other"), tmp_path / "a.tar", quiet)
    Generations(instance).rollback(1)
    assert answers(tmp_path / "other") == answers(instance)


def test_a_restore_overwrites_nothing_and_can_be_repeated(instance: Path, archive: Path) -> None:
    generations = Generations(instance)
    first = restore(generations, archive, quiet)
    assert first.generation.number == 3
    assert first.kept == []
    assert [kept.number for kept in generations.all()] == [1, 2, 3]
    assert restore(generations, archive, quiet).generation.number == 4


def test_state_that_is_there_already_stays_and_is_named(instance: Path, archive: Path) -> None:
    (instance / "tokens.json").write_text('{"tokens": ["newer"]}\n', "utf-8")
    done = atlas("restore", str(archive), home=instance)
    assert done.returncode == 0
    assert "tokens.json is there already and stays as it is" in done.stderr
    assert "newer" in (instance / "tokens.json").read_text("utf-8")


def test_a_backup_is_for_its_owner_alone_and_holds_no_lock(archive: Path) -> None:
    assert archive.stat().st_mode & 0o077 == 0
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert names[-1] == "manifest.json"
    assert "generation/record.json" in names
    assert not any(name.endswith("/lock") for name in names)


def test_a_backup_taken_while_generations_are_published_and_pruned_is_whole(
    tmp_path: Path, instance: Path, publish: Publish
) -> None:
    stopped = threading.Event()
    faults: list[Exception] = []

    def write() -> None:
        number = 0
        while not stopped.is_set():
            number += 1
            try:
                publish(
                    instance, places=f'<http://example.org/a> <http://example.org/n> "{number}" .'
                )
                Generations(instance, keep=2).prune()
            except AtlasError as error:
                faults.append(error)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(4):
            made = atlas("backup", str(tmp_path / f"{number}.tar.zst"), home=instance)
            # It may lose the race for a generation that is pruned at that moment, and says so.
            assert made.returncode == 0 or "no longer kept" in made.stderr, made.stderr
    finally:
        stopped.set()
        writing.join()
    assert not faults
    made_all = sorted(tmp_path.glob("*.tar.zst"))
    assert made_all
    for number, path in enumerate(made_all):
        home = tmp_path / f"home-{number}"
        restore(Generations(home), path, quiet)
        assert len(answers(home)) > 1


@pytest.mark.parametrize("name", NAMES)
def test_a_truncated_archive_is_refused_and_nothing_is_touched(
    tmp_path: Path, instance: Path, name: str
) -> None:
    served = Generations(instance).current()
    assert served is not None
    whole = tmp_path / name
    backup(instance, served, whole, quiet)
    content = whole.read_bytes()
    for part in (0.02, 0.3, 0.5, 0.9):
        whole.write_bytes(content[: int(len(content) * part)])
        with pytest.raises(MalformedSource) as caught:
            restore(Generations(tmp_path / "other"), whole, quiet)
        assert caught.value.exit_code == 1
        assert str(whole) in str(caught.value)
        assert untouched(tmp_path / "other")


@pytest.mark.parametrize("name", NAMES)
def test_a_flipped_byte_is_found_or_changes_nothing(
    tmp_path: Path, instance: Path, name: str
) -> None:
    served = Generations(instance).current()
    assert served is not None
    whole = tmp_path / name
    backup(instance, served, whole, quiet)
    content = whole.read_bytes()
    chosen = random.Random(7)
    found = 0
    for number in range(20):
        flipped = bytearray(content)
        flipped[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
        whole.write_bytes(flipped)
        home = tmp_path / f"flipped-{number}"
        try:
            restore(Generations(home), whole, quiet)
        except MalformedSource:
            found += 1
            assert untouched(home)
        else:  # In the padding between two members, where nothing is.
            assert answers(home) == answers(instance)
    assert found > 10 or name == "atlas.tar"


def packed(
    path: Path, members: Mapping[str, bytes | tarfile.TarInfo], *, agrees: bool = True
) -> Path:
    """An archive of these members, with a manifest that agrees with them."""
    said = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in members.items()
        if isinstance(content, bytes)
    }
    manifest = {"format": 1, "generation": 1, "made": "", "members": said if agrees else {}}
    with tarfile.open(path, "w") as tar:
        for name, content in [*members.items(), ("manifest.json", json.dumps(manifest).encode())]:
            if isinstance(content, tarfile.TarInfo):
                tar.addfile(content)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "/tmp/escaped",
        "generation/../../escaped",
        "generation/./escaped",
        "generation//escaped",
        "generation\\..\\escaped",
        "home/../escaped",
        "home/.ssh/authorized_keys",
        "home/generations/current",
        "escaped",
        "generation",
        "generation/a\nb",
    ],
)
def test_a_member_that_would_leave_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    hostile = packed(tmp_path / "hostile.tar", {name: b"out"})
    with pytest.raises(MalformedSource, match="which no backup of the atlas has"):
        restore(Generations(tmp_path / "home"), hostile, quiet)
    assert untouched(tmp_path / "home")
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_a_member_that_is_no_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("generation/store/link")
    member.type, member.linkname = kind, "/etc/passwd"
    hostile = packed(tmp_path / "hostile.tar", {"generation/store/link": member})
    with pytest.raises(MalformedSource, match="which no backup of the atlas has"):
        restore(Generations(tmp_path / "home"), hostile, quiet)
    assert untouched(tmp_path / "home")


def test_members_that_the_manifest_does_not_know_are_refused(tmp_path: Path) -> None:
    added = packed(tmp_path / "a.tar", {"generation/record.json": b"{}"}, agrees=False)
    with pytest.raises(MalformedSource, match="not as its manifest says"):
        restore(Generations(tmp_path / "home"), added, quiet)


def test_a_store_that_the_engine_cannot_open_is_not_served(tmp_path: Path) -> None:
    broken = packed(
        tmp_path / "a.tar", {"generation/record.json": b"{}", "generation/store/CURRENT": b"?"}
    )
    with pytest.raises(MalformedSource, match="cannot be opened"):
        restore(Generations(tmp_path / "home"), broken, quiet)
    assert untouched(tmp_path / "home")


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"\x1f\x8bno", b"\x28\xb5\x2f\xfdno", os.urandom(5000)]
)
def test_what_is_no_archive_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.tar.gz"
    path.write_bytes(content)
    done = atlas("restore", str(path), home=tmp_path / "home")
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith(f"atlas: {path}: ")
    assert done.stderr.count("\n") == 1


def test_another_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        text = json.dumps({"format": 9, "generation": 1, "members": {}}).encode()
        member = tarfile.TarInfo("manifest.json")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text))
    with pytest.raises(MalformedSource, match="format 9"):
        restore(Generations(tmp_path / "home"), path, quiet)


def test_no_more_is_unpacked_than_the_disk_has_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = tmp_path / "bomb.tar.gz"
    plain = packed(tmp_path / "bomb.tar", {"generation/store/zeros": bytes(50 * 1024**2)})
    bomb.write_bytes(gzip.compress(plain.read_bytes()))
    used = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: used._replace(free=20 * 1024**2))
    with pytest.raises(InstanceError, match="more than the 20 MiB that are free"):
        restore(Generations(tmp_path / "home"), bomb, quiet)
    assert untouched(tmp_path / "home")


def test_a_full_disk_leaves_neither_half_a_backup_nor_half_a_restore(
    tmp_path: Path, instance: Path, archive: Path
) -> None:
    """A bound on the size of files fails as a full disk does: in the middle of a write."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for words, home in (
        (["backup", str(tmp_path / "small.tar")], instance),
        (["restore", str(archive)], tmp_path / "other"),
    ):
        done = subprocess.run(
            [ATLAS, *words],
            env={**environment, "ATLAS_HOME": str(home)},
            preexec_fn=bounded,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert "cannot be used: a file grew larger than this system allows" in done.stderr
        assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*small*"))
    assert Generations(tmp_path / "other").current() is None
    assert not list((tmp_path / "other").rglob("*.tmp"))


@pytest.mark.parametrize("name", ["atlas.zip", "atlas", "atlas.gz", "atlas.tar.xz"])
def test_a_name_that_says_no_archive_is_refused(tmp_path: Path, instance: Path, name: str) -> None:
    served = Generations(instance).current()
    assert served is not None
    with pytest.raises(UsageError, match=r"end it in \.tar\.zst"):
        backup(instance, served, tmp_path / name, quiet)
    assert not (tmp_path / name).exists()


def test_equal_generations_give_equal_members(tmp_path: Path, instance: Path) -> None:
    served = Generations(instance).current()
    assert served is not None
    manifests = []
    for name in ("one.tar", "two.tar.zst"):
        backup(instance, served, tmp_path / name, quiet)
        restore(Generations(tmp_path / f"home-{name}"), tmp_path / name, quiet)
    for name in ("one.tar", "one.tar"):
        with tarfile.open(tmp_path / name) as tar:
            stream = tar.extractfile("manifest.json")
            assert stream is not None
            manifests.append(json.load(stream)["members"])
    assert manifests[0] == manifests[1]


def test_backups_and_restores_go_well_with_a_writer_at_work(tmp_path: Path) -> None:
    home, archive = tmp_path / "home", tmp_path / "atlas.tar.zst"
    generations = Generations(home, keep=3)
    publish_scratch(generations)
    writer = Writer(generations, base=EX, memory_bytes=1024**3, deadline=30)
    stopped, acknowledged = threading.Event(), []

    def write() -> None:
        number = 0
        while not stopped.is_set():
            number += 1
            text = f"INSERT DATA {{ GRAPH <{EX}g> {{ <{EX}s> <{EX}p> {number} }} }}"
            step = UpdateStep(text, (f"{EX}g",))
            acknowledged.append(writer.write(Write((step,), by="test", graphs=None)).generation)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(3):
            while len(acknowledged) < 2 * (number + 1):
                stopped.wait(0.02)
            made = atlas("backup", str(archive), home=home)
            assert made.returncode == 0, made.stderr
            other = tmp_path / f"other-{number}"
            restore(Generations(other), archive, quiet)
            values = {line.split(",")[3] for line in answers(other) if f"{EX}s" in line}
            # A generation as it was after some write: all values up to that one, none left out.
            assert values == {str(value) for value in range(1, len(values) + 1)}
        number = restore(generations, archive, quiet).generation.number
    finally:
        stopped.set()
        writing.join()
        writer.close()
    # It waited for its turn between two writes, and took a number of its own.
    assert number not in acknowledged
    assert len(set(acknowledged)) == len(acknowledged)
