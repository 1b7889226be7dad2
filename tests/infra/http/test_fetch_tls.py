"""Encrypted pages: the certificate is checked against the name, though the connection goes to a number."""

import datetime as dt
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.infra.http import Fetcher, FetchFailed, FetchRefused
from tests.infra.http.hostile import ARTICLE, Hostile, hostile_server


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "public.pem", folder / "private.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    return _certificate(tmp_path, "blog.example")[0]


@pytest.fixture
def secure(tmp_path: Path, trusted: Path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, tmp_path / "private.pem")
    with hostile_server(context) as server:
        yield server


async def _loopback(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def _fetcher(name: str, secure: Hostile, trusted: Path | None) -> Fetcher:
    tls = ssl.create_default_context(cafile=str(trusted)) if trusted else None
    return Fetcher(allow=frozenset({f"{name}:{secure.port}"}), resolve=_loopback, tls=tls)


async def test_the_certificate_is_that_of_the_name(secure: Hostile, trusted: Path) -> None:
    fetcher = _fetcher("blog.example", secure, trusted)

    page = await fetcher.fetch(f"https://blog.example:{secure.port}/article")

    assert page.body == ARTICLE
    assert secure.asked[-1].headers["host"] == f"blog.example:{secure.port}"


async def test_another_names_certificate_is_not_taken(secure: Hostile, trusted: Path) -> None:
    fetcher = _fetcher("other.example", secure, trusted)

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(f"https://other.example:{secure.port}/article")

    assert failed.value.reason_code == "tls"
    assert secure.paths == []


async def test_a_certificate_that_nobody_vouches_for_is_not_taken(secure: Hostile) -> None:
    fetcher = _fetcher("blog.example", secure, None)

    with pytest.raises(FetchFailed) as failed:
        await fetcher.fetch(f"https://blog.example:{secure.port}/article")

    assert failed.value.reason_code == "tls"
    assert secure.paths == []


async def test_a_redirect_to_plain_http_is_not_followed(secure: Hostile, trusted: Path) -> None:
    fetcher = _fetcher("blog.example", secure, trusted)

    with pytest.raises(FetchRefused) as refused:
        await fetcher.fetch(
            f"https://blog.example:{secure.port}/redirect?to=http://blog.example:{secure.port}/article"
        )

    assert refused.value.reason_code == "downgrade"
    assert secure.paths == ["/robots.txt", "/redirect"]
