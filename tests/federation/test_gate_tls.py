"""Certificates, and names that stay while addresses are pinned."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlas.errors import PartnerFailed
from federation.exchange.gate import Gate
from tests.federation import faulty
from tests.federation.faulty import Faulty
from tests.federation.fetching import (
    BODY,
    PATIENCE,
    SHORT,
    fetch,
    refused,
)


@pytest.fixture
def site() -> Iterator[Faulty]:
    with Faulty(faulty.reply(BODY)) as site:
        yield site


# TLS.


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of partner.example that vouches for itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=partner.example"),
            *("-addext", "subjectAltName=DNS:partner.example"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def secure(certificates: Path) -> Iterator[Faulty]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "certificate.pem", certificates / "key.pem")
    names: list[str | None] = []
    context.sni_callback = lambda sock, name, _: names.append(name)
    with Faulty(faulty.reply(BODY), tls=context) as site:
        site.names = names  # type: ignore[attr-defined]
        yield site


def tls_gate(certificates: Path) -> Gate:
    trusting = ssl.create_default_context(cafile=str(certificates / "certificate.pem"))
    return Gate(resolve=lambda host, port: ["127.0.0.1"], tls=trusting)


def test_the_name_stays_in_tls_and_in_the_request(secure: Faulty, certificates: Path) -> None:
    partner = secure.partner(endpoint=f"https://partner.example:{secure.port}/sparql")
    with fetch(partner, gate=tls_gate(certificates)) as reply:
        assert reply.read() == BODY
    assert secure.names == ["partner.example"]  # type: ignore[attr-defined]
    assert secure.seen[0].headers["host"] == f"partner.example:{secure.port}"


def test_a_certificate_of_another_name_is_refused(secure: Faulty, certificates: Path) -> None:
    for host, place in (("other.example", f"other.example:{secure.port}"), ("127.0.0.1", "its")):
        partner = secure.partner(endpoint=f"https://{host}:{secure.port}/sparql")
        sentence = refused(PartnerFailed, partner, gate=tls_gate(certificates))
        assert f"does not prove that it is {place}" in sentence
    assert secure.seen == []


def test_a_certificate_that_only_vouches_for_itself_is_refused(secure: Faulty) -> None:
    partner = secure.partner(endpoint=f"https://partner.example:{secure.port}/sparql")
    gate = Gate(resolve=lambda host, port: ["127.0.0.1"])
    assert "does not prove that it is partner.example" in refused(PartnerFailed, partner, gate=gate)
    assert secure.seen == []


def test_a_site_that_answers_tls_in_clear_is_refused(site: Faulty) -> None:
    site.script(faulty.reply(BODY))
    partner = site.partner(endpoint=f"https://127.0.0.1:{site.port}/")
    with pytest.raises(PartnerFailed):
        fetch(partner, seconds=SHORT)


def test_a_redirect_from_https_to_http_is_not_followed(
    secure: Faulty, certificates: Path, site: Faulty
) -> None:
    secure.script(faulty.redirect(f"http://partner.example:{site.port}/"))
    partner = secure.partner(
        endpoint=f"https://partner.example:{secure.port}/sparql",
        homepage=f"http://partner.example:{site.port}/",
    )
    sentence = refused(PartnerFailed, partner, gate=tls_gate(certificates))
    assert "redirects from https to 'http://partner.example" in sentence
    assert site.seen == []


def test_a_tls_body_that_stalls_is_given_up_in_time(secure: Faulty, certificates: Path) -> None:
    secure.script(faulty.hanging(faulty.head() + b"12345"))
    partner = secure.partner(endpoint=f"https://partner.example:{secure.port}/sparql")
    sentence = refused(PartnerFailed, partner, gate=tls_gate(certificates), seconds=2 * SHORT)
    assert "did not answer in time" in sentence
    assert not secure.seen or secure.gone.wait(PATIENCE)
