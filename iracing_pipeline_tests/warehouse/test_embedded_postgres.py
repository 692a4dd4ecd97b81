"""What the embedded Postgres promises, kept with real processes, real kills and real accounts.

In: a temporary directory of each test's own. Stays out: schema and data of the pipeline.
As root, every promise is checked twice: for root, and for an ordinary user (`nobody`).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import psutil
import pytest

from iracing_pipeline.warehouse.embedded import place as embedded_place
from iracing_pipeline.warehouse.embedded.binaries import PACKAGE, installed
from iracing_pipeline_tests.support.forked_commands import Forked, Prepared
from iracing_pipeline_tests.support.places import fast_disk
from iracing_pipeline_tests.support.shell import fork
from iracing_pipeline_tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no embedded Postgres here")

CHILD = Path(__file__).parents[1] / "support" / "embedded_child.py"
IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can act for other accounts")
FORKED: dict[str, Prepared] = {}
LIMIT = 40.0  # seconds that anything may take on a busy machine
KEPT = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")


@pytest.fixture(scope="session", autouse=True)
def forked(tests_folder: Path) -> Iterator[None]:
    """What children are forked from."""
    imports = "argparse fasteners iracing_pipeline.warehouse.embedded.shared_server psutil psycopg"
    with Prepared(tests_folder / "embedded", imports) as FORKED["embedded"]:
        yield


class Child:
    """A process that uses an embedded Postgres."""

    def __init__(self, process: subprocess.Popen[str] | Forked) -> None:
        self.process = process
        self.answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put("")

    def send(self, command: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict:
        line = self.answers.get(timeout=LIMIT)
        if not line:
            assert self.process.stderr
            pytest.fail(f"the child died:\n{self.process.stderr.read()}")
        return json.loads(line)

    def ask(self, command: str) -> dict:
        self.send(command)
        return self.receive()

    def attach(self) -> str:
        answer = self.ask("attach")
        assert "url" in answer, answer["error"]
        return answer["url"]

    def sql(self, statement: str) -> list[list]:
        answer = self.ask(f"sql {statement}")
        assert "rows" in answer, answer["error"]
        return answer["rows"]

    def leave(self) -> None:
        """End as a program ends, and say nothing about it."""
        self.process.stdin.close()
        complaints = self.process.stderr.read()
        assert (self.process.wait(LIMIT), complaints) == (0, "")

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait(LIMIT)


def executed(command: list[str | Path], environment: dict[str, str]) -> Child:
    return Child(
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
    )


def ignoring(signals: str, command: list[str | Path]) -> list[str | Path]:
    """The command as a script's background job, or nohup, starts it: with these signals ignored."""
    return ["/bin/sh", "-c", f"trap '' {signals}; exec \"$@\"", "sh", *command]


