"""`hostdeck group|product`: servers that are sold together, and what can be ordered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hostdeck.tui.cli import output
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import table, verb

group, product = table(), table()
TABLES = {"group": group, "product": product}

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Preset = Annotated[
    str, typer.Option(metavar="full|website-only|mail-only", help="Instead of --roles.", show_default=False)
]


@verb(group, "add", "hostdeck group add eu")
def group_add(name: Name) -> None:
    """Add a group."""
    from hostdeck.core.intents.fleet import add_group

    with opened() as door:
        add_group(door, name)
        _show_group(name)


@verb(group, "list", "hostdeck group list")
def group_list() -> None:
    """All groups."""
    from hostdeck.core.queries import fleet

    with opened():
        rows = fleet.groups()
    output.listed(
        ("NAME", ">SERVERS", ">ONLINE", "NAMESERVERS", "PRODUCTS"),
        rows,
        lambda row: (row.name, len(row.servers), row.online, row.dns_servers, row.products),
        empty="no groups yet; add one: hostdeck group add NAME",
    )


@verb(group, "show", "hostdeck group show eu")
def group_show(name: Name) -> None:
    """One group."""
    with opened():
        _show_group(name)


Servers = Annotated[list[str], typer.Argument(metavar="SERVER...", show_default=False)]


@verb(group, "attach-dns", "hostdeck group attach-dns eu ns1 ns2")
def group_attach_dns(name: Name, servers: Servers) -> None:
    """Make servers nameservers of the group; orders from now on use them."""
    from hostdeck.core.intents.fleet import attach_dns

    with opened() as door:
        attach_dns(door, name, tuple(servers))
        _show_group(name)


@verb(group, "detach-dns", "hostdeck group detach-dns eu ns2")
def group_detach_dns(name: Name, servers: Servers) -> None:
    """Use servers no longer for the group's new orders; zones that are there stay."""
    from hostdeck.core.intents.fleet import detach_dns

    with opened() as door:
        detach_dns(door, name, tuple(servers))
        _show_group(name)


@verb(group, "template", "hostdeck group template eu --from zone.txt")
def group_template(
    name: Name,
    from_: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="The new one; - is stdin.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to the built-in one.")] = False,
) -> None:
    """Show or set what the zones of new orders start with; zones that are there keep their records.

    One record a line: NAME TTL TYPE [PRIORITY] VALUE. Placeholders: {domain} {server_ip} {web_ip} {web_host}
    {mail_server_ip} {mail_host} {domainkey} {ns} {ns1}…{ns8} {if_web} {if_no_web} {if_mail} {if_no_mail}; a record
    whose placeholder is empty is left out.
    """
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.zone_templates import reset_template, set_template
    from hostdeck.core.queries.zone_templates import zone_template
    from hostdeck.tui.cli.words import file_text

    if reset and from_:
        raise Invalid("template", "give one of --from and --reset", "TPL_TWICE")
    new = file_text(from_, "template", "TPL_FILE") if from_ else None
    with opened() as door:
        if new is not None:
            set_template(door, name, new)
        elif reset:
            reset_template(door, name)
        view = zone_template(name)
    if new is not None or reset:
        output.note(f"group '{name}': new orders use this; zones that are there keep their records")
    output.shown(view, ())
    for line in view.text.splitlines():
        output.text(line)


@verb(
    group,
    "vanity",
    "hostdeck group vanity eu benchwords.com --mail-server mx01 --mail-user prov --reserve news,shop",
)
def group_vanity(
    name: Name,
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", show_default=False)],
    mail_server: Annotated[str, typer.Option(metavar="S", help="Where its mailboxes are.", show_default=False)] = "",
    mail_user: Annotated[str, typer.Option(metavar="U", help="The provider's account there.", show_default=False)] = "",
    web_server: Annotated[
        list[str] | None, typer.Option(metavar="S", help="Sites go here only; repeat. At first any web server.")
    ] = None,
    reserve: Annotated[str | None, typer.Option(metavar="a,b,c", help="Names that are not sold.")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="Sell no more; what is sold stays.")] = False,
) -> None:
    """Sell names on a domain of your own; account, mail domain and zone must be there and are never touched.

    Given again for the same domain it changes how names are sold; a list that is not given stays. Empty one with ''.
    """
    from hostdeck.core.errors import Invalid
    from hostdeck.core.intents.vanity import put_vanity, stop_vanity

    if stop:
        with opened() as door:
            stop_vanity(door, name, domain)
            _show_group(name)
        return
    if not mail_server or not mail_user:
        raise Invalid("mail-server", "give --mail-server S and --mail-user U, where its mailboxes are", "VAN_MAIL")
    names = None if reserve is None else [word.strip() for word in reserve.split(",") if word.strip()]
    webs = None if web_server is None else [web for web in web_server if web]
    with opened() as door:
        put_vanity(door, name, domain, mail_server, mail_user, webs, names)
        _show_group(name)


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


def _show_group(name: str) -> None:
    from hostdeck.core.queries import fleet

    row = fleet.group(name)
    servers, online = row.servers, f"{row.online} of {len(row.servers)}"
    rows = (("name", row.name), ("servers", servers), ("online", online), ("nameservers", row.dns_servers))
    closed = {True: "", False: ", no more for sale"}
    sold = (
        (
            f"names on {one.domain}",
            f"{one.sold} sold{closed[one.selling]}, account {one.mail_user} on {one.mail_server}",
        )
        for one in row.vanity_domains
    )
    output.shown(row, (*rows, ("products", row.products), *sold))


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
        value = f"{row.limits[spec.key] or '-'} {spec.unit}".strip()
        fields.append((f"  {spec.key}", f"{value:<20}  from the {row.origin[spec.key]}"))
    output.shown(row, fields)
