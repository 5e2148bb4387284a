"""`hostdeck group set|unset|keys|variable|file`: what a group's servers shall have alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

group = table()

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Category = Annotated[str, typer.Argument(metavar="all|web|mail|dns", show_default=False)]


@verb(group, "set", "hostdeck group set eu web DB_PMA_ALIAS=sql")
def group_set(
    name: Name,
    category: Category,
    pairs: Annotated[list[str], typer.Argument(metavar="KEY=VALUE...", show_default=False)],
) -> None:
    """Manage keys of hestia.conf on the group's servers; nothing is sent until `group apply`.

    KEY= is an empty value; a key that is not set here is not managed and never pushed. `group keys` lists them.
    """
    from hostdeck.core.domain.vocabulary import Target
    from hostdeck.core.intents.group_config import set_config
    from hostdeck.tui.cli.words import one_of, pairs_of

    target, wanted = one_of(Target, category, "category"), pairs_of("key", pairs)
    with opened() as door:
        for note in set_config(door, name, target, wanted):
            output.note(note)
        _show_keys(name, only_managed=True)
    output.note(f"not applied yet: hostdeck group apply {name} --to {category}")


@verb(group, "unset", "hostdeck group unset eu web DB_PMA_ALIAS")
def group_unset(
    name: Name,
    category: Category,
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", show_default=False)],
) -> None:
    """Manage keys no longer; servers keep what they have."""
    from hostdeck.core.domain.vocabulary import Target
    from hostdeck.core.intents.group_config import unset_config
    from hostdeck.tui.cli.words import one_of

    with opened() as door:
        unset_config(door, name, one_of(Target, category, "category"), keys)
        _show_keys(name, only_managed=True)


@verb(group, "keys", "hostdeck group keys eu")
def group_keys(name: Name) -> None:
    """Every key that can be managed, with its value in the group, its default and what it accepts."""
    with opened():
        _show_keys(name, only_managed=False)


def _show_keys(name: str, *, only_managed: bool) -> None:
    from hostdeck.core.queries.groups import group_detail

    rows = [row for row in group_detail(name).keys if (row.value is not None if only_managed else not row.refused)]
    output.listed(
        ("CATEGORY", "KEY", "VALUE", "DEFAULT", "ACCEPTED"),
        rows,
        lambda row: (row.target, row.key, _value(row.value), row.default or "''", row.accepted),
        empty=f"no key is managed in group '{name}'; see: hostdeck group keys {name}",
    )


def _value(value: str | None) -> str:
    return "(not managed)" if value is None else value or "''"


@verb(group, "variable", "hostdeck group variable eu brand=Baltic spf=")
def group_variable(
    name: Name, pairs: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", show_default=False)] = None
) -> None:
    """Show or set `{key}` for zone templates and standard files; an empty value removes one."""
    from hostdeck.core.intents.group_config import set_variables
    from hostdeck.core.queries.groups import group_detail
    from hostdeck.tui.cli.words import pairs_of

    with opened() as door:
        if pairs:
            set_variables(door, name, pairs_of("variable", pairs))
        variables = group_detail(name).variables
    output.shown({"group": name, "variables": variables}, [(f"{{{key}}}", value) for key, value in variables.items()])


@verb(group, "file", "hostdeck group file eu /var/www/html/robots.txt --from robots.txt --to all")
def group_file(
    name: Name,
    path: Annotated[str, typer.Argument(metavar="[REMOTE_PATH]", show_default=False)] = "",
    from_: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="Its text; - is stdin.")] = None,
    to: Annotated[str, typer.Option(metavar="web|mail|dns|all", help="The servers that shall have it.")] = "web",
    remove: Annotated[bool, typer.Option("--remove", help="No longer; servers keep theirs.")] = False,
) -> None:
    """Show, set or remove a standard file: error pages, index, robots, the page of a suspended site.

    It must lie below /usr/local/hestia/data/templates/web/{skel,suspend,unassigned}, /var/www/html or
    /var/www/document_errors. `{name}` of the group's variables is filled in. Sent by `group apply --to files`.
    """
    from hostdeck.core.domain.standard_files import LIMIT
    from hostdeck.core.domain.vocabulary import Target
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.group_config import put_file, remove_file
    from hostdeck.core.queries.groups import file_content, group_detail
    from hostdeck.tui.cli.words import file_text, one_of

    if (from_ and remove) or ((from_ or remove) and not path):
        raise Invalid("file", "give REMOTE_PATH and one of --from and --remove", "FILE_TWICE")
    text = file_text(from_, "from", "FILE_TEXT", limit=LIMIT) if from_ else ""
    with opened() as door:
        if from_:
            put_file(door, name, path, text, one_of(Target, to, "to"))
        elif remove:
            remove_file(door, name, path)
        elif path:
            content = file_content(name, path)
            output.shown({"path": path, "content": content}, ())
            output.text(content.rstrip("\n")) if content else output.text(f"group '{name}' has no such file")
            return
        rows = group_detail(name).files
    output.listed(
        ("PATH", "TO", ">BYTES", f"CHANGED ({output.zone()})"),
        rows,
        lambda row: (row.path, row.target, row.bytes, row.changed_at),
        empty=f"no standard files yet; add one: hostdeck group file {name} REMOTE_PATH --from FILE",
    )
    if from_:
        output.note(f"not applied yet: hostdeck group apply {name} --to files")