class Host:
    """A temporary directory on this machine, and the account that works in it."""

    def __init__(self, root: Path, account: pwd.struct_passwd | None, packages: Path | None):
        self.root = root
        self.account = account  # None: whoever runs the tests
        self.packages = packages
        self.data = root / "data"
        self.children: list[Child] = []

    def start(
        self,
        data: Path | None = None,
        *options: str,
        is_new: bool = False,
        ignored: str = "",
        **variables: str,
    ) -> Child:
        """A child; forked, unless it matters what a process begins with."""
        arguments = [str(data or self.data), *options]
        if self.account and "--become" not in options:
            arguments += ["--become", str(self.account.pw_uid), str(self.account.pw_gid)]
            if self.packages:
                arguments += ["--packages-first", str(self.packages)]
        kept = {key: os.environ[key] for key in KEPT if key in os.environ}
        environment = {**kept, "TMPDIR": str(self.root / "tmp"), **variables}
        if is_new or ignored or variables or any(option.startswith("--p") for option in arguments):
            command: list[str | Path] = [sys.executable, CHILD, *arguments]
            child = executed(ignoring(ignored, command) if ignored else command, environment)
        else:
            child = Child(
                FORKED["embedded"].start(
                    *(
                        f"import runpy; runpy.run_path({str(CHILD)!r}, run_name='__main__')",
                        *arguments,
                    ),
                    program="python",
                    environment=environment,
                    cwd=Path("/"),
                    start_new_session=True,
                    has_pipes=True,
                )
            )
        self.children.append(child)
        return child

    def use(
        self, data: Path | None = None, *options: str, is_new: bool = False, **variables: str
    ) -> Child:
        """A child that has attached."""
        child = self.start(data, *options, is_new=is_new, **variables)
        child.attach()
        return child

    def server(self, data: Path | None = None) -> psutil.Process:
        """The server of a data directory, which must be running."""
        [found] = self.servers(data)
        return found

    def sees_no_server(self) -> None:
        """It takes its pid file away a moment before it ends, and who stops it waits for that alone."""
        eventually(lambda: not self.servers(), "no server is left")

    def servers(self, data: Path | None = None) -> list[psutil.Process]:
        data = data or self.data
        pointer = data / embedded_place.POINTER
        home = Path(pointer.read_text().strip()) if pointer.exists() else data
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                command = process.cmdline()
                is_ours = len(command) == 3 and command[1] == "-D"
                if is_ours and Path(command[2]).parent == home:
                    found.append(process)
        return found

    def own(self, path: Path) -> Path:
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        return path

    def clean(self) -> None:
        for child in self.children:
            if child.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait(LIMIT)
            for pipe in (child.process.stdin, child.process.stderr):
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()
        homes = [self.root]
        for pointer in self.root.rglob(embedded_place.POINTER):
            homes.append(Path(pointer.read_text().strip()))
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                command = process.cmdline()
                if any(str(home) in part for home in homes for part in command):
                    if command[1:2] == ["-D"]:
                        stop_at_once(process)
                    kill_tree(process)
        for home in homes:
            shutil.rmtree(home, ignore_errors=True)


def stop_at_once(server: psutil.Process) -> None:
    """Killed, it would leave a megabyte of shared memory."""
    server.send_signal(signal.SIGQUIT)
    with contextlib.suppress(AssertionError):
        eventually(lambda: is_dead(server), "it has ended", seconds=2)


def kill_tree(process: psutil.Process) -> None:
    tree = [process, *process.children(recursive=True)]
    for one in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    eventually(lambda: all(map(is_dead, tree)), "the killed are dead")


def is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE  # reaped when PID 1 gets round to it
    except psutil.NoSuchProcess:
        return True


def can_reach(account: pwd.struct_passwd, path: Path) -> bool:
    test = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
    ids = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return subprocess.run(test, cwd="/", **ids).returncode == 0


def copy_binaries(to: Path) -> Path:
    """The newest Postgres of the package as another installation of it; return its site."""
    programs = installed()[max(installed())]
    package = programs.parent.parent
    site = to / "site"
    shutil.copytree(programs.parent, site / PACKAGE / programs.parent.name, symlinks=True)
    (site / PACKAGE / "__init__.py").touch()
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, site / libraries.name)
    return site


@pytest.fixture(scope="session")
def packages_for_all() -> Iterator[Path | None]:
    """Where an ordinary user finds the binaries, if the checkout is closed to it."""
    if not IS_ROOT or can_reach(pwd.getpwnam("nobody"), installed()[max(installed())] / "initdb"):
        yield None
        return
    directory = Path(tempfile.mkdtemp(prefix="iracing-test-", dir="/tmp"))
    directory.chmod(0o755)
    yield copy_binaries(directory)
    shutil.rmtree(directory)


@contextlib.contextmanager
def a_host(account: pwd.struct_passwd | None, packages: Path | None) -> Iterator[Host]:
    # Not tmp_path: it is below a directory that only we can enter, which changes what we test.
    root = Path(tempfile.mkdtemp(prefix="iracing-test-", dir=fast_disk())).resolve()
    root.chmod(0o755)
    host = Host(root, account, packages)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    host.own(root)
    try:
        yield host
    finally:
        host.clean()


WHO = ["user", pytest.param("root", marks=needs_root)]


@contextlib.contextmanager
def a_host_of(who: str, packages: Path | None) -> Iterator[Host]:
    with a_host(pwd.getpwnam("nobody") if IS_ROOT and who == "user" else None, packages) as made:
        yield made


