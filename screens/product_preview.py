"""What an order of a product would make now, in words; and a group's members with the room they have."""

from __future__ import annotations

from rich.text import Text

from hostdeck.core.domain.order_plan import OrderPlan
from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.queries.offers import GroupOffer
from hostdeck.tui.theme import STYLE, Tone, glyphs
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.gauges import capacity, roles
from hostdeck.tui.widgets.words import inert, joined, muted, plural, styled, toned


def preview_text(plan: OrderPlan, *, may_save: bool) -> Text:
    users = {(account.server, account.username) for account in plan.accounts if account.username}
    nodes = {account.server for account in plan.accounts}
    made = f"{plural(len(users), 'user')} on {plural(len(nodes), 'node')}, {plural(len(plan.tasks), 'task')}"
    lines = [joined(toned(made, Tone.BRIGHT), muted(f"   for {plan.domain}")), Text("")]
    for account in plan.accounts:
        user = inert(account.username) if account.username else muted("no user needed")
        lines.append(Text.assemble(f"  {account.role:<6}", fitted(inert(account.server), 12), user, end=""))
    if plan.why:
        lines += [Text(""), toned("Why there", Tone.BRIGHT), *(muted(f"  {reason}") for reason in plan.why)]
    if plan.roles_off:
        lines += [Text(""), toned("Not included", Tone.BRIGHT)]
        lines += [joined(f"  {off.role:<6}", muted(off.why)) for off in plan.roles_off]
    words = ("\nctrl+o", " saves the product; the example is never ordered.") if may_save else ("", "")
    lines.append(styled(((words[0], Tone.ACCENT), (words[1], Tone.MUTED))))
    return Text("\n", end="").join(lines)


def refusal_text(what: str, why: str) -> Text:
    return styled(((what, Tone.WRONG), (f"\n\n{clean_line(why)}", Tone.PLAIN)))


def group_label(offer: GroupOffer) -> Text:
    """A group in one line: how much room each role has."""
    return Text.assemble(inert(offer.name), "  ", muted(", ".join(_room(offer, role) for role in Role)), end="")


def _room(offer: GroupOffer, role: Role) -> str:
    able = len(offer.able(role))
    if not able:
        return f"no {role}"
    free = offer.free(role)
    left = "" if role is Role.DNS else f" {glyphs().endless if free is None else free} free"
    return f"{role}{left} on {able}" if left else f"{role} on {able}"


def members_text(offer: GroupOffer) -> Text:
    """Every member with what it does and its share; nameservers at the end."""
    text = Text(end="")
    for row in offer.members:
        text.append(f"{row.name} ", STYLE[Tone.PLAIN]).append(f"{roles(row.capabilities)} ", STYLE[Tone.MUTED])
        text.append_text(capacity(row.accounts, row.max_accounts))
        text.append(f" {row.status}" if row.status != "active" else "", STYLE[Tone.WAITING]).append("  ")
    text.append(f"dns: {', '.join(row.name for row in offer.nameservers) or 'no nameserver'}", STYLE[Tone.MUTED])
    return text
