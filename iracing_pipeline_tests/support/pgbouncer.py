"""pgbouncer, as Debian packages it, in front of a Postgres that lets everybody in over its socket.

In: the Postgres's URL, a pool mode, a folder that other accounts may enter, a certificate if it is to speak
TLS. Out: its URL, while it runs.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from iracing_pipeline_tests.support.shell import free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
# By transaction few serve many; by session every connection that is kept takes one.
POOL_SIZE = {"transaction": 4, "session": 30}
_CONFIGURATION = """
[databases]
* = host={host} port=5432 user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 200
query_wait_timeout = 60
"""
_TLS = """
client_tls_sslmode = require
client_tls_cert_file = {certificate}
client_tls_key_file = {key}
"""


@contextmanager
def pgbouncer(
    url: str, mode: str, folder: Path, tls: tuple[Path, Path] | None = None
) -> Iterator[str]:
    """The URL, by way of a pgbouncer that pools by `mode`. `tls`: its certificate and key."""
    assert PROGRAM
    host, port = parse_qs(urlsplit(url).query)["host"][0], free_port()
    configuration = folder / f"pgbouncer-{port}.ini"
    text = _CONFIGURATION.format(host=host, port=port, mode=mode, size=POOL_SIZE[mode])
    if tls:
        text += _TLS.format(certificate=tls[0], key=tls[1])
    configuration.write_text(text, encoding="utf-8")
    configuration.chmod(0o644)
    # Like Postgres it does not run as root; only the account of the server reaches the server's socket.
    owner = os.stat(host) if os.geteuid() == 0 else None
    process = subprocess.Popen(
        [PROGRAM, "-q", configuration],
        user=owner.st_uid if owner else None,
        group=owner.st_gid if owner else None,
        extra_groups=[] if owner else None,
    )
    try:
        while not _listens(port):
            assert process.poll() is None, "pgbouncer has ended"
            time.sleep(0.02)
        yield urlunsplit(urlsplit(url)._replace(netloc=f"postgres@127.0.0.1:{port}", query=""))
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