@pytest.fixture(params=WHO)
def fresh_host(request: pytest.FixtureRequest, packages_for_all: Path | None) -> Iterator[Host]:
    """A host without a cluster: the first process makes one."""
    with a_host_of(request.param, packages_for_all) as made:
        yield made


@pytest.fixture(scope="session", params=WHO)
def used_host(request: pytest.FixtureRequest, packages_for_all: Path | None) -> Iterator[Host]:
    with a_host_of(request.param, packages_for_all) as made:
        made.use().leave()
        yield made


@pytest.fixture
def host(used_host: Host) -> Iterator[Host]:
    """A host with a cluster that is not running: a copy, in a quarter of the time initdb takes."""
    with a_host(used_host.account, used_host.packages) as made:
        subprocess.run(["cp", "-a", used_host.data, made.data], check=True)
        yield made


@pytest.fixture
def plain_host() -> Iterator[Host]:
    """A host where we work as who we are: for what is the same for every account."""
    with a_host(None, None) as made:
        yield made


@pytest.fixture
def root_host() -> Iterator[Host]:
    """A host where we work as root. Only one at a time uses root's shared directory."""
    with CHILD.open() as turnstile, a_host(None, None) as made:
        fcntl.flock(turnstile, fcntl.LOCK_EX)
        yield made


# -- Who uses it, and when it stops ---------------------------------------------------------------


def test_the_server_outlives_the_process_that_started_it_and_stops_with_the_last(host: Host):
    first = host.use()
    second = host.use()
    server = host.server()
    first.leave()
    assert second.sql("select 1") == [[1]]
    assert host.server() == server
    second.leave()
    host.sees_no_server()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill-9", "sigterm"])
def test_a_process_that_died_no_longer_counts(host: Host, number: int):
    starter = host.use()
    starter.kill(number)
    server = host.server()
    second = host.use()
    assert host.server() == server
    second.leave()
    host.sees_no_server()


def test_an_interrupt_in_the_starters_terminal_leaves_the_server_to_others(host: Host):
    starter = host.use()
    other = host.use()
    server = host.server()
    os.killpg(starter.process.pid, signal.SIGINT)
    starter.process.wait(LIMIT)
    assert other.sql("select 1") == [[1]]
    assert host.server() == server
    other.leave()
    host.sees_no_server()


@pytest.mark.parametrize("ignored", ["INT", "TERM", "HUP INT QUIT TERM"])
def test_a_server_started_with_signals_ignored_stops_with_its_last_user(host: Host, ignored: str):
    child = host.start(ignored=ignored)
    assert child.sql("select 1") == [[1]]
    child.leave()
    host.sees_no_server()


# Through the command line's own entry point. It waits outside Dagster's steps, which hear signals by
# handlers of their own, and after one, when Dagster has put back the handlers that it found.
WAITING_COMMAND = """
import sys, time
from pathlib import Path
import dagster
from iracing_pipeline.cli import cli, main
from iracing_pipeline.warehouse.embedded.shared_server import database_url

@dagster.asset
def laps():
    pass

@cli.command()
def wait():
    database_url(Path(data_dir))
    dagster.materialize([laps])
    print('{"waits": true}', flush=True)
    time.sleep(600)

data_dir = sys.argv.pop()
sys.argv = ["iracing-pipeline", "wait"]
main()
"""


@pytest.mark.parametrize(
    ("ignored", "number", "is_new"),
    [
        ("INT", signal.SIGINT, True),
        ("INT", signal.SIGTERM, False),
        ("TERM", signal.SIGTERM, False),
        ("HUP INT QUIT TERM", signal.SIGTERM, False),
    ],
)
def test_a_command_started_with_signals_ignored_can_be_stopped_and_stops_its_server(
    plain_host: Host, prepared: None, ignored: str, number: signal.Signals, is_new: bool
):
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    program = [WAITING_COMMAND, str(plain_host.data)]
    if is_new:
        child = executed(ignoring(ignored, [sys.executable, "-c", *program]), environment)
    else:
        child = Child(
            fork(
                *program,
                program="python",
                environment=environment,
                ignored=[signal.Signals[f"SIG{name}"] for name in ignored.split()],
                start_new_session=True,
                has_pipes=True,
            )
        )
    plain_host.children.append(child)
    assert child.receive() == {"waits": True}
    assert plain_host.servers()
    child.kill(number)
    assert child.process.returncode == 130
    plain_host.sees_no_server()


