"""Tokens at rest: encrypted, under keys that tell nothing, and one writer at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from iracing_pipeline.api.credentials import Credentials
from iracing_pipeline.api.tokens import (
    Kept,
    Refusal,
    Token,
    TokenCipher,
    TokenStore,
    token_key,
)
from iracing_pipeline.warehouse.database import Database
from iracing_pipeline.warehouse.token_store import PostgresTokenStore
from iracing_pipeline_tests.support.token_stores import InMemoryTokenStore

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


@pytest.fixture(params=["in memory", "Postgres"])
def store(request: pytest.FixtureRequest) -> TokenStore:
    """The product's store, and the one that tests of the client use in its place."""
    if request.param == "in memory":
        return InMemoryTokenStore()
    return PostgresTokenStore(request.getfixturevalue("database"))


def test_a_key_keeps_its_own_text(store: TokenStore) -> None:
    with store.locked("a") as slot:
        assert slot.read() is None
        slot.write("one")
        slot.write("two")
    with store.locked("b", timeout=5) as slot:
        slot.write("three")
    assert (store.read("a"), store.read("b"), store.read("c")) == ("two", "three", None)


def test_only_one_thread_holds_the_lock(store: TokenStore) -> None:
    def count() -> None:
        for _ in range(20):
            with store.locked("n") as slot:
                slot.write(str(int(slot.read() or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("n") == "60"


def test_a_lock_that_another_thread_keeps_is_waited_for_only_so_long(store: TokenStore) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with store.locked("n"):
            held.set()
            release.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(5)
    started = time.monotonic()
    with pytest.raises(TimeoutError), store.locked("n", timeout=0.3):
        pytest.fail("two hold the lock")
    assert 0.2 < time.monotonic() - started < 2
    release.set()
    holder.join()
    with store.locked("n", timeout=5) as slot:
        slot.write("mine")
    assert store.read("n") == "mine"


def test_the_lock_of_a_process_that_was_killed_is_free(
    database: Database, database_url: str
) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from iracing_pipeline.warehouse.database import Database\n"
        "from iracing_pipeline.warehouse.token_store import PostgresTokenStore\n"
        "with PostgresTokenStore(Database(sys.argv[1], Path('unused'))).locked('n') as slot:\n"
        "    slot.write('written'); print('held', flush=True); sys.stdin.readline()\n"
    )
    pipe = subprocess.PIPE
    holder = subprocess.Popen([sys.executable, "-c", script, database_url], stdin=pipe, stdout=pipe)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    store = PostgresTokenStore(database)
    with pytest.raises(TimeoutError), store.locked("n", timeout=0.3):
        pytest.fail("two hold the lock")
    holder.kill()
    holder.communicate()
    with store.locked("n", timeout=5) as slot:
        assert slot.read() == "written"
