"""The three topologies beside the form of a server: which servers each needs, ticked for what (`features.md` 57)."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from hostdeck.core.domain.topology import TEMPLATES, topology
from hostdeck.core.queries.views import ServerRow
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.gauges import roles
from hostdeck.tui.widgets.words import styled


def templates_text(servers: Iterable[ServerRow]) -> Text:
    """Ends with what the fleet is now."""
    parts: list[tuple[str, Tone]] = []
    for template in TEMPLATES:
        parts.append((f"{template.pattern}\n", Tone.BRIGHT))
        parts.append((f"{template.means}\n", Tone.MUTED))
        for name, ticks in template.servers:
            parts += [(f"  {name:<8}", Tone.PLAIN), (f"{roles(ticks)}\n", Tone.OK)]
        parts.append(("\n", Tone.PLAIN))
    now = topology(frozenset(server.capabilities) for server in servers).sentence
    return styled((*parts, (f"Now {now}.", Tone.PLAIN)))