def test_a_forked_child_keeps_the_server_when_its_parent_leaves(host: Host):
    parent = host.use()
    server = host.server()
    assert "url" in parent.ask("fork")
    parent.process.wait(LIMIT)
    assert parent.sql("select 1") == [[1]]
    assert host.server() == server
    parent.process.stdin.close()
    host.sees_no_server()


@pytest.mark.parametrize("state", ["fresh", "warm"])
def test_four_processes_at_once_share_one_server(fresh_host: Host, state: str):
    if state == "warm":
        fresh_host.use().leave()
    children = [fresh_host.start() for _ in range(4)]
    for child in children:
        child.send("attach")
    assert len({child.receive()["url"] for child in children}) == 1
    assert len(fresh_host.servers()) == 1
    assert [child.sql("select 1") for child in children] == [[[1]]] * 4
    for child in children:
        child.leave()
    fresh_host.sees_no_server()


def test_threads_of_one_process_share_one_server(host: Host):
    child = host.start()
    assert "url" in child.ask("attach-in-threads")
    assert len(host.servers()) == 1
    child.leave()
    host.sees_no_server()


def test_attaching_imports_no_driver_and_no_process_inspection(plain_host: Host):
    plain_host.use()
    modules = plain_host.use(is_new=True).ask("modules")["modules"]
    assert {"psycopg", "psycopg2", "psutil", "sqlalchemy", "dagster"}.isdisjoint(modules)


# -- Crashes --------------------------------------------------------------------------------------


def test_a_killed_server_comes_back_with_every_committed_row(host: Host):
    first = host.use()
    first.sql("create table laps as select generate_series(1, 1000) as lap")
    host.server().kill()
    second = host.use()
    assert second.sql("select count(*) from laps") == [[1000]]
    assert first.sql("select count(*) from laps") == [[1000]]
    first.leave()
    second.leave()
    host.sees_no_server()


def test_a_process_that_lives_on_restarts_a_killed_server_at_its_next_call(host: Host):
    child = host.use()
    host.server().kill()
    assert child.sql("select 1") == [[1]]


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl to adopt orphans")
def test_a_killed_server_that_nobody_reaps_is_replaced(host: Host):
    init = host.use(None, "--never-reap")  # as PID 1 of a container without an init
    server = host.server()
    assert server.ppid() == init.process.pid
    server.kill()
    eventually(lambda: server.status() == psutil.STATUS_ZOMBIE, "the server is a zombie")
    second = host.use()
    assert second.sql("select 1") == [[1]]
    assert server.status() == psutil.STATUS_ZOMBIE
    second.leave()


def test_a_killed_servers_busy_session_is_waited_for(host: Host):
    child = host.use()
    server = host.server()
    child.send("sql do $$ begin while clock_timestamp() < now() + '2 s' loop end loop; end $$")

    def is_busy(process: psutil.Process) -> bool:
        try:
            return process.cpu_times().user > 0.2
        except psutil.NoSuchProcess:  # a worker of the server's that has ended meanwhile
            return False

    eventually(lambda: any(map(is_busy, server.children())), "the session is busy")
    server.kill()
    assert host.use().sql("select 1") == [[1]]


