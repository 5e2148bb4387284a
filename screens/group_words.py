"""What a group's screen says in words."""

from __future__ import annotations

from datetime import datetime, tzinfo

from rich.text import Text

from hostdeck.core.domain.config_wishes import Push, is_for, recipients
from hostdeck.core.domain.placement import Node
from hostdeck.core.domain.vocabulary import ServerId
from hostdeck.core.queries.bulk import BulkRun
from hostdeck.core.queries.groups import GroupDetail, KeyRow
from hostdeck.core.queries.views import ServerRow
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.words import inert, moment, muted, plural, toned


def node_of(server: ServerRow) -> Node:
    return Node(
        ServerId(server.id), server.name, server.hostname, server.ip, server.driver, server.status,
        frozenset(server.capabilities), server.accounts, server.max_accounts,
    )  # fmt: skip


def counts_of(detail: GroupDetail, push: Push) -> str:
    """`4 tasks, 12 keys`: whom a row of the actions would reach, and with how much at most."""
    chosen = recipients(push, [node_of(member.server) for member in detail.members]).chosen
    if push is Push.STATUS:
        return plural(len(chosen), "task")
    if push is Push.FILES:
        reached = [
            node for node in chosen if any(is_for(file.target, node.capabilities, node.driver) for file in detail.files)
        ]
        return f"{plural(len(reached), 'task')}, {plural(len(detail.files), 'file')}"
    keys = {row.key for node in chosen for row in detail.managed if is_for(row.target, node.capabilities, node.driver)}
    reached = [node for node in chosen if any(is_for(r.target, node.capabilities, node.driver) for r in detail.managed)]
    return f"{plural(len(reached), 'task')}, {plural(len(keys), 'key')}"


def run_words(run: BulkRun, zone: tzinfo | None, now: datetime) -> Text:
    tone = {"done": Tone.OK, "running": Tone.BUSY}.get(run.state, Tone.WRONG)
    failed = f", {run.failed} failed" if run.failed else ""
    return toned(f"{run.state} {run.done}/{run.total}{failed}", tone).append_text(
        muted(f"  {moment(run.created_at, zone, now)}")
    )


def general_text(detail: GroupDetail) -> Text:
    facts: list[tuple[str, str]] = [
        ("name", detail.name),
        ("servers", detail.words),
        ("products", ", ".join(detail.products) or "none"),
    ]
    facts += [
        ("names on", f"{one.domain}: {one.sold} sold, account {one.mail_user} on {one.mail_server}")
        for one in detail.vanity_domains
    ]
    own = "the group's own" if detail.own_template else "the built-in one"
    facts.append(("zone template", f"{own}; change it in a shell: hostdeck group template {detail.name} --from FILE"))
    text = Text(end="")
    for name, value in facts:
        text.append(f"{name:<15}", STYLE[Tone.MUTED]).append_text(inert(value)).append("\n")
    for line in detail.template.splitlines():
        text.append_text(muted(f"  {line}")).append("\n")
    return text


def key_hint(row: KeyRow | None) -> Text:
    """What the key under the cursor accepts, or why it is not set from here."""
    if row is None:
        return Text("")
    if row.refused:
        return toned(f"{row.key} is not set from here: {row.refused}", Tone.WAITING)
    parts = [f"{row.label} ({row.key}): {row.accepted}"]
    if row.hint:
        parts.append(row.hint)
    return muted("; ".join(parts) + f"; default {row.default or 'nothing'}")
