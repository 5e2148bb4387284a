"""Names on the nodes. A Hestia user keeps at most 20 characters, so that database and FTP names fit behind it
(`hestia.md` 5.2); no two domains ever get the same one; no package name is the beginning of another (`hestia.md` 14.5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hostdeck.core.domain.vocabulary import Role, ServiceId

USER_LENGTH = 20
STEM_LENGTH = 10
TRIES = 64


def user_name(domain: str, role: Role | None, taken: Callable[[str], bool] = lambda name: False) -> str:
    """`customer-com-web` as in the seed; no role at the end where roles share the user.

    The plain form maps dots to hyphens, so it is kept for domains without a hyphen: `my.shop.com` and `my-shop.com`
    must not meet. Anything else gets its first ten characters and four digits of a hash. `taken` says whether the
    name is in use on the server; then the hash is drawn again.
    """
    suffix = f"-{role}" if role else ""
    plain = domain.replace(".", "-") + suffix
    if "-" not in domain and domain[0].isalpha() and len(plain) <= USER_LENGTH and not taken(plain):
        return plain
    stem = domain.replace(".", "-")
    stem = (stem if stem[0].isalpha() else f"d{stem}")[:STEM_LENGTH].rstrip("-")
    for attempt in range(TRIES):
        digest = hashlib.sha256(f"{domain}#{attempt}".encode()).hexdigest()[:4]
        name = f"{stem}-{digest}{suffix}"
        if not taken(name):
            return name
    raise AssertionError(f"{TRIES} hashes of {domain} are all taken")


def package_name(service: ServiceId, role: Role | None) -> str:
    """`hdk-000042-web-p`: padded and ended, because deleting a package resets the users of every longer name."""
    return f"hdk-{service:06d}-{role or 'all'}-p"


def trial_name(service: ServiceId, nonce: str, role: Role) -> str:
    """What the trial of a backup goes by on its node; the nonce tells two houses apart that share one."""
    return f"{service}-{nonce}-{role}"


def mark_contact(service: ServiceId, nonce: str) -> str:
    """The ownership mark as v-add-user writes it into GECOS from the first instant (`hestia-recipes.md` 2)."""
    return f"hdk-{service}.{nonce}@hostdeck.invalid"


def mark_name(service: ServiceId, nonce: str) -> str:
    """The ownership mark kept for ever in the user's NAME; `[a-z0-9 ]` only, both setters accept it."""
    return f"hdk {service} {nonce}"
