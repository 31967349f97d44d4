"""Content Credentials (C2PA) by an authority that lives as long as the demo runs.

Its keys are made on the spot and never written to a disk.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

_VALID = timedelta(days=2)
_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
_USAGES_OF_AUTHORITIES = ("key_agreement", "key_cert_sign", "crl_sign")


@dataclass(frozen=True)
class Authority:
    """A certificate authority with one signer.

    Attributes:
        certificate: Of the authority, PEM: what a platform trusts.
        chain: The signer's certificate and the authority's, PEM.
        key: The signer's private key, PEM (PKCS #8).
    """

    certificate: bytes
    chain: bytes
    key: bytes

    @classmethod
    def new(cls, organisation: str) -> "Authority":
        """Make one, and the certificates of its signer."""
        root_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root_name = _name(organisation, "Demo authority")
        root = _certificate(root_name, root_key, root_name, root_key, authority=True)
        signer = _certificate(
            _name(organisation, "Demo signer"), signer_key, root_name, root_key, authority=False
        )
        pem = serialization.Encoding.PEM
        return cls(
            root.public_bytes(pem),
            signer.public_bytes(pem) + root.public_bytes(pem),
            signer_key.private_bytes(
                pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )

    def sign(self, jpeg: bytes, tool: str, source: str) -> bytes:
        """Sign a JPEG as a tool does that has just made it.

        Args:
            jpeg: The file.
            tool: Name of the tool.
            source: How it was made: an IPTC digital source type.
        """
        created = {"action": "c2pa.created", "digitalSourceType": source}
        manifest = {
            "claim_generator_info": [{"name": tool, "version": "1.0"}],
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}],
        }
        settings = {
            "verify": {"verify_after_sign": False, "remote_manifest_fetch": False},
            "builder": {"thumbnail": {"enabled": False}},
        }
        info = c2pa.C2paSignerInfo(b"es256", self.chain, self.key, None)
        signed = BytesIO()
        with (
            c2pa.Context.from_dict(settings) as context,
            c2pa.Builder(manifest, context=context) as builder,
            c2pa.Signer.from_info(info) as signer,
        ):
            builder.sign(signer, "image/jpeg", BytesIO(jpeg), signed)
        return signed.getvalue()


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    usages = dict.fromkeys((*_USAGES, *_USAGES_OF_AUTHORITIES), False)
    usages |= {"digital_signature": True, "key_cert_sign": authority, "crl_sign": authority}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _VALID)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(**usages, encipher_only=False, decipher_only=False), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if not authority:
        mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(mail, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
