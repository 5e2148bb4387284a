"""`hostdeck service restore`, and what `add backup` and `remove backup` do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.services import Key, Timeout, service
from hostdeck.tui.cli.session import opened, refuse_read_only
from hostdeck.tui.cli.shape import verb

if TYPE_CHECKING:
    from hostdeck.core.domain.vocabulary import Role

Backup = Annotated[str, typer.Argument(metavar="BACKUP", show_default=False)]
Parts = Annotated[
    list[str] | None, typer.Option(metavar="PART=NAMES", help="Only this: web, mail, db, cron or udir; * is all of it.")
]


@verb(service, "restore", "hostdeck service restore customer.com BACKUP --part db=shop_main --yes --wait")
def service_restore(
    key: Key,
    backup: Backup,
    part: Parts = None,
    proof: Annotated[bool, typer.Option("--proof", help="Say what is in it; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, what is there now may be overwritten.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until its node has said how it ended.")] = False,
    timeout: Timeout = 3600,
) -> int:
    """Put a backup back over the living account; zones are left as they are."""
    from hostdeck.core.intents.backups import restore_backup
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.ending import end_with
    from hostdeck.tui.cli.words import pairs_of

    with opened() as door:
        if proof:
            _show_proof(key, backup)
            return 0
        refuse_read_only("service.restore_backup", door.read_only)
        tasks = restore_backup(door, found(key).id, backup, pairs_of("part", part), sure=yes)
        return end_with(tasks, wait, timeout)


@verb(service, "prove", "hostdeck service prove customer.com BACKUP --wait")
def service_prove(
    key: Key,
    backup: Backup,
    scratch: Annotated[
        bool, typer.Option("--scratch", help="Restore it as a scratch user on its node, who then goes again.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until it has been read or restored to its end.")] = False,
    timeout: Timeout = 3600,
) -> int:
    """Read a backup through on its node: every site, database and mailbox in it, to the last byte.

    Nothing of the customer's is touched; 'service items ID backup' then says what was found. With --scratch files are
    unpacked and databases loaded, in a sandbox beside the customer's own.
    """
    from hostdeck.core.intents.backup_proofs import prove_backup, try_backup
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.ending import end_with

    with opened() as door:
        refuse_read_only("service.try_backup" if scratch else "service.prove_backup", door.read_only)
        begin = try_backup if scratch else prove_backup
        return end_with(begin(door, found(key).id, backup), wait, timeout)


def add_backup(key: str, role: str, wait: bool, timeout: float) -> int:
    """`role` web, mail, or empty for every account that is backed up."""
    from hostdeck.core.intents.backups import take_backup
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.ending import end_with

    with opened() as door:
        refuse_read_only("service.take_backup", door.read_only)
        begun = take_backup(door, found(key).id, _role(role))
        for sentence in begun.said:
            output.note(f"backup: {sentence}")
        return end_with(begun.tasks, wait, timeout)


def remove_backup(key: str, backup: str, wait: bool, timeout: float) -> int:
    """Deletes the archive on its node for good."""
    from hostdeck.core.intents.backups import remove_backup as remove
    from hostdeck.core.queries.services import service as found
    from hostdeck.tui.cli.ending import end_with

    with opened() as door:
        refuse_read_only("service.remove_backup", door.read_only)
        return end_with(remove(door, found(key).id, backup), wait, timeout)


def _show_proof(key: str, backup: str) -> None:
    from hostdeck.core.queries.backups import backup_proof

    row = backup_proof(key, backup)
    if given.json:
        output.document(row)
        return
    if row.archive is None:
        output.text(f"{row.name} has not been taken yet")
        return
    output.table(
        ("PART", ">COUNT", "RESTORED", "NAMES"),
        ((one.part, one.count, "yes" if one.restored else "no", ", ".join(one.names)) for one in row.parts),
    )
    taken = f", taken {row.taken_at.astimezone():%Y-%m-%d %H:%M} {output.zone()}" if row.taken_at else ""
    output.note(f"{row.archive} on {row.server}: {row.size_mb} MB{taken}")
    if row.proven:
        found = row.proven["error"] or row.proven["words"]
        output.note(f"read to its end on {str(row.proven['at'])[:10]}: {found}")
    else:
        output.note(f"nobody has read it to its end yet: hostdeck service prove {row.domain} {row.name}")
    if row.tried:
        output.note(f"restored for trial on {str(row.tried['at'])[:10]}: {row.tried['error'] or row.tried['words']}")


def _role(text: str) -> Role | None:
    from hostdeck.core.domain.vocabulary import Role
    from hostdeck.tui.cli.words import one_of

    return one_of(Role, text, "role") if text else None
