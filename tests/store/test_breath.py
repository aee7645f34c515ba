"""Long work in a server process lets other requests have their turn."""

from __future__ import annotations

import subprocess
import sys

# Under gevent: how often a greenlet that waits for its clock has its turn while the work is done.
COUNTING = """
from gevent import monkey; monkey.patch_all()
import gevent
{prepared}
turns = 0
def others():
    global turns
    while True:
        gevent.sleep(0.0005)
        turns += 1
gevent.spawn(others)
gevent.sleep(0.01)
turns = 0
{work}
print(turns)
"""


def turns(prepared: str, work: str) -> int:
    script = COUNTING.format(prepared=prepared, work=work)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    return int(done.stdout)


RESULTS = """
import json
from federation.exchange import results
from federation.partner import Partner
from federation.query.writing import data
partner = Partner("p", "http://p.example/")
rows = [{"s": {"type": "uri", "value": f"http://p.example/{n}"}} for n in range(50_000)]
body = json.dumps({"head": {"vars": ["s"]}, "results": {"bindings": rows}}).encode()
"""


def test_others_have_their_turn_while_rows_are_read() -> None:
    assert turns(RESULTS, "results.solutions(partner, results.SPARQL_JSON, body, 50_000)") >= 10


def test_others_have_their_turn_while_rows_are_put_back_into_a_query() -> None:
    read = "table = results.solutions(partner, results.SPARQL_JSON, body, 50_000)"
    assert turns(RESULTS + read, "data(table)") >= 10


def test_others_have_their_turn_while_a_hostile_answer_is_looked_through() -> None:
    assert (
        turns(RESULTS + "body = b'[' + b'\"\",' * 1_000_000", "results._check_depth(partner, body)")
        >= 10
    )


def test_others_have_their_turn_while_xml_is_looked_through() -> None:
    prepared = "from store.parsing import safe_xml\nbody = b'<a>' + b'<b/>' * 300_000 + b'</a>'"
    assert turns(prepared, 'safe_xml.check("it", body)') >= 10
