"""Sealed columns: anybody with the database can write a secret, only the holder of the worker's key can read one.

HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM. `info` names table, row and column, so that a value moved to
another row does not open.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hostdeck.core.errors import Permanent, Refused, UnsafeHome
from hostdeck.core.store.fleet_models import Setting

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.hpke import Suite

PUBLIC_KEY = "worker.public_key"


def _suite() -> Suite:
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _info(table: str, uuid: str, column: str, key_id: str) -> bytes:
    return f"hostdeck/{table}/{uuid}/{column}/{key_id}".encode()


def _key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def make_worker_key(path: Path) -> None:
    """Writes a new private key, 0600, unless one lies there; never overwrites, never shows half a file."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    if path.exists():
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.") as file:
        file.write(base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()) + b"\n")
        file.flush()
        os.fsync(file.fileno())
        # A link appears whole or not at all, and not over another's.
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def read_worker_key(path: Path) -> X25519PrivateKey:
    """The worker's private key; UnsafeHome where the file is a link, somebody else's, or readable by others."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise Refused("worker key", f"{path} does not exist; run 'hostdeck init'", "KEY_MISSING") from None
    except OSError as error:
        raise UnsafeHome(
            f"worker key: {path} can't be opened safely ({error.strerror}); it must be a plain file"
        ) from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise UnsafeHome(
                f"worker key: {path} is open to others; run: chown {os.getuid()} {path} && chmod 600 {path}"
            )
        return X25519PrivateKey.from_private_bytes(base64.b64decode(file.read()))


def publish_key(private: X25519PrivateKey) -> None:
    """Writes the public key where every front end finds it. Refused when the database belongs to another key."""
    text = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    row, created = Setting.get_or_create(key=PUBLIC_KEY, defaults={"value": text})
    if not created and row.value != text:
        raise Refused(
            "worker key", "this database's credentials are sealed for another key; put that key file back", "KEY_OTHER"
        )


def seal(table: str, uuid: str, column: str, secret: str) -> str:
    """The secret as text for a row: key id, a dot, and the sealed bytes in base64."""
    row = Setting.get_or_none(Setting.key == PUBLIC_KEY)
    if row is None:
        raise Refused("worker key", "no worker key is published yet; run 'hostdeck init'", "KEY_MISSING")
    raw = base64.b64decode(row.value)
    sealed = _suite().encrypt(secret.encode(), _public(raw), info=_info(table, uuid, column, _key_id(raw)))
    return f"{_key_id(raw)}.{base64.b64encode(sealed).decode()}"


def unseal(private: X25519PrivateKey, table: str, uuid: str, column: str, sealed: str) -> str:
    """The secret again; Permanent where the value was sealed for another key or another row."""
    from cryptography.exceptions import InvalidTag

    key_id, _, data = sealed.partition(".")
    try:
        return _suite().decrypt(base64.b64decode(data), private, info=_info(table, uuid, column, key_id)).decode()
    except (InvalidTag, ValueError):
        raise Permanent(
            f"{table}: its sealed {column} does not open with this worker's key; enter the credential again"
        ) from None


def _public(raw: bytes) -> X25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    return X25519PublicKey.from_public_bytes(raw)
