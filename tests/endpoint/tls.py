"""Certificates for endpoints: one authority, made when first needed, and servers that are right or wrong."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@cache
def authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The tests' certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Mulu tests")
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def authority_pem() -> str:
    """The authority's certificate, as a source's ``ca_bundle`` names it."""
    return authority()[0].public_bytes(serialization.Encoding.PEM).decode()


@cache
def server_context(kind: str, address: str) -> ssl.SSLContext:
    """A server's context for ``address``: ``tls``, ``tls-expired``, ``tls-wrong-name``, ``tls-untrusted`` (signed
    by itself) or ``tls-client`` (one that asks for a client's certificate)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_text(certificate_pem("192.0.2.1" if kind == "tls-wrong-name" else address, kind))
        context.load_cert_chain(path)
    if kind == "tls-client":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=authority_pem())
    return context


def certificate_pem(address: str, kind: str = "tls") -> str:
    """A certificate for ``address`` with its private key, signed by the authority (or, untrusted, by itself)."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer, signing_key = authority()[0].subject, authority()[1]
    if kind == "tls-untrusted":
        issuer, signing_key = _name(address), key
    now = datetime.now(UTC)
    end = now - timedelta(hours=1) if kind == "tls-expired" else now + _DAY
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(address))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .sign(signing_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (certificate.public_bytes(serialization.Encoding.PEM) + private).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
