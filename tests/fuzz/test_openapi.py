"""The OpenAPI document against the server: what it promises is what comes, whatever is sent.

https://schemathesis.readthedocs.io/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks

from tests.endpoint.serving import Served, serving
from tests.endpoint.world import publish_world
from tests.faults.watching import FAULTS, still_answers
from tests.faults.writing import token

load_all_checks()
FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """An atlas of its own, whose graphs the fuzz may write, and the token for it."""
    folder = tmp_path_factory.mktemp("openapi")
    publish_world(folder)
    secret = token(folder)
    with serving(folder, ATLAS_WORKERS="2", ATLAS_QUERY_TIMEOUT="8") as served:
        yield served, secret


@pytest.mark.slow
def test_every_operation_keeps_its_promises(writable: tuple[Served, str]) -> None:
    served = writable[0]
    schema = schemathesis.openapi.from_url(f"{served.address}/api/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        FEW(given(case=operation.as_strategy())(lambda case: keeps_its_promises(case, *writable)))()
    still_answers(served)


def keeps_its_promises(case: Any, served: Served, secret: str) -> None:
    """One request made from the document, and what the document says of its answer."""
    response = case.call(
        base_url=served.address,
        headers={"Authorization": f"Bearer {secret}"},
        timeout=120,
        allow_redirects=False,
    )
    assert response.status_code != 500, response.text
    if response.status_code > 500:
        assert response.json()["type"].rsplit("/", 1)[-1] in FAULTS
    case.validate_response(response, checks=CHECKS)
