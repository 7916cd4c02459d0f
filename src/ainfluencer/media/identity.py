"""The certificates with which this instance signs what it made. The leaf needs an organisation, digitalSignature,
emailProtection and both key identifiers (guides/embedded-ai.md section 9, checked with c2pa-python 0.38).
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from filelock import FileLock

from ainfluencer.core import clock


@lru_cache(maxsize=4)
def identity(folder: Path) -> tuple[bytes, bytes, str]:
    """The instance's own signing identity (chain, key, root), made at first use and kept under keys/c2pa."""
    folder.mkdir(parents=True, exist_ok=True)
    chain, key, root = folder / "chain.pem", folder / "key.pem", folder / "root.pem"
    with FileLock(str(folder / "lock")):
        if not key.exists():
            _make_identity(chain, key, root)
        return chain.read_bytes(), key.read_bytes(), root.read_text("ascii")


def _make_identity(chain: Path, key_file: Path, root_file: Path) -> None:
    root_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "AInfluencer (this studio)"),
            x509.NameAttribute(NameOID.COMMON_NAME, "AInfluencer local root"),
        ]
    )
    leaf_name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "AInfluencer (this studio)"),
            x509.NameAttribute(NameOID.COMMON_NAME, "AInfluencer content signing"),
        ]
    )
    start, end = clock.now() - timedelta(days=1), clock.now() + timedelta(days=3650)
    root = (
        x509.CertificateBuilder()
        .subject_name(root_name)
        .issuer_name(root_name)
        .public_key(root_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        x509.CertificateBuilder()
        .subject_name(leaf_name)
        .issuer_name(root_name)
        .public_key(leaf_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    chain.write_bytes(leaf.public_bytes(pem) + root.public_bytes(pem))
    root_file.write_bytes(root.public_bytes(pem))
    part = key_file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    part.replace(key_file)


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )
