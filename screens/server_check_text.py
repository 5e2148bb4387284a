"""The last check of a server, part by part, with the mend below what failed."""

from __future__ import annotations

from datetime import datetime, tzinfo
from textwrap import wrap

from rich.text import Text

from hostdeck.core.domain.preflight import State
from hostdeck.core.domain.text import clean_line
from hostdeck.core.queries.servers import Preflight
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.words import moment, muted, styled, toned

LEFT = 27
TONES = {State.OK: Tone.OK, State.FAILED: Tone.WRONG, State.NOT_REACHED: Tone.MUTED}


def check_text(last: Preflight, now: datetime, zone: tzinfo | None, width: int, idle: str = "") -> Text:
    """What a part says is wrapped beside its name; a mend stays a line, so that it can be copied whole.
    `idle` says that nobody works, where it is so."""
    if last.running is not None and idle:
        head = [toned(f"task #{last.running} shall check it, but {idle}", Tone.WAITING)]
    elif last.running is not None:
        head = [toned(f"task #{last.running} is checking it; its log stands under Tasks", Tone.BUSY)]
    elif last.task is None:
        return muted("never checked; c checks it: door, host key, login, root, panel, listing, figures, capabilities")
    else:
        head = []
    if last.task is not None:
        head.append(muted(f"checked {moment(last.at, zone, now)} by task #{last.task}"))
    lines = [*head, muted("")]
    for check in last.checks:
        said = wrap(clean_line(check.text), max(20, width - LEFT - 4), break_long_words=False) or [""]
        first = (f"{check.state:<12}", _tone(check.state)), (f"{clean_line(check.label):<15}", Tone.BRIGHT)
        lines.append(styled((*first, (said[0], Tone.PLAIN))))
        lines += [styled(((f"{'':<{LEFT}}{line}", Tone.PLAIN),)) for line in said[1:]]
        lines += [styled(((f"    {clean_line(line)}", Tone.ACCENT),)) for line in check.mend]
    return Text("\n", end="").join(lines)


def _tone(state: str) -> Tone:
    return next((tone for word, tone in TONES.items() if word == state), Tone.PLAIN)
