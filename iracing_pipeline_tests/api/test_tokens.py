"""Token stores: encrypted, private, atomic, and one writer at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from iracing_pipeline.api.credentials import Credentials
from iracing_pipeline.api.tokens import (
    FileTokenStore,
    Kept,
    Refusal,
    Token,
    TokenCipher,
    token_key,
)

ACCOUNT = Credentials("id", "secret", "me@example.com", "password")
TOKEN = Token("access", 1000.0, 940.0, "refresh", 9000.0)


def test_what_is_kept_can_be_read_only_with_the_same_secrets() -> None:
    text = TokenCipher(ACCOUNT).seal(Kept(TOKEN, Refusal("transient", "m", 1.0)))
    assert "access" not in text
    assert TokenCipher(ACCOUNT).open(text) == Kept(TOKEN, Refusal("transient", "m", 1.0))
    for other in (replace(ACCOUNT, password="p2"), replace(ACCOUNT, client_secret="s2")):
        assert TokenCipher(other).open(text) == Kept()
    for broken in (None, "", "garbage", text[:-9]):
        assert TokenCipher(ACCOUNT).open(broken) == Kept()


def test_other_accounts_servers_and_refresh_tokens_have_other_keys() -> None:
    url = "https://oauth.example/token"
    refresh = Credentials("id", refresh_token="r1")
    keys = {
        token_key(url, ACCOUNT),
        token_key(url + "2", ACCOUNT),
        token_key(url, replace(ACCOUNT, username="you@example.com")),
        token_key(url, replace(ACCOUNT, client_id="id2")),
        token_key(url, refresh),
        token_key(url, replace(refresh, refresh_token="r2")),
    }
    assert len(keys) == 6
    assert "me@example.com" not in "".join(keys)


def test_a_token_does_not_show_itself() -> None:
    assert "access" not in repr(TOKEN).replace("Token(", "")
    assert "'refresh'" not in repr(TOKEN)


def test_the_file_is_private_and_survives_a_restart_and_garbage(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tokens.json"
    with FileTokenStore(path).locked("a") as slot:
        assert slot.read() is None
        slot.write("one")
    with FileTokenStore(path).locked("b") as slot:
        slot.write("two")
    assert FileTokenStore(path).read("a") == "one"
    assert FileTokenStore(path).read("b") == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("not json")
    assert FileTokenStore(path).read("a") is None
    with FileTokenStore(path).locked("a") as slot:
        slot.write("three")
    assert FileTokenStore(path).read("a") == "three"


def test_only_one_thread_or_process_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    script = (
        "import sys, time; from pathlib import Path\n"
        "from iracing_pipeline.api.tokens import FileTokenStore\n"
        "for _ in range(20):\n"
        "    with FileTokenStore(Path(sys.argv[1])).locked('n') as slot:\n"
        "        n = int(slot.read() or 0); time.sleep(0.001); slot.write(str(n + 1))\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(3)]

    def count() -> None:
        for _ in range(20):
            with FileTokenStore(path).locked("n") as slot:
                slot.write(str(int(slot.read() or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [child.wait(30) for child in children] == [0, 0, 0]
    assert FileTokenStore(path).read("n") == "120"


@pytest.mark.parametrize("is_other_process", [True, False])
def test_a_lock_that_somebody_keeps_is_waited_for_only_so_long(
    tmp_path: Path, is_other_process: bool
) -> None:
    path = tmp_path / "tokens.json"
    script = (
        "import sys; from pathlib import Path\n"
        "from iracing_pipeline.api.tokens import FileTokenStore\n"
        "with FileTokenStore(Path(sys.argv[1])).locked('n'):\n"
        "    print('held', flush=True); sys.stdin.readline()\n"
    )
    release = threading.Event()
    if is_other_process:
        pipe = subprocess.PIPE
        holder = subprocess.Popen(
            [sys.executable, "-c", script, str(path)], stdin=pipe, stdout=pipe
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
    else:
        held = threading.Event()

        def hold() -> None:
            with FileTokenStore(path).locked("n"):
                held.set()
                release.wait(30)

        threading.Thread(target=hold, daemon=True).start()
        assert held.wait(5)
    started = time.monotonic()
    with pytest.raises(TimeoutError), FileTokenStore(path).locked("n", timeout=0.3):
        pytest.fail("two hold the lock")
    assert 0.2 < time.monotonic() - started < 2
    if is_other_process:
        holder.communicate(b"go\n", timeout=30)
    release.set()
    with FileTokenStore(path).locked("n", timeout=5) as slot:
        slot.write("mine")
    assert FileTokenStore(path).read("n") == "mine"
