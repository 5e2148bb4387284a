"""The last check of a server, part by part, with the mend below what failed."""

from __future__ import annotations

from datetime import datetime, tzinfo

from rich.text import Text

from hostdeck.core.domain.inputs import clean_line
from hostdeck.core.domain.preflight import State
from hostdeck.core.queries.servers import Preflight
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.words import moment, muted, styled, toned

TONES = {State.OK: Tone.OK, State.FAILED: Tone.WRONG, State.NOT_REACHED: Tone.MUTED}


def check_text(last: Preflight, now: datetime, zone: tzinfo | None) -> Text:
    """Texts wrap: a command that is cut mends nothing."""
    if last.running is not None:
        head = [toned(f"task #{last.running} is checking it; its log stands under Tasks", Tone.BUSY)]
    elif last.task is None:
        return muted("never checked; c checks it: door, host key, login, root, panel, listing, figures, capabilities")
    else:
        head = []
    if last.task is not None:
        head.append(muted(f"checked {moment(last.at, zone, now)} by task #{last.task}"))
    lines = [*head, muted("")]
    for check in last.checks:
        label, text = f"{clean_line(check.label):<15}", clean_line(check.text)
        lines.append(styled(((f"{check.state:<12}", _tone(check.state)), (label, Tone.BRIGHT), (text, Tone.PLAIN))))
        lines += [styled(((f"    {clean_line(line)}", Tone.ACCENT),)) for line in check.mend]
    return Text("\n", end="").join(lines)


def _tone(state: str) -> Tone:
    return next((tone for word, tone in TONES.items() if word == state), Tone.PLAIN)