def test_a_stale_pid_file_is_not_believed_and_the_bystander_is_left_alone(host: Host):
    child = host.use()
    server = host.server()
    uids = server.uids()
    pid_file, socket_lock = host.data / "pg18/postmaster.pid", host.data / "run/.s.PGSQL.5432.lock"
    kept = {path: path.read_bytes() for path in (pid_file, socket_lock)}
    child.kill()
    kill_tree(server)
    identity = {"user": uids.real} if IS_ROOT else {}
    bystander = subprocess.Popen(["sleep", "60"], **identity)
    try:
        for path, content in kept.items():
            _, rest = content.split(b"\n", 1)
            path.write_bytes(b"%d\n%s" % (bystander.pid, rest))
        second = host.use()
        assert second.sql("select 1") == [[1]]
        second.leave()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_process_killed_while_it_makes_the_cluster_leaves_nothing_in_the_way(fresh_host: Host):
    first = fresh_host.start()
    first.send("attach")
    eventually(lambda: list(fresh_host.data.glob("pg18.init-*/PG_VERSION")), "initdb is at work")
    first.kill()
    assert not (fresh_host.data / "pg18").exists()
    second = fresh_host.use()
    assert second.sql("select 1") == [[1]]
    second.leave()
    fresh_host.use().leave()  # the orphaned initdb may have been writing during the first sweep
    assert not list(fresh_host.data.glob("*.init-*"))


def test_a_data_directory_that_moved_with_its_server_running_is_still_the_same(host: Host):
    first = host.use()
    first.sql("create table laps ()")
    moved = host.data.rename(host.root / "moved")
    second = host.use(moved)
    assert second.sql("select count(*) from laps") == [[0]]
    second.leave()
    first.leave()
    host.use(moved).leave()
    assert not (moved / "pg18/postmaster.pid").exists()
    assert not host.data.exists()


# -- Surroundings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["a space", "o'clock", '$HOME "quoted", `date` \\ end', "Nürburgring", "d/" * 60 + "deep"],
    ids=["space", "quote", "shell", "unicode", "deep"],
)
def test_any_path_will_do(fresh_host: Host, name: str):
    data = fresh_host.root / name
    assert len(name) < 50 or len(str(data)) >= 144
    child = fresh_host.use(data)
    assert child.sql("show data_directory") == [[str(data / "pg18")]]
    child.leave()
    assert fresh_host.servers(data) == []
    assert list((fresh_host.root / "tmp").iterdir()) == []


FOREIGN_LOCALE = {"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.ISO-8859-1"}
OTHER_SERVER = {
    "PGPORT": "1",
    "PGDATA": "/nonexistent",
    "PGHOST": "db.invalid",
    "PGUSER": "somebody",
    "PGDATABASE": "something",
    "IRACING_PASSWORD": "hunter2",
}


def test_the_shells_variables_change_nothing_and_reach_no_server(fresh_host: Host):
    child = fresh_host.use(None, **FOREIGN_LOCALE, **OTHER_SERVER)
    assert child.sql(
        "select datlocprovider, datlocale, pg_encoding_to_char(encoding), current_user"
        " from pg_database where datname = current_database()"
    ) == [["b", "C.UTF-8", "UTF8", "postgres"]]
    if sys.platform == "linux":
        environment = fresh_host.server().environ()
        assert set(environment).isdisjoint(OTHER_SERVER)
        assert environment["LC_ALL"] == "C"


def test_the_server_is_durable_private_and_on_utc(fresh_host: Host):
    child = fresh_host.use()
    assert child.sql(
        "select current_setting('fsync'), current_setting('listen_addresses'),"
        " current_setting('TimeZone'), current_setting('unix_socket_permissions')"
    ) == [["on", "", "UTC", "0700"]]
    if not (IS_ROOT and not fresh_host.account):
        assert fresh_host.data.stat().st_mode & 0o777 == 0o700
    assert (fresh_host.data / "pg18").stat().st_mode & 0o777 == 0o700
    child.sql("alter system set fsync = off")
    child.sql("select pg_reload_conf()")
    eventually(lambda: child.sql("show fsync") == [["off"]], "ALTER SYSTEM wins over our settings")


@needs_root
def test_every_user_of_the_host_has_a_server_of_their_own(packages_for_all: Path | None):
    with contextlib.ExitStack() as stack:
        accounts = [pwd.getpwnam("nobody"), pwd.getpwnam("daemon"), None]
        hosts = [stack.enter_context(a_host(who, packages_for_all)) for who in accounts]
        children = [host.start(None, TMPDIR="/tmp") for host in hosts]
        for child in children:
            child.send("attach")
        assert len({child.receive()["url"] for child in children}) == 3
        owners = [host.server().uids().real for host in hosts]
        assert owners[:2] == [pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("daemon").pw_uid]
        assert owners[2] not in (0, *owners[1:2])


