"""A node's host key: fetched before any login, shown as people compare it."""

from __future__ import annotations

import asyncio
import base64
import hashlib

from hostdeck.core.errors import Refused
from hostdeck.core.transport.reasons import reason_of


def fingerprint(public_key: str) -> str:
    """`SHA256:…` of a public key in OpenSSH form, as `ssh-keygen -l` prints it."""
    blob = base64.b64decode(public_key.split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def scan(host: str, port: int, timeout: float = 10.0) -> str:
    """The host's public key in OpenSSH form, without logging in. Refused where no SSH server answers."""
    import asyncssh

    async def fetch() -> str:
        async with asyncio.timeout(timeout):
            key = await asyncssh.get_server_host_key(host, port, config=None)
        if key is None:
            raise Refused("host", f"{host}:{port} offers no host key", "SRV_SCAN")
        return key.export_public_key().decode().strip()

    try:
        return asyncio.run(fetch())
    except (OSError, TimeoutError, asyncssh.Error) as error:
        text = f"no SSH host key from {host}:{port} ({reason_of(error)}); check address and port"
        raise Refused("host", text, "SRV_SCAN") from None
