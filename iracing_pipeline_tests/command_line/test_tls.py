"""A database behind TLS: nothing is told to a server that cannot prove who it is."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from iracing_pipeline_tests.support.pgbouncer import PROGRAM, pgbouncer
from iracing_pipeline_tests.support.shell import run

pytestmark = [
    pytest.mark.usefixtures("prepared"),
    pytest.mark.skipif(
        PROGRAM is None, reason="pgbouncer, which speaks TLS here, is not installed"
    ),
]
HOST = "localhost"


def authority(folder: Path, name: str) -> tuple[x509.Name, ec.EllipticCurvePrivateKey, Path]:
    """One of those that vouch for servers, with the file that says that it is trusted."""
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key = ec.generate_private_key(ec.SECP256R1())
    made = _builder(issuer, issuer, key.public_key())
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    path = folder / f"{name}.crt"
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return issuer, key, path


def server_certificate(
    folder: Path, issuer: x509.Name, signer: ec.EllipticCurvePrivateKey
) -> tuple[Path, Path]:
    """Certificate and key of a server that is HOST and nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    made = _builder(subject, issuer, key.public_key()).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False
    )
    certificate, secret = folder / "server.crt", folder / "server.key"
    certificate.write_bytes(
        made.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    for path in (certificate, secret):
        path.chmod(0o644)  # the account that the server runs as has to read them
    return certificate, secret


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
    )


@pytest.fixture
def server(database_url: str, postgres_dir: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a database that answers by TLS only, and the file of the authority that vouches for it."""
    issuer, signer, trusted = authority(postgres_dir, "authority")
    tls = server_certificate(postgres_dir, issuer, signer)
    with pgbouncer(database_url, "session", postgres_dir, tls) as url:
        yield url, trusted


def test_with_verify_full_a_sync_and_dagsters_books_go_by_tls_and_a_stranger_is_refused(
    server: tuple[str, Path], environment: dict[str, str], tmp_path: Path
) -> None:
    url, trusted = server
    verified = f"{url.replace('127.0.0.1', HOST)}?sslmode=verify-full&sslrootcert="
    environment["IRACING_DATABASE_URL"] = verified + str(trusted)
    done = run("sync", "--sync-seasons", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    done = run("db", "sql", "SELECT count(*) > 0 FROM dagster.runs", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "true" in done.stdout.lower()

    *_, other = authority(tmp_path, "other")
    for wrong, words in (
        (verified + str(other), "certificate"),
        (verified + str(tmp_path / "none.crt"), "none.crt"),
        # The certificate is that of a name, not of an address.
        (f"{url}?sslmode=verify-full&sslrootcert={trusted}", "127.0.0.1"),
        (f"{url}?sslmode=disable", "SSL required"),
    ):
        environment["IRACING_DATABASE_URL"] = wrong
        for command in (["db", "status"], ["sync", "--sync-seasons"]):
            done = run(*command, environment=environment)
            said = done.stdout + done.stderr
            assert done.returncode == 2, said
            assert words in said
            assert "Traceback" not in said
