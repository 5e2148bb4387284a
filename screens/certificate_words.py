"""How a certificate is written, the same on its service and on the board."""

from __future__ import annotations

from datetime import datetime

from rich.text import Text

from hostdeck.core.domain.acme import CertificateState
from hostdeck.core.queries.certificates import CertificateRow
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.words import muted, toned

S = CertificateState
TONES = {
    S.ACTIVE: Tone.OK,
    S.ISSUING: Tone.BUSY,
    S.WAITING: Tone.WAITING,
    S.FAILING: Tone.WAITING,
    S.FROZEN: Tone.WRONG,
    S.NONE: Tone.MUTED,
}
SOON, NOW = 30, 7
"""Days before the end at which Hestia's nightly renewal should have been, and surely has not."""


def state(row: CertificateRow) -> Text:
    return toned(row.state, TONES[row.state])


def days(row: CertificateRow) -> Text:
    if row.days_left is None:
        return muted("-")
    tone = Tone.WRONG if row.days_left < NOW else Tone.WAITING if row.days_left < SOON else Tone.PLAIN
    return toned(str(row.days_left), tone)


def failures(row: CertificateRow) -> Text:
    if not row.failures:
        return muted("-")
    return toned(str(row.failures), Tone.WRONG if row.state is S.FROZEN else Tone.WAITING)


def week(row: CertificateRow) -> Text:
    """What all names below the registered domain have used of the week."""
    full = row.week_used >= row.week_limit
    tone = Tone.WRONG if full else Tone.WAITING if row.week_used >= 0.8 * row.week_limit else Tone.MUTED
    return toned(f"{row.week_used}/{row.week_limit}", tone)


def next_try(row: CertificateRow, now: datetime) -> Text:
    """How long until then, in the coarsest unit that says it."""
    if row.next_try is None:
        return muted("-")
    seconds = int((row.next_try - now).total_seconds())
    if seconds <= 0:
        return toned("due", Tone.BUSY)
    size, unit = next((s, u) for s, u in ((3600, "h"), (60, "m"), (1, "s")) if seconds >= s)
    return toned(f"in {seconds // size}{unit}", Tone.WAITING)
