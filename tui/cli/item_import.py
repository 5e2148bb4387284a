"""What `hostdeck service import` says of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hostdeck.tui.cli import output
from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.session import opened, refuse_read_only

if TYPE_CHECKING:
    from hostdeck.core.intents.item_import import Imported

FILE_LIMIT = 16 << 20


def import_file(kind: str, file: Path, plan: bool, wait: bool, timeout: float) -> int:
    """0 written, or a plan without a bad line; 2 where a line is bad: then nothing was written."""
    from hostdeck.core.domain.item_csv import read_lines
    from hostdeck.core.domain.items import ItemKind
    from hostdeck.core.domain.vocabulary import DONE
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.item_import import import_items, plan_items
    from hostdeck.tui.cli.waiting import wait_for_tasks
    from hostdeck.tui.cli.words import file_text, one_of

    wanted = one_of(ItemKind, kind, "kind")
    with opened() as door:
        if not plan:
            refuse_read_only(f"{kind}.import", door.read_only)
        lines = read_lines(wanted, file_text(file, "file", "CSV_FILE", limit=FILE_LIMIT))
        done = plan_items(wanted, lines) if plan else import_items(door, wanted, lines)
        if done.bad:
            _say_bad(done)
            raise Invalid("file", f"{len(done.bad)} of {done.lines} lines are bad; nothing was written", "CSV_LINES")
        _say(done, plan)
        ids = (*(deed.task for _, deed in done.deeds), *done.tasks)
        if not wait:
            return 0
        return 0 if all(task.status in DONE for task in wait_for_tasks(ids, timeout)) else 1


def _say_bad(done: Imported) -> None:
    for bad in done.bad:
        output.note(f"line {bad.line}: {bad.name}: {bad.field}: {bad.message} [{bad.code}]")


def _say(done: Imported, plan: bool) -> None:
    if given.json:
        output.document({"lines": done.lines, "planned": plan, "items": [_row(n, deed) for n, deed in done.deeds],
                         "tasks": done.tasks})  # fmt: skip
    elif plan:
        output.text(f"{done.lines} lines are good; nothing was written")
    else:
        output.table(
            (">LINE", ">ID", "NAME", ">TASK", "PASSWORD"),
            ((number, deed.item, deed.name, deed.task, deed.password or "as given") for number, deed in done.deeds),
        )
        output.text(f"{done.lines} lines written; passwords that were made are shown this once")


def _row(number: int, deed: Any) -> dict[str, Any]:
    row = {"line": number, "id": deed.item, "name": deed.name, "task": deed.task}
    return row | ({"password": deed.password} if deed.password else {})
