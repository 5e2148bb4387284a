"""PEM text: the blocks in it, and what a certificate is told apart by."""

from __future__ import annotations

import base64
import hashlib
import re

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s.*?-----END \1-----", re.DOTALL)
_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")


def certificate_blocks(text: str) -> tuple[str, ...]:
    """Every certificate in a text, in its order; whatever stands between them is left out."""
    return tuple(found.group(0) + "\n" for found in _BLOCK.finditer(text) if found.group(1) in _CERTIFICATES)


def fingerprint(text: str) -> str | None:
    """SHA-256, in hex, of the first certificate in a text; None where there is none."""
    blocks = certificate_blocks(text)
    if not blocks:
        return None
    inside = "".join(blocks[0].splitlines()[1:-1])
    try:
        return hashlib.sha256(base64.b64decode(inside, validate=True)).hexdigest()
    except ValueError:
        return None
