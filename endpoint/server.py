"""``atlas serve``: gunicorn with gevent workers, each over its own pool of query workers.

gevent because its workers hold many slow clients at the price of one process, and see at once when
one of them hangs up; the work itself is done in the pool's processes.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from atlas.errors import AtlasError, InstanceError, UsageError
from atlas.settings import SETTINGS, Settings
from endpoint.catalogue import read_catalogue
from endpoint.temporary import BODIES, own_folder, sweep
from endpoint.tokens import OneToken, Tokens
from store import Generation, Generations, LocalEngine
from store.writing.writer import publish_scratch

Result = TypeVar("Result")

BACKLOG = 2048
KEEP_ALIVE = 5
# Open connections of one server process: each slow client costs one, and little memory.
CONNECTIONS = 4096
# The longest that gunicorn can bound; longer queries are sent by POST.
REQUEST_LINE = 8190
# Read by prometheus_client, in each server process, when it is first imported.
COUNTS = "PROMETHEUS_MULTIPROC_DIR"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
TRY = (
    "SELECT (COUNT(*) AS ?relations) "
    "{ ?relation a <https://w3id.org/atlas-relationnel/ontology/Relation> }"
)


def serve(
    settings: Settings, host: str, port: int, processes: int, *, file: Path | None = None
) -> None:
    """Serve the current generation until a signal says to stop.

    ``file``: settings that are read again at each reload (SIGHUP).
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
    with shared_counts():
        Server(settings, listen(host, port), processes, file=file).run()


def serve_scratch(settings: Settings, host: str, port: int, processes: int, *, token: str) -> None:
    """Serve an empty store that whoever has the token may write, until a signal says to stop.

    It has a default graph of its own and no shapes, and is gone afterwards.
    Raises InstanceError where the address cannot be had.
    """
    tokens = OneToken(token)
    listener = listen(host, port)
    with own_folder("atlas-scratch-") as home, shared_counts():
        in_own_process(publish_empty, home)
        own = Settings({**dict(settings), "home": home, "prepare": False})
        Server(own, listener, processes, tokens=tokens, partners=settings.home).run()


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
    unverified = in_own_process(unverified_sources, generation)
    if unverified:
        raise UsageError(
            f"{host} is a public address and these sources have no verified licence: "
            f"{', '.join(unverified)}. Build without them (atlas build --public), or verify them "
            "in sources.toml."
        )


def unverified_sources(generation: Generation) -> list[str]:
    catalogue = read_catalogue(LocalEngine(generation.store), generation.record)
    return sorted(graph.title("en") for graph in catalogue.unverified)


def publish_empty(home: Path) -> None:
    publish_scratch(Generations(home))


def in_own_process(work: Callable[..., Result], *arguments: object) -> Result:
    """What the work gives. Whatever opens a store before the server processes are forked is done
    so: the engine's threads are not forked with it, and each of them would end in a fault."""
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as process:
        return process.submit(work, *arguments).result()


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

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        processes: int,
        *,
        file: Path | None = None,
        tokens: Tokens | None = None,
        partners: Path | None = None,
    ) -> None:
        """``tokens``: who may write, where it is not the settings' folder that says so.

        ``partners``: the folder that has the list of partners, where it is another.
        """
        self.tokens, self.partners = tokens, partners
        self.settings, self.listener, self.processes = settings, listener, processes
        self.file = file
        # A duplicate: gunicorn closes the descriptor it is given. Always the same one: at a reload
        # another would be another address, and the sockets would be closed and made anew.
        self.descriptor = listener.dup().detach()
        # Inherited by all server processes; whoever locks it prepares pages.
        self.turn = tempfile.TemporaryFile()  # noqa: SIM115
        self.engine: Any = None
        self.writer: Any = None
        super().__init__()

    def reload(self) -> None:
        """SIGHUP: new server processes with the settings as the file has them now.

        gunicorn starts them first and then lets the old ones finish. A file that cannot be used is
        told, and the settings stay as they are.
        """
        own = {"home": self.settings.home, "prepare": False} if self.tokens else {}
        try:
            self.settings = Settings.load(file=self.file, **own)
        except AtlasError as error:
            click.echo(f"atlas: the settings stay as they were: {error}", err=True)
        super().reload()

    def load_config(self) -> None:
        for name, value in self.options().items():
            self.cfg.set(name, value)

    def options(self) -> dict[str, object]:
        longest = max(self.settings.query_timeout, self.settings.write_timeout)
        return {
            "bind": f"fd://{self.descriptor}",
            "workers": self.processes,
            "worker_class": "endpoint.gateway.Worker",
            "keepalive": KEEP_ALIVE,
            "worker_connections": CONNECTIONS,
            "limit_request_line": REQUEST_LINE,
            # What proxies say is believed by the application alone, as the settings have it.
            "forwarded_allow_ips": "",
            "graceful_timeout": int(longest) + KEEP_ALIVE,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": let_signals_end,
            "post_worker_init": self.announce,
            "worker_exit": self.close,
            "child_exit": forget,
        }

    def load(self) -> Callable[..., Any]:
        """The application, in a worker process: after the fork, with gevent's sockets in place."""
        from endpoint.app import create_app, open_pool, open_writer
        from federation.federation import Federation

        allow_files()
        sweep(BODIES)  # Without a write, nothing else would.
        logging.basicConfig(format=LOG_FORMAT, level=logging.INFO)
        try:
            self.engine = open_pool(self.settings, share=self.processes)
            self.writer = open_writer(self.settings)
            return create_app(
                self.settings,
                engine=self.engine,
                writer=self.writer,
                tokens=self.tokens,
                federation=Federation.of(self.settings, self.partners),
                share=self.processes,
            )
        except AtlasError as error:
            click.echo(f"atlas: {error}", err=True)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def announce(self, worker: Any) -> None:
        """Say where to ask, once: when the first worker process is ready to answer."""
        from endpoint.api import health
        from endpoint.site import site_of
        from endpoint.web import preparing
        from endpoint.wire import metrics

        health.readiness_of(self.callable).stopping = lambda: not worker.alive
        metrics.watch(site_of(self.callable))
        if self.settings.prepare:
            preparing.watch(self.callable, self.turn, lambda: worker.alive)
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
        for opened in (self.writer, self.engine):
            if opened is not None:
                opened.close()


@contextmanager
def shared_counts() -> Iterator[None]:
    """A folder in which the server processes add up what they count, for ``/metrics``."""
    with own_folder("atlas-metrics-") as folder:
        os.environ[COUNTS] = str(folder)
        yield


def forget(arbiter: Any, worker: Any) -> None:
    """The levels of a process that ended no longer count; what it counted does."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def allow_files() -> None:
    """As many open files as connections may need, where the system allows as many: each is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, 2 * CONNECTIONS)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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
