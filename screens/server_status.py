"""What a server is and how it is, every figure with its name (`features.md` 60 to 65)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from rich.console import Console
from rich.text import Text

from hostdeck.core.domain.freshness import is_stale
from hostdeck.core.domain.vocabulary import ServerStatus
from hostdeck.core.queries.servers import ServerDetail
from hostdeck.core.queries.views import HealthView, ServerRow
from hostdeck.screens.server_columns import on_the_node, parked, server_state
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.gauges import capacity, percent, pill, roles
from hostdeck.tui.widgets.spark import spark
from hostdeck.tui.widgets.words import ago, inert, joined, moment, muted, toned

Line = tuple[str, str | Text]
LEFT = 13
MARGIN = 4
"""Of the tab and its scroll bar."""

CONSOLE = Console(width=200)
"""Rich asks for one to wrap; nothing is written to it."""

SHARES = (("cpu", "CPU"), ("ram", "RAM"), ("disk", "disk"), ("load", "load"))
MEANS = {
    ServerStatus.ACTIVE: "takes accounts",
    ServerStatus.DRAINING: "keeps what it has, takes nothing new",
    ServerStatus.DISABLED: "nothing is placed on it",
    ServerStatus.QUARANTINED: "its host key changed: nobody logs in until it was compared (u)",
}


def status_text(detail: ServerDetail, now: datetime, zone: tzinfo | None, width: int) -> Text:
    lines = [*_facts(detail, now), *_figures(detail, now, zone, width)]
    return Text("\n", end="").join(line for name, value in lines for line in _beside(name, value, width))


def _beside(name: str, value: str | Text, width: int) -> Iterator[Text]:
    """The value beside its name, and where it is too long for one line, the rest of it below itself."""
    folded = inert(value).wrap(CONSOLE, max(20, width - LEFT - MARGIN), overflow="fold", no_wrap=False)
    for at, line in enumerate(folded or [Text("")]):
        line.rstrip()
        yield joined(muted(f"{'' if at else name:<{LEFT}}"), line)


def _facts(detail: ServerDetail, now: datetime) -> Iterator[Line]:
    row = detail.row
    yield "status", joined(pill(row.status), muted(f"  {MEANS[row.status]}"))
    yield "health", joined(server_state(row), toned(f"  {row.health.error}", Tone.WRONG) if row.health.error else "")
    if (why := parked(row, now)) is not None:
        yield "parked", why
    for warning in row.warnings:
        yield "warning", toned(warning, Tone.WRONG)
    yield "address", f"{row.hostname}:{row.ssh_port}  {row.ip}"
    yield "login", f"{row.ssh_username}, credential sealed for the worker"
    yield "host key", row.host_key
    yield "panel", _panel(row)
    yield "hosts", roles(row.capabilities)
    yield "group", row.group or muted("none")
    if row.serves_groups:
        yield "used by", f"groups {', '.join(row.serves_groups)}"
    yield "accounts", capacity(row.accounts, row.max_accounts)


def _panel(row: ServerRow) -> str:
    folder = f", in {row.node_dir}" if row.node_dir else ""
    return f"{row.driver} {row.health.panel_version or ''}{folder}  {row.health.os or ''}".strip()


def _figures(detail: ServerDetail, now: datetime, zone: tzinfo | None, width: int) -> Iterator[Line]:
    health = detail.row.health
    yield "", ""
    if health.collected_at is None:
        yield "figures", muted("never collected; R asks the node")
        return
    age = f"{ago(health.collected_at, now)} ago" if ago(health.collected_at, now) != "now" else "just now"
    stale = is_stale(health.collected_at, now, detail.collect_every)
    mark = toned("  STALE", Tone.WAITING) if stale else ""
    yield "collected", joined(moment(health.collected_at, zone, now), muted(f"  {age}"), mark)
    for key, word in SHARES:
        course = spark([getattr(sample, key) for sample in detail.samples], max(8, min(60, width - 24)))
        share = percent(getattr(health, f"{key}_percent"))
        share.pad_left(max(0, 5 - share.cell_len))
        yield word, joined(share, muted(f"  {course}"))
    if health.disk_total_mb:
        yield "disk space", f"{(health.disk_used_mb or 0) / 1024:.1f} of {health.disk_total_mb / 1024:.1f} GB"
    yield "services", _services(health)
    yield "on the node", on_the_node(health)


def _services(health: HealthView) -> str | Text:
    if health.services_total is None:
        return muted("-")
    up = f"{health.services_up}/{health.services_total} running"
    if not health.services_down:
        return inert(up)
    return joined(up, toned(f"  down: {', '.join(health.services_down)}", Tone.WRONG))
