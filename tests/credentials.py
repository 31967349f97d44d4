"""Throwaway certificate authorities, and Content Credentials (C2PA) signed with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
CREATION = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@dataclass(frozen=True)
class Authority:
    """A certificate authority with one signer.

    Attributes:
        root: Its certificate, PEM.
        chain: The signer's certificate and the root's, PEM.
        key: The signer's private key, PEM (PKCS #8).
    """

    root: str
    chain: str
    key: str


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def make_authority(organisation: str = "Some Painter Ltd", *, days_left: int = 30) -> Authority:
    """Make an authority whose signer's certificate is still valid for some days, or no longer."""
    now = datetime.now(UTC)
    start, end = now - timedelta(days=90), now + timedelta(days=days_left)
    root_key, leaf_key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    root_name, leaf_name = _name(organisation, "Root"), _name(organisation, "Signer")
    root_id = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = (
        x509.CertificateBuilder()
        .subject_name(root_name)
        .issuer_name(root_name)
        .public_key(root_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(root_id, critical=False)
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
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = leaf_key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    root_pem = root.public_bytes(pem).decode()
    return Authority(root_pem, leaf.public_bytes(pem).decode() + root_pem, key.decode())


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def sign(
    data: bytes,
    kind: str,
    authority: Authority,
    actions: Sequence[Mapping[str, object]],
    *,
    generator: str = "Some Painter",
    ingredients: Sequence[tuple[Mapping[str, object], str, bytes]] = (),
    data_of_actions: Mapping[str, object] | None = None,
    assertions: Sequence[Mapping[str, object]] = (),
    remote_url: str | None = None,
) -> bytes:
    """Sign a file.

    Args:
        data: The file.
        kind: Its MIME type.
        authority: Who signs.
        actions: As they stand in the assertion `c2pa.actions.v2`.
        generator: Name of the claim generator.
        data_of_actions: What stands beside the actions.
        assertions: Others beside the actions.
        ingredients: Each as its description, MIME type and file.
        remote_url: Leave the manifest out of the file, and name this place for it.
    """
    settings = {
        "verify": {"verify_after_sign": False, "remote_manifest_fetch": False},
        "builder": {
            "thumbnail": {"enabled": False},
            "actions": {
                "auto_created_action": {"enabled": False},
                "auto_opened_action": {"enabled": False},
                "auto_placed_action": {"enabled": False},
            },
        },
    }
    of_actions = {"actions": list(actions), **(data_of_actions or {})}
    acted = [{"label": "c2pa.actions.v2", "data": of_actions}] if actions else []
    manifest = {
        "claim_generator_info": [{"name": generator, "version": "1.0"}],
        "assertions": [*acted, *assertions],
    }
    info = c2pa.C2paSignerInfo(b"es256", authority.chain.encode(), authority.key.encode(), None)
    signed = BytesIO()
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Builder(manifest, context=context) as builder,
        c2pa.Signer.from_info(info) as signer,
    ):
        for description, its_kind, its_data in ingredients:
            builder.add_ingredient(dict(description), its_kind, BytesIO(its_data))
        if remote_url:
            builder.set_no_embed()
            builder.set_remote_url(remote_url)
        builder.sign(signer, kind, BytesIO(data), signed)
    return signed.getvalue()
