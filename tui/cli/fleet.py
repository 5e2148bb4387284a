"""`hostdeck product`: what can be ordered."""

from __future__ import annotations

from typing import Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

product = table()
TABLES = {"product": product}

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Preset = Annotated[
    str, typer.Option(metavar="full|website-only|mail-only", help="Instead of --roles.", show_default=False)
]


@verb(
    product, "add", "hostdeck product add web-s --group eu --mode split --roles web,mail,dns --set web_disk_quota=5000"
)
def product_add(
    name: Name,
    group: Annotated[str, typer.Option(help="Servers it is built on.", show_default=False)],
    mode: Annotated[str, typer.Option(metavar="split|unified|vanity", show_default=False)],
    roles: Annotated[str, typer.Option(metavar="web,mail,dns", help="What it holds.", show_default=False)] = "",
    preset: Preset = "",
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A limit; repeat.")] = None,
) -> None:
    """Add a product: a mode, roles (or a preset) and limits.

    split: a user for each role. unified: one user for web and mail, on one node. vanity: a name on your own domain.
    """
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.forms import ProductForm
    from hostdeck.core.intents.products import add_product
    from hostdeck.tui.cli.words import pairs_of

    ticked = _ticked(roles, preset)
    if not ticked:
        raise Invalid("roles", "give --roles web,mail,dns or --preset full|website-only|mail-only", "PRD_ROLES")
    form = ProductForm(name=name, group=group, mode=mode, roles=ticked, limits=pairs_of("set", set_))
    with opened() as door:
        add_product(door, form)
        _show_product(name)


@verb(product, "edit", "hostdeck product edit web-s --set web_databases=10 --unset web_php")
def product_edit(
    name: Name,
    group: Annotated[str, typer.Option(help="Servers new orders are built on.", show_default=False)] = "",
    mode: Annotated[str, typer.Option(metavar="split|unified|vanity", show_default=False)] = "",
    roles: Annotated[str, typer.Option(metavar="web,mail,dns", help="What it holds.", show_default=False)] = "",
    preset: Preset = "",
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A limit; repeat.")] = None,
    unset: Annotated[list[str] | None, typer.Option(metavar="KEY", help="Back to its default; repeat.")] = None,
) -> None:
    """Change a product for orders from now on; what was ordered stays as it was sold."""
    from hostdeck.core.intents.forms import ProductChange
    from hostdeck.core.intents.products import edit_product
    from hostdeck.tui.cli.words import pairs_of

    ticked = _ticked(roles, preset)
    limits = pairs_of("set", set_)
    change = ProductChange(group, mode, ticked or None, limits, tuple(unset or ()))
    with opened() as door:
        edit_product(door, name, change)
        _show_product(name)


@verb(product, "remove", "hostdeck product remove web-s")
def product_remove(name: Name) -> None:
    """Remove a product that nothing was ever ordered of."""
    from hostdeck.core.intents.products import remove_product

    with opened() as door:
        remove_product(door, name)
    output.shown({"removed": name}, (("removed", name),))


@verb(product, "list", "hostdeck product list")
def product_list() -> None:
    """All products."""
    from hostdeck.core.queries import fleet

    with opened():
        rows = fleet.products()
    output.listed(
        ("NAME", "GROUP", "MODE", "ROLES", ">SERVICES"),
        rows,
        lambda row: (row.name, row.group, row.mode, row.roles, row.services),
        empty="no products yet; add one: hostdeck product add --help",
    )


@verb(product, "show", "hostdeck product show web-s")
def product_show(name: Name) -> None:
    """One product, with all its limits."""
    with opened():
        _show_product(name)


def _ticked(roles: str, preset: str) -> tuple[str, ...]:
    """The role words of `--roles` or of `--preset`; empty where neither is given."""
    from hostdeck.core.domain.modes import preset_roles
    from hostdeck.core.errors import Invalid

    if roles and preset:
        raise Invalid("roles", "give one of --roles and --preset", "PRD_ROLES")
    return preset_roles(preset) if preset else tuple(word.strip() for word in roles.split(",") if word.strip())


def _show_product(name: str) -> None:
    from hostdeck.core.domain.modes import MODE_WORDS, limits_that_count
    from hostdeck.core.queries import fleet

    row = fleet.product(name)
    mode = f"{row.mode}: {MODE_WORDS[row.mode].consequence}"
    fields: list[tuple[str, object]] = [("name", row.name), ("group", row.group), ("mode", mode)]
    fields += [("roles", row.roles), ("services", row.services)]
    for spec in limits_that_count(row.mode, row.roles):
        value = f"{row.limits[spec.key] or spec.empty} {spec.unit}".strip()
        fields.append((f"  {spec.key}", f"{value:<20}  from the {row.origin[spec.key]}"))
    output.shown(row, fields)