@needs_root
def test_root_in_a_users_directory_acts_for_that_user(packages_for_all: Path | None):
    nobody = pwd.getpwnam("nobody")
    with a_host(nobody, packages_for_all) as host:
        host.data.mkdir(mode=0o700)
        host.own(host.data)
        root = host.use(None, "--become", "0", "0")
        assert host.server().uids().real == nobody.pw_uid
        root.leave()
        user = host.use()
        assert user.sql("select 1") == [[1]]


@needs_root
@pytest.mark.parametrize("is_temporary", [False, True], ids=["lasting", "temporary"])
def test_a_data_directory_that_only_root_can_enter_stays_closed(
    root_host: Host, is_temporary: bool
):
    closed = root_host.root / "closed"
    closed.mkdir(mode=0o700)
    data = closed / "data"
    variables = {"TMPDIR": str(root_host.root)} if is_temporary else {}
    first = root_host.use(data, **variables)
    first.sql("create table laps ()")
    home = Path((data / embedded_place.POINTER).read_text().strip())
    assert home.parent == (root_host.root if is_temporary else embedded_place.SHARED)
    second = root_host.use(data)  # whatever its TMPDIR: the pointer says where
    assert second.sql("select count(*) from laps") == [[0]]
    first.leave()
    second.leave()
    assert root_host.servers(data) == []
    assert closed.stat().st_mode & 0o777 == 0o700

    shutil.rmtree(data)
    shutil.rmtree(home)
    third = root_host.use(data, **variables)
    assert third.sql("select to_regclass('laps')") == [[None]]
    third.leave()
    remove_shared(root_host)


@needs_root
def test_binaries_that_only_root_can_execute_are_copied_once_and_stay_closed(root_host: Host):
    closed = root_host.root / "closed"
    closed.mkdir(mode=0o700)
    site = copy_binaries(closed)
    copies = []
    try:
        for data in (root_host.root / "one", root_host.root / "two"):
            child = root_host.use(data, "--packages-first", str(site))
            assert child.sql("select 1") == [[1]]
            copies.append(Path(root_host.server(data).exe()))
            child.leave()
        assert copies[0] == copies[1]
        assert copies[0].is_relative_to(embedded_place.SHARED)
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        for copy in copies[:1]:
            relative = copy.relative_to(embedded_place.SHARED)
            shutil.rmtree(embedded_place.SHARED / relative.parts[0])
        remove_shared(root_host)


def remove_shared(host: Host) -> None:
    host.clean()
    with contextlib.suppress(OSError):  # somebody's clusters are in it
        embedded_place.SHARED.rmdir()


# -- Failures, which the reader must understand ---------------------------------------------------


def test_without_binaries_the_reader_learns_both_ways_out(plain_host: Host):
    site = plain_host.root / "site"
    site.mkdir()
    for package in ("fasteners", "psutil"):
        module = sys.modules.get(package) or __import__(package)
        (site / package).symlink_to(Path(module.__file__).parent)
    error = plain_host.start(None, "--packages-only", str(site)).ask("attach")["error"]
    assert "iracing-pipeline[embedded]" in error
    assert "IRACING_DATABASE_URL" in error


def test_a_disk_that_fills_up_during_setup_leaves_nothing_half_made(fresh_host: Host):
    limited = fresh_host.start(None, "--file-limit", "1000000")
    error = limited.ask("attach")["error"]
    assert "initdb failed" in error
    assert "File too large" in error
    assert str(fresh_host.data / "initdb.log") in error
    assert not list(fresh_host.data.glob("pg*"))
    assert fresh_host.use().sql("select 1") == [[1]]


