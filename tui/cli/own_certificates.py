"""`hostdeck service add certificate` and its removal: what those words do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hostdeck.tui.cli import output
from hostdeck.tui.cli.session import opened, refuse_read_only

if TYPE_CHECKING:
    from hostdeck.core.domain.vocabulary import Role


def add_certificate(
    key: str, cert: Path, key_file: Path, chain: Path | None, role: str, wait: bool, timeout: float
) -> int:
    """`key` is the service's id or domain, `role` web, mail or empty; `-` for one file reads it from stdin."""
    from hostdeck.core.intents.own_certificates import add_certificate as add
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.ending import end_with
    from hostdeck.tui.cli.words import file_text

    with opened() as door:
        refuse_read_only("service.add_certificate", door.read_only)
        wanted = _role(role)
        texts = (
            file_text(cert, "cert", "CRT_CERT"),
            file_text(key_file, "key", "CRT_KEY"),
            file_text(chain, "chain", "CRT_CHAIN") if chain else "",
        )
        added = add(door, found(key).id, *texts, wanted)
        for warning in added.warnings:
            output.note(f"certificate: {warning}")
        return end_with((added.task,), wait, timeout)


def remove_certificate(key: str, role: str, wait: bool, timeout: float) -> int:
    """With `wait` until it is off; Let's Encrypt's comes when it comes."""
    from hostdeck.core.intents.own_certificates import remove_certificate as remove
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.ending import end_with

    with opened() as door:
        refuse_read_only("service.remove_certificate", door.read_only)
        tasks = remove(door, found(key).id, _role(role))
        return end_with(tasks[:1] if wait else tasks, wait, timeout)


def _role(text: str) -> Role | None:
    from hostdeck.core.domain.vocabulary import Role
    from hostdeck.tui.cli.words import one_of

    return one_of(Role, text, "role") if text else None
