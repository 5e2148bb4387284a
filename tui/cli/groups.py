"""`hostdeck group`: servers that are sold together, their nameservers, and what their zones start with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hostdeck.tui.cli import group_apply, output
from hostdeck.tui.cli.group_config import Name, group
from hostdeck.tui.cli.session import opened
from hostdeck.tui.cli.shape import verb

TABLES = group_apply.TABLES
"""The verbs of all three modules."""


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


@verb(group, "remove", "hostdeck group remove eu")
def group_remove(name: Name) -> None:
    """Forget a group; refused while it has servers, nameservers, products or names for sale."""
    from hostdeck.core.intents.groups import remove_group

    with opened() as door:
        remove_group(door, name)
    output.shown({"removed": name}, (("removed", name),))


Servers = Annotated[list[str], typer.Argument(metavar="SERVER...", show_default=False)]


@verb(group, "join", "hostdeck group join eu web02")
def group_join(name: Name, servers: Servers) -> None:
    """Make servers members of the group: new orders of it may be placed there."""
    from hostdeck.core.intents.groups import add_members

    with opened() as door:
        add_members(door, name, tuple(servers))
        _show_group(name)


@verb(group, "leave", "hostdeck group leave eu web02")
def group_leave(name: Name, servers: Servers) -> None:
    """Take servers out of the group; what stands on them stays."""
    from hostdeck.core.intents.groups import remove_members

    with opened() as door:
        remove_members(door, name, tuple(servers))
        _show_group(name)


@verb(group, "attach-dns", "hostdeck group attach-dns eu ns1 ns2")
def group_attach_dns(name: Name, servers: Servers) -> None:
    """Make servers nameservers of the group; orders from now on use them."""
    from hostdeck.core.intents.fleet import attach_dns

    with opened() as door:
        attach_dns(door, name, tuple(servers))
        _show_group(name)


@verb(group, "detach-dns", "hostdeck group detach-dns eu ns2 --plan")
def group_detach_dns(
    name: Name,
    servers: Servers,
    plan: Annotated[bool, typer.Option("--plan", help="Show the zones that stand there; change nothing.")] = False,
    keep_zones: Annotated[bool, typer.Option("--keep-zones", help="Detach although zones stand there.")] = False,
) -> None:
    """Use servers no longer for the group's new orders.

    Where zones of its services stand on one, this is refused unless --keep-zones says that they may stay: they are
    served there as before and kept right by every later change, since the delegations still name that server. They go
    with their services.
    """
    from hostdeck.core.intents.groups import detach_dns, zones_there

    with opened() as door:
        if plan:
            there = zones_there(name, tuple(servers))
            rows = [(server, zone) for server, zones in there.items() for zone in zones]
            output.shown({"group": name, "zones": {server: list(zones) for server, zones in there.items()}}, ())
            output.table(("SERVER", "ZONE THAT STANDS THERE"), rows)
            output.text(f"{len(rows)} zones would stay where they are and be kept right; new orders go elsewhere")
            return
        detach_dns(door, name, tuple(servers), keep_zones=keep_zones)
        _show_group(name)


@verb(group, "template", "hostdeck group template eu --from zone.txt")
def group_template(
    name: Name,
    from_: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="The new one; - is stdin.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Back to the built-in one.")] = False,
) -> None:
    """Show or set what the zones of new orders start with; zones that are there keep their records.

    One record a line: NAME TTL TYPE [PRIORITY] VALUE. Placeholders: {domain} {server_ip} {web_ip} {web_host}
    {mail_server_ip} {mail_host} {domainkey} {ns} {ns1}…{ns8} {if_web} {if_no_web} {if_mail} {if_no_mail}, and the
    group's variables; a record whose placeholder is empty is left out.
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