@needs_root
def test_a_full_disk_is_named(root_host: Host):
    root_host.data.mkdir()
    mount = 'mount -t tmpfs -o size=20m,mode=755 tmpfs "$0" && exec "$@"'
    child = [sys.executable, str(CHILD), str(root_host.data)]
    script = ["unshare", "--mount", "/bin/sh", "-c", mount, str(root_host.data)]
    probe = subprocess.run([*script, "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"mounting is not permitted here: {probe.stderr.decode().strip()}")
    full = executed([*script, *child], {"PATH": os.environ["PATH"]})
    root_host.children.append(full)
    assert "Check free disk space" in full.ask("attach")["error"]
    full.leave()


def test_a_server_that_cannot_start_is_quoted_at_once(host: Host):
    host.use().leave()
    with (host.data / "pg18/postgresql.conf").open("a") as settings:
        settings.write("nonsense = 'yes'\n")
    begun = time.monotonic()
    child = host.start()
    error = child.ask("attach")["error"]
    assert time.monotonic() - begun < 10
    assert 'unrecognized configuration parameter "nonsense"' in error
    assert str(host.data / "start.log") in error
    assert "IRACING_DATABASE_URL" in error
    child.leave()


def test_a_damaged_cluster_is_reported_in_the_servers_own_words(host: Host):
    host.use().leave()
    for segment in (host.data / "pg18/pg_wal").glob("0*"):
        segment.unlink()
    child = host.start()
    error = child.ask("attach")["error"]
    assert "could not locate a valid checkpoint record" in error
    assert str(host.data / "pg18/log") in error
    child.leave()
    host.sees_no_server()


def test_a_cluster_of_a_postgres_that_is_not_installed_is_not_replaced_by_an_empty_one(host: Host):
    host.use().leave()
    (host.data / "pg18").rename(host.data / "pg99")
    error = host.start().ask("attach")["error"]
    assert "pg99" in error
    assert "18" in error
    assert not (host.data / "pg18").exists()


@pytest.mark.skipif(len(installed()) < 2, reason="one Postgres version is installed")
def test_an_existing_cluster_of_an_older_installed_postgres_is_used(host: Host):
    if host.packages:
        pytest.skip("the copy for an ordinary user holds only the newest version")
    older = min(installed())
    host.use().leave()
    shutil.rmtree(host.data / "pg18")
    owner = (host.data / "run").stat()
    initdb = [installed()[older] / "initdb", "-U", "postgres", "-D", host.data / f"pg{older}"]
    identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if IS_ROOT else {}
    (host.data / f"pg{older}").mkdir()
    shutil.chown(host.data / f"pg{older}", owner.st_uid, owner.st_gid)
    subprocess.run(initdb, check=True, capture_output=True, cwd="/", **identity)
    with (host.data / f"pg{older}/postgresql.conf").open("a") as settings:
        settings.write("include 'iracing.conf'\n")
    [[version]] = host.use().sql("show server_version_num")
    assert int(version) // 10000 == older


@needs_root
def test_a_directory_of_somebody_elses_is_refused_by_name(packages_for_all: Path | None):
    with a_host(None, None) as root_host:
        root_host.use().leave()
        root_host.account, root_host.packages = pwd.getpwnam("nobody"), packages_for_all
        error = root_host.start().ask("attach")["error"]
        assert f"{root_host.data} belongs to root" in error
        assert "runs as nobody" in error
        assert "IRACING_DATA_DIR" in error


def test_a_file_in_the_place_of_the_directory_is_named(fresh_host: Host):
    fresh_host.data.write_text("not a directory")
    assert str(fresh_host.data) in fresh_host.start().ask("attach")["error"]


def test_a_directory_that_cannot_be_written_to_is_named(host: Host):
    if IS_ROOT and not host.account:
        pytest.skip("root can write everywhere")
    host.data.chmod(0o500)
    error = host.start().ask("attach")["error"]
    host.data.chmod(0o700)
    assert f"{host.data} cannot be written to" in error


def test_a_link_leads_to_the_same_server(host: Host):
    first = host.use()
    link = host.root / "link"
    link.symlink_to(host.data)
    assert host.use(link).attach() == first.attach()


def test_the_url_holds_the_socket_directory_percent_encoded(host: Host):
    url = host.use(host.root / "a space").attach()
    head, _, encoded = url.partition("?host=")
    assert head == "postgresql://postgres@:5432/postgres"
    assert encoded.endswith("/a%20space/run")
    assert Path(unquote(encoded)) == host.root / "a space" / "run"
