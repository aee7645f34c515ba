"""Tokens are shown once, kept as hashes, read again when they change, and bound to their graphs."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from atlas.errors import Forbidden, InstanceError, Unauthorized, UnknownName, UsageError
from endpoint.tokens import (
    OneToken,
    Principal,
    TokenFile,
    authenticate,
    authorise,
    scopes,
    span,
)
from tests.endpoint.serving import ATLAS, environment

BASE = "https://example.org/base"


def created(home: Path, **options: object) -> str:
    chosen = {"expires": timedelta(days=1), "publish": "default", "name": "", **options}
    return TokenFile(home).create(["urn:g"], **chosen)[1]


def test_a_token_says_whose_it_is_and_what_it_may_write(tmp_path: Path) -> None:
    token = created(tmp_path, publish="named")
    principal = TokenFile(tmp_path).principal(token)
    assert principal is not None
    assert (principal.graphs, principal.publish) == (("urn:g",), "named")
    assert token.startswith(f"atlas_{principal.id}_")
    assert authenticate(f"Bearer {token}", TokenFile(tmp_path)) == principal
    assert authenticate(f"bearer  {token}", TokenFile(tmp_path)) == principal


def test_the_file_is_for_its_owner_only_and_holds_no_secret(tmp_path: Path) -> None:
    token = created(tmp_path)
    path = tmp_path / "tokens.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text("utf-8")
    assert token not in text
    assert token.split("_", 2)[2] not in text  # A secret may have that sign too.
    assert not list(tmp_path.glob("tokens.json.*"))


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer  ", "Basic dXNlcjpwYXNz", "Bearer a b", "Bearer atlas_00000000_x"],
)
def test_what_is_not_a_known_token_is_refused(tmp_path: Path, authorization: str | None) -> None:
    created(tmp_path)
    with pytest.raises(Unauthorized, match="atlas token create"):
        authenticate(authorization, TokenFile(tmp_path))


def test_another_secret_or_another_identifier_is_refused(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path)
    one, other = created(tmp_path), created(tmp_path)
    swapped = one[:15] + other[15:]
    assert tokens.principal(swapped) is None
    assert tokens.principal(one[:-1] + ("A" if one[-1] != "A" else "B")) is None
    assert tokens.principal(one + "A") is None


def test_an_expired_token_is_refused(tmp_path: Path) -> None:
    assert TokenFile(tmp_path).principal(created(tmp_path, expires=timedelta(0))) is None


def test_a_token_is_known_and_revoked_at_once_by_who_has_read_the_file_before(
    tmp_path: Path,
) -> None:
    server = TokenFile(tmp_path)
    assert server.principal("atlas_00000000_" + "A" * 43) is None
    token = created(tmp_path)
    principal = server.principal(token)
    assert principal is not None
    TokenFile(tmp_path).revoke(principal.id)
    assert server.principal(token) is None
    with pytest.raises(UnknownName):
        server.revoke(principal.id)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"tokens": [{"id": "x"}]}'])
def test_a_file_that_cannot_be_read_lets_nobody_write(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokens.json").write_text(text, "utf-8")
    with pytest.raises(InstanceError, match=r"tokens\.json"):
        TokenFile(tmp_path).principal("atlas_00000000_" + "A" * 43)


def test_the_scope_is_exact_or_a_prefix() -> None:
    principal = Principal("x", ("urn:a", "urn:b:*"))
    authorise(principal, ["urn:a", "urn:b:", "urn:b:c"])
    for graph in ("urn:ab", "urn:b", "urn:c", ""):
        with pytest.raises(Forbidden):
            authorise(principal, [graph])
    authorise(Principal("x", None), ["urn:any", ""])


def test_graphs_are_given_by_iri_by_name_or_by_prefix() -> None:
    assert scopes(["nancy", "a/*", "urn:x", "urn:x*"], BASE) == (
        f"{BASE}/graph/nancy",
        f"{BASE}/graph/a/*",
        "urn:x",
        "urn:x*",
    )


@pytest.mark.parametrize("word", ["a*b", "urn:<x>", "", "a b", "é:x"])
def test_what_names_no_graph_is_refused(word: str) -> None:
    with pytest.raises(UsageError):
        scopes([word], BASE)


@pytest.mark.parametrize(
    ("text", "length"), [("12h", timedelta(hours=12)), ("90d", timedelta(days=90))]
)
def test_lengths_of_time_are_read(text: str, length: timedelta) -> None:
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "90", "d", "0d", "-1d", "1.5d", "9999999d", "1m"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        span(text)


def test_a_token_in_memory_is_the_only_one() -> None:
    tokens = OneToken("T")
    assert tokens.principal("T") == Principal("scratch", None)
    assert tokens.principal("t") is None
    with pytest.raises(UsageError):
        OneToken("two words")


def atlas(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ATLAS, "token", *words], env=environment(home), capture_output=True, text=True, timeout=60
    )


def test_the_commands_create_list_and_revoke(tmp_path: Path) -> None:
    home = tmp_path / "new"
    done = atlas(
        home, "create", "--graphs", "nancy urn:g", "--expires", "12h", "--name", "Métropole"
    )
    assert done.returncode == 0, done.stderr
    token = done.stdout.strip()
    principal = TokenFile(home).principal(token)
    assert principal is not None
    assert principal.graphs is not None
    assert principal.graphs[0].endswith("/graph/nancy")
    assert principal.graphs[1:] == ("urn:g",)
    listed = atlas(home, "list", "--json").stdout
    assert json.loads(listed)["name"] == "Métropole"
    assert json.loads(listed)["state"] == "valid"
    assert token[15:] not in listed + atlas(home, "list").stdout
    assert atlas(home, "revoke", principal.id).returncode == 0
    assert TokenFile(home).principal(token) is None
    assert "no token" in atlas(home, "list").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("create",),
        ("create", "--graphs", "x", "--admin"),
        ("create", "--admin", "--expires", "soon"),
        ("create", "--graphs", "a b<c>"),
        ("revoke", "00000000"),
    ],
)
def test_a_call_at_fault_is_one_sentence_and_leaves_no_token(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = atlas(tmp_path, *words)
    assert done.returncode == 2
    assert done.stderr.startswith("atlas: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "tokens.json").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "may not be written" in atlas(tmp_path, "create", "--admin").stderr
