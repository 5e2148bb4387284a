"""How a server is added: every field judged before the network is touched, the host key compared before a row is
written.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hostdeck.core.errors import Conflict, Invalid, NotFound, Refused
from hostdeck.tui.cli.session import refuse_read_only

if TYPE_CHECKING:
    from hostdeck.core.intents.base import Door
    from hostdeck.core.intents.forms import ServerChange, ServerForm
    from hostdeck.core.queries.views import ServerRow

KEY_LIMIT = 65_536
PASSWORD_LIMIT = 1024


def credential(key_file: Path | None, password_stdin: bool) -> tuple[str, str]:
    """The private key's text and the password, one of them empty."""
    if (key_file is None) == (not password_stdin):
        raise Invalid("key", "give exactly one of --key-file and --password-stdin", "SRV_AUTH")
    return any_credential(key_file, password_stdin)


def any_credential(key_file: Path | None, password_stdin: bool) -> tuple[str, str]:
    """Likewise; both empty where neither is given."""
    if key_file is not None and password_stdin:
        raise Invalid("key", "give one of --key-file and --password-stdin", "SRV_AUTH")
    if key_file is None and not password_stdin:
        return "", ""
    if key_file is None:
        password = sys.stdin.readline(PASSWORD_LIMIT).rstrip("\r\n")
        if not password:
            raise Invalid("password", "stdin holds none", "PWD_EMPTY")
        return "", password
    try:
        with key_file.expanduser().open("rb") as file:
            raw = file.read(KEY_LIMIT + 1)
    except (OSError, RuntimeError) as error:  # the latter where nobody has the name behind a ~
        raise Invalid("key", f"{key_file}: {getattr(error, 'strerror', None) or error}", "SRV_KEY") from None
    try:
        return raw.decode(), ""
    except UnicodeDecodeError:
        raise Invalid("key", "cannot be read as a private key", "SRV_KEY") from None


def checked(door: Door, form: ServerForm, host_key: str) -> ServerForm:
    """The form with its names in their stored spelling, or what is wrong with it; nobody has been called yet."""
    from hostdeck.core.domain.inputs import check_fingerprint, check_host, check_name
    from hostdeck.core.intents.fleet import check_server_form
    from hostdeck.core.queries import fleet

    check_server_form(form)
    if host_key:
        check_fingerprint(host_key)
    refuse_read_only("server.add", door.read_only)
    form = replace(form, name=check_name(form.name, "name", what="server"), host=check_host(form.host))
    if form.group:
        fleet.group(form.group)
    try:
        fleet.server(form.name)
    except NotFound:
        return form
    raise Conflict("server", f"'{form.name}' exists already", "SRV_TAKEN")


def moved(change: ServerChange, row: ServerRow, host_key: str, *, accept: bool) -> ServerChange:
    """The change with the host key of the place it leads to, if that is another place or a key is named. Refused as
    with a new server where the key was not compared."""
    host, port = change.host or row.hostname, int(change.ssh_port or row.ssh_port)
    if (host, port) == (row.hostname, row.ssh_port) and not (host_key or accept):
        return change
    return replace(change, host_key=compared_key(host, port, host_key, accept=accept))


def pinned(form: ServerForm, host_key: str, *, accept: bool) -> ServerForm:
    """The form with the key the host shows, if it is the expected one, and with an address. Refused otherwise."""
    line = compared_key(form.host, int(form.ssh_port), host_key, accept=accept)
    return replace(form, host_key=line, ip=form.ip or address_of(form.host))


def compared_key(host: str, port: int, host_key: str, *, accept: bool, known: str = "") -> str:
    """The public key a host shows now, if it has the expected fingerprint, has the `known` one, or is
    accepted unseen; Refused with the fingerprint and the way to accept it otherwise."""
    from hostdeck.core.transport.hostkey import fingerprint, scan

    line = scan(host, port)
    shown = fingerprint(line)
    if host_key and shown != host_key:
        text = f"host key of {host} is {shown}, not {host_key}; nothing was changed; find out why before going on"
        raise Conflict("server", text, "SRV_HOST_KEY")
    if not (host_key or accept or known == shown):
        text = (
            f"host key of {host} is {shown} and not accepted yet; compare it on the node "
            f"(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then repeat with --host-key {shown}"
        )
        raise Refused("server", text, "SRV_HOST_KEY")
    return line


def address_of(host: str) -> str:
    """An address that the name has here, IPv4 first; Refused where it has none."""
    import socket

    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise Refused("host", f"{host} has no address here; give it with --ip", "SRV_IP") from None
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return str(found[0][4][0])
