"""A certificate of one's own, as files of text: read whole, and refused before anything of it is sent to a node.

Nothing here says a word of the key's text. What a node would refuse or, worse, take and then not serve is refused with
what to do (`hestia.md` 6.2): Hestia looks at names and dates of nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hostdeck.core.domain.pem import certificate_blocks
from hostdeck.core.domain.text import clean_line
from hostdeck.core.errors import Invalid

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

RSA_LEAST = 2048
CURVE_LEAST = 224
"""Bits below which browsers trust no key (CA/Browser Forum, Baseline Requirements 6.1.5)."""

SOON = 14
"""Days before its end from which on one is warned of."""


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """All PEM: the leaf alone, its key without a password, and the chain from the leaf's issuer upward. `hosts` are the
    names it is for; `warnings` are sentences."""

    certificate: str
    key: str
    chain: str
    hosts: tuple[str, ...]
    issuer: str
    not_after: datetime
    warnings: tuple[str, ...]


def check_files(
    certificate: str, key: str, chain: str, needed: Sequence[str], wanted: Sequence[str], now: datetime
) -> CertificateFiles:
    """Refuses (Invalid, CRT_*) what can't be served. `needed` hosts must be covered; a `wanted` one that is not is
    only warned of. The certificate's file may hold the chain as well, in any order."""
    private = _key(key)
    given = _certificates(certificate, "cert", "CRT_CERT")
    above = _certificates(chain, "chain", "CRT_CHAIN") if chain.strip() else []
    leaf = next((one for one in (*given, *above) if _belongs(one, private)), None)
    if leaf is None:
        raise Invalid("key", "does not belong to the certificate; give the key it was requested with", "CRT_KEY_OTHER")
    _refuse_weak(leaf, private)
    _refuse_outdated(leaf, now)
    hosts = _hosts(leaf)
    missing = [host for host in needed if not _covers(hosts, host)]
    if missing:
        shown = ", ".join(hosts[:10]) or "no name at all"
        raise Invalid("cert", f"is for {shown}; it does not cover {', '.join(missing)}", "CRT_NAMES")
    path, warnings = _path(leaf, [one for one in (*given, *above) if one != leaf], now)
    bare = [host for host in wanted if host not in needed and not _covers(hosts, host)]
    if bare:
        warnings.append(f"it does not cover {', '.join(bare)}: visitors who come by that name are warned")
    if (left := (leaf.not_valid_after_utc - now).days) < SOON:
        warnings.append(f"it runs out in {left} days, on {leaf.not_valid_after_utc:%Y-%m-%d}")
    return CertificateFiles(
        certificate=_pem(leaf),
        key=_key_text(private),
        chain="".join(map(_pem, path)),
        hosts=hosts,
        issuer=clean_line(leaf.issuer.rfc4514_string(), 300),
        not_after=leaf.not_valid_after_utc,
        warnings=tuple(warnings),
    )


def _key(text: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(text.encode(), None)
    except TypeError:  # it needs a password
        how = "take it off with 'openssl pkey -in KEY -out PLAIN'"
        raise Invalid(
            "key", f"is protected by a password, which no node can ask for; {how}", "CRT_KEY_ENCRYPTED"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        # Without the cause: its text may quote what was read.
        raise Invalid("key", "can't be read; give a private key in PEM form", "CRT_KEY") from None


def _key_text(private: Any) -> str:
    """In the one form that every web and mail server on a node reads."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return str(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def _certificates(text: str, field: str, code: str) -> list[Certificate]:
    from cryptography.x509 import load_pem_x509_certificate

    blocks = certificate_blocks(text)
    if not blocks:
        raise Invalid(field, "holds no certificate; give it in PEM form, with its BEGIN CERTIFICATE line", code)
    try:
        return list(dict.fromkeys(load_pem_x509_certificate(block.encode()) for block in blocks))
    except ValueError:
        raise Invalid(field, "holds a certificate that can't be read; it may be cut off", code) from None


def _belongs(certificate: Certificate, private: Any) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return bool(certificate.public_key() == private.public_key())
    except (UnsupportedAlgorithm, ValueError):
        return False


def _refuse_weak(leaf: Certificate, private: Any) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if isinstance(private, RSAPrivateKey):
        least = RSA_LEAST
    elif isinstance(private, EllipticCurvePrivateKey):
        least = CURVE_LEAST
    else:
        raise Invalid("key", "is of a kind that browsers do not take; use RSA or an elliptic curve", "CRT_WEAK")
    if private.key_size < least:
        raise Invalid("key", f"has {private.key_size} bits, which browsers refuse; use {least} at least", "CRT_WEAK")
    algorithm = leaf.signature_hash_algorithm
    if algorithm is not None and algorithm.name in ("md5", "sha1"):
        raise Invalid(
            "cert", f"is signed with {algorithm.name}, which browsers refuse; have it issued anew", "CRT_WEAK"
        )


def _refuse_outdated(leaf: Certificate, now: datetime) -> None:
    if leaf.not_valid_after_utc <= now:
        raise Invalid("cert", f"ran out on {leaf.not_valid_after_utc:%Y-%m-%d}; give a newer one", "CRT_EXPIRED")
    if leaf.not_valid_before_utc > now:
        begins = leaf.not_valid_before_utc.astimezone(UTC)
        raise Invalid("cert", f"is not valid before {begins:%Y-%m-%d %H:%M} UTC; add it then", "CRT_NOT_YET")


def _hosts(leaf: Certificate) -> tuple[str, ...]:
    """Browsers look at the alternative names and at nothing else (RFC 6125, RFC 9525)."""
    from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName

    try:
        names = leaf.extensions.get_extension_for_class(SubjectAlternativeName).value
    except (ExtensionNotFound, ValueError):
        return ()
    return tuple(
        dict.fromkeys(clean_line(name.lower().rstrip("."), 253) for name in names.get_values_for_type(DNSName))
    )


def _covers(hosts: Sequence[str], host: str) -> bool:
    """A `*` stands for one label, the first."""
    return host in hosts or f"*.{host.partition('.')[2]}" in hosts


def _path(leaf: Certificate, others: list[Certificate], now: datetime) -> tuple[list[Certificate], list[str]]:
    """The others in the order that leads up from the leaf."""
    path: list[Certificate] = []
    left, current = list(others), leaf
    while current.subject != current.issuer:
        above = next((one for one in left if _issued(current, one)), None)
        if above is None:
            break
        left.remove(above)
        path.append(above)
        current = above
    if others and not path:
        text = f"does not lead to the certificate's issuer, {clean_line(leaf.issuer.rfc4514_string(), 200)}"
        raise Invalid("chain", f"{text}; give that issuer's own certificate", "CRT_CHAIN")
    if left:
        text = f"holds {clean_line(left[0].subject.rfc4514_string(), 200)}, which does not belong to it; leave it out"
        raise Invalid("chain", text, "CRT_CHAIN")
    if ended := next((one for one in path if one.not_valid_after_utc <= now), None):
        text = f"{clean_line(ended.subject.rfc4514_string(), 200)} ran out on {ended.not_valid_after_utc:%Y-%m-%d}"
        raise Invalid("chain", f"{text}; give the newer one of the same issuer", "CRT_CHAIN")
    warnings = []
    if leaf.subject == leaf.issuer:
        warnings.append("it is signed by itself: visitors are warned unless they trust it already")
    elif not path:
        warnings.append("there is no chain: visitors whose browser does not know its issuer are warned")
    return path, warnings


def _issued(below: Certificate, above: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _pem(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode()
