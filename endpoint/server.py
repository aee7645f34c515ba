"""``atlas serve``: gunicorn with gevent workers, each over its own pool of query workers.

gevent because its workers hold many slow clients at the price of one process, and see at once when
one of them hangs up; the work itself is done in the pool's processes.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from atlas.errors import AtlasError, InstanceError, UsageError
from atlas.settings import SETTINGS, Settings
from endpoint.catalogue import read_catalogue
from store import Generation, Generations, LocalEngine

BACKLOG = 2048
KEEP_ALIVE = 5
# The longest that gunicorn can bound; longer queries are sent by POST.
REQUEST_LINE = 8190
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
TRY = (
    "SELECT (COUNT(*) AS ?relations) "
    "{ ?relation a <https://w3id.org/atlas-relationnel/ontology/Relation> }"
)


def serve(settings: Settings, host: str, port: int, processes: int) -> None:
    """Serve the current generation until a signal says to stop.

    Raises InstanceError where nothing is built or the address cannot be had, UsageError where the
    address is public and the atlas must not be served publicly as it is.
    """
    generation = Generations(settings.home, keep=settings.generations_kept).current()
    if generation is None:
        raise InstanceError(
            f"There is no generation in {settings.home} to serve; run atlas build first."
        )
    if is_public(host):
        refuse_public(host, settings, generation)
    listener = listen(host, port)
    Server(settings, listener, processes).run()


def is_public(host: str) -> bool:
    """Whether anybody but this machine can reach the address."""
    if host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def refuse_public(host: str, settings: Settings, generation: Generation) -> None:
    """What is served publicly has a base of its own and licences that were read."""
    default = next(setting.default for setting in SETTINGS if setting.name == "base")
    if settings.base == default:
        raise UsageError(
            f"{host} is a public address and the base is still {default}; set ATLAS_BASE to an "
            "address of yours, build, then serve."
        )
    unverified = read_catalogue(LocalEngine(generation.store)).unverified
    if unverified:
        names = ", ".join(sorted(graph.title("en") for graph in unverified))
        raise UsageError(
            f"{host} is a public address and these sources have no verified licence: {names}. "
            "Build without them (atlas build --public), or verify them in sources.toml."
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, bound here so that a taken port is told in one sentence.

    Raises InstanceError where the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise InstanceError(
                f"Port {port} of {host} is taken; stop what listens there or give another --port."
            ) from error
        raise InstanceError(f"{host}, port {port}, cannot be served: {error.strerror}.") from error
    return listener


class Server(BaseApplication):
    """gunicorn, configured from here only: no configuration file, no environment of its own."""

    def __init__(self, settings: Settings, listener: socket.socket, processes: int) -> None:
        self.settings, self.listener, self.processes = settings, listener, processes
        self.engine: Any = None
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options().items():
            self.cfg.set(name, value)

    def options(self) -> dict[str, object]:
        return {
            # A duplicate: gunicorn closes the descriptor it is given.
            "bind": f"fd://{self.listener.dup().detach()}",
            "workers": self.processes,
            "worker_class": "gevent",
            "keepalive": KEEP_ALIVE,
            "limit_request_line": REQUEST_LINE,
            "graceful_timeout": int(self.settings.query_timeout) + KEEP_ALIVE,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": let_signals_end,
            "post_worker_init": self.announce,
            "worker_exit": self.close,
        }

    def load(self) -> Callable[..., Any]:
        """The application, in a worker process: after the fork, with gevent's sockets in place."""
        from endpoint.app import create_app, open_pool

        logging.basicConfig(format=LOG_FORMAT, level=logging.INFO)
        try:
            self.engine = open_pool(self.settings, share=self.processes)
            return create_app(self.settings, engine=self.engine)
        except AtlasError as error:
            click.echo(f"atlas: {error}", err=True)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def announce(self, worker: Any) -> None:
        """Say where to ask, once: when the first worker process is ready to answer."""
        if worker.age == 1:
            address = url(self.listener)
            click.echo(
                f"Atlas relationnel answers at {address}/ (generation {self.engine.generation})."
            )
            click.echo(f"Try: curl -G {address}/sparql -H 'Accept: text/csv' \\")
            click.echo(f"       --data-urlencode 'query={TRY}'")
            click.echo("Ctrl-C stops it.")
            sys.stdout.flush()

    def close(self, arbiter: Any, worker: Any) -> None:
        if self.engine is not None:
            self.engine.close()


def let_signals_end(arbiter: Any, worker: Any) -> None:
    """A worker process told to stop before it is ready stops at once.

    Until gunicorn gives it handlers of its own it has those of its parent, which would swallow the
    signal and leave the whole server waiting for the graceful timeout.
    """
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
