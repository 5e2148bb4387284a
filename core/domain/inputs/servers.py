"""How a node is reached: address, login and keys. A value that starts with '-' could be read as an option."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from hostdeck.core.domain.inputs.domains import is_ip, is_number
from hostdeck.core.domain.text import Raw, quoted, read
from hostdeck.core.errors import Invalid

HOST_LIMIT = 253
KEY_LIMIT = 65_536

_label = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_user = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,31}")
_fingerprint = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


def check_host(raw: Raw) -> str:
    """A host name in lower case, of one label or more, or an IP address; Invalid [SRV_HOST] otherwise."""
    text = read(raw, "host", "SRV_HOST")
    if not text.strip(" "):
        raise _bad_host("is required")
    if text.startswith("-"):
        raise _bad_host("must not start with '-'")
    if is_ip(text):
        return _address(text, "host", "SRV_HOST")
    if found := re.search(r"[^A-Za-z0-9.-]", text):
        raise _bad_host(f"character {quoted(found[0])} not allowed")
    if len(text) > HOST_LIMIT:
        raise _bad_host(f"longer than {HOST_LIMIT} characters ({len(text)})")
    labels = text.lower().split(".")
    if not all(_label.fullmatch(label) for label in labels):
        raise _bad_host("is not a host name: labels have 1 to 63 characters, and no '-' at either end")
    if is_number(labels[-1]):
        raise _bad_host("last label must not be numeric")
    return ".".join(labels)


def check_ip(raw: Raw) -> str:
    """An address of one machine, in its shortest spelling; Invalid [SRV_IP] otherwise."""
    return _address(read(raw, "ip", "SRV_IP"), "ip", "SRV_IP")


def check_ssh_user(raw: Raw) -> str:
    """A Unix login, as typed: its case matters; Invalid [SRV_USER] otherwise."""
    text = read(raw, "user", "SRV_USER")
    if not _user.fullmatch(text):
        raise Invalid("user", "use 1 to 32 letters, digits, '.', '_' and '-', the first a letter or '_'", "SRV_USER")
    return text


def check_fingerprint(raw: Raw) -> str:
    """A host key's fingerprint as `ssh-keygen -l` prints it; Invalid [SRV_FINGERPRINT] otherwise."""
    text = read(raw, "fingerprint", "SRV_FINGERPRINT")
    if not _fingerprint.fullmatch(text):
        raise Invalid("fingerprint", "use 'SHA256:' and 43 base64 characters", "SRV_FINGERPRINT")
    return text


def check_private_key(text: Raw) -> None:
    """Invalid [SRV_KEY] unless it is a private key that SSH can log in with, without a passphrase."""
    data = read(text, "key", "SRV_KEY").strip().encode()
    if not data or len(data) > KEY_LIMIT:
        raise _bad_key("cannot be read as a private key")
    _check_kind(_load(data))


def public_key_of(private_key: str) -> str:
    """The line for authorized_keys that goes with a private key; empty where it can't be read."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key: Any = _load(private_key.strip().encode())
        public: bytes = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except (Invalid, AttributeError, ValueError):
        return ""
    return public.decode()


def _load(data: bytes) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if b"BEGIN OPENSSH PRIVATE KEY" in data else load_pem_private_key
    try:
        return load(data, None)
    except TypeError:
        raise _bad_key("is protected by a passphrase; give the key without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _bad_key("cannot be read as a private key") from None


def _check_kind(key: object) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    curve = key.curve.name if isinstance(key, EllipticCurvePrivateKey) else None
    if not isinstance(key, (RSAPrivateKey, Ed25519PrivateKey)) and curve not in _SSH_CURVES:
        raise _bad_key("is of a kind SSH cannot use; give an Ed25519, ECDSA or RSA key")


_SSH_CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


def _address(text: str, field: str, code: str) -> str:
    """No zone (`%eth0`), no group and no "any": those name no single machine."""
    if is_ip(text) and "%" not in text:
        address = ipaddress.ip_address(text)
        if not (address.is_multicast or address.is_unspecified):
            return str(address)
    raise Invalid(field, "use the IPv4 or IPv6 address of one machine", code)


def _bad_host(text: str) -> Invalid:
    return Invalid("host", text, "SRV_HOST")


def _bad_key(text: str) -> Invalid:
    return Invalid("key", text, "SRV_KEY")
