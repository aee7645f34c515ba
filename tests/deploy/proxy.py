"""A real nginx with the site file that is shipped, on a free port, as an ordinary user."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.listening import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
PATIENCE = 60
MAIN = """\
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/atlas.conf;
}}
"""
LISTEN = "listen 80;\n    listen [::]:80;"


def needed() -> str:
    """The program; its absence is a skip, and under CI a failure."""
    if NGINX:
        return NGINX
    if os.environ.get("CI") == "true":
        pytest.fail("nginx is missing, and under CI it must be there (nginx-light on Debian).")
    pytest.skip("nginx is not installed.")


def site(folder: Path, address: str, port: int, changes: Mapping[str, str]) -> None:
    """The site file as an operator would adapt it, and a main file around it."""
    text = (DEPLOY / "nginx" / "atlas.conf").read_text("utf-8")
    adapted = {
        # Short buffers: what is still on its way is little.
        LISTEN: f"listen 127.0.0.1:{port} sndbuf=64k;",
        "127.0.0.1:8000": address.removeprefix("http://"),
        "/var/cache/nginx/atlas": str(folder / "cache"),
        **changes,
    }
    for old, new in adapted.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "atlas.conf").write_text(text, "utf-8")
    # Only root may say, and has to, under which user the workers run.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user), "utf-8")


@contextmanager
def proxied(folder: Path, address: str, changes: Mapping[str, str] | None = None) -> Iterator[str]:
    """nginx in front of a served atlas, until the block ends; its address."""
    program, port = needed(), free_port()
    folder.mkdir()
    site(folder, address, port, changes or {})
    command = [program, "-p", str(folder), "-e", str(folder / "error.log")]
    with (folder / "said").open("wb") as said:
        nginx = subprocess.Popen(
            [*command, "-c", str(folder / "nginx.conf")], stdout=said, stderr=said
        )
        try:
            wait_for(port, nginx, folder)
            yield f"http://127.0.0.1:{port}"
        finally:
            nginx.terminate()
            nginx.wait(PATIENCE)


def wait_for(port: int, nginx: subprocess.Popen[bytes], folder: Path) -> None:
    log = folder / "error.log"
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            said = "".join(path.read_text() for path in (folder / "said", log) if path.exists())
            assert nginx.poll() is None, said
            assert time.monotonic() < ends, said
            time.sleep(0.02)
