"""The SSL tab: each set of names of a service, what the node has for it, and how getting one goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from hostdeck.core.domain.acme import CertificateState
from hostdeck.core.queries.certificates import CertificateRow
from hostdeck.screens import certificate_words as words
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.words import inert, joined, moment, muted, plural, styled, toned

TITLES = {"web": "Website", "mail": "Mail"}
NO_ROWS = styled(
    (
        ("No certificate is kept for this service yet.\n", Tone.PLAIN),
        ("a", Tone.ACCENT),
        (" opens its actions: a redeploy asks for those it should have.", Tone.MUTED),
    )
)
NAME_WIDTH = 13


class SslTab(VerticalScroll, can_focus=True):
    def compose(self) -> ComposeResult:
        yield Static("", id="ssl-text", markup=False)

    def show_certificates(self, rows: Sequence[CertificateRow]) -> None:
        blocks = [self._block(row) for row in rows]
        self.query_one("#ssl-text", Static).update(Text("\n\n", end="").join(blocks) if blocks else NO_ROWS)

    def _block(self, row: CertificateRow) -> Text:
        deck = cast(DeckScreen, self.screen).deck
        now = deck.clock()
        title = joined(toned(TITLES.get(row.kind, row.kind), Tone.BRIGHT), muted(f" on {row.server}   "))
        lines = [joined(title, words.state(row)), _line("names", ", ".join(row.hosts))]
        lines.append(_line("issuer", row.issuer or muted("-")))
        if row.not_after is None:
            lines.append(_line("valid until", muted("-")))
        else:
            until = f"{moment(row.not_after, deck.zone, now)}, "
            left = Text.assemble(until, words.days(row), " days left", end="")
            lines.append(_line("valid until", left))
        if row.failures:
            lines.append(_line("failures", words.failures(row)))
        if row.reason:
            tone = Tone.WRONG if row.state is CertificateState.FROZEN else Tone.PLAIN
            lines.append(_line("last reason", Text.assemble((inert(row.reason).plain, STYLE[tone]), end="")))
        if row.next_try is not None:
            at = moment(row.next_try, deck.zone, now)
            lines.append(_line("next try", joined(words.next_try(row, now), muted(f", {at}"))))
        lines.append(_line("this week", joined(words.week(row), muted(f" certificates for {row.registered} used"))))
        if row.state is CertificateState.FROZEN:
            said = (("r", Tone.ACCENT), (" tries again", Tone.MUTED))
            lines.append(_line("", styled(said)))
        return Text("\n", end="").join(lines)


def short(row: CertificateRow) -> Text:
    """For the cards of the overview: the state, and the one number that goes with it."""
    if row.failures:
        return joined(words.state(row), muted(f", {plural(row.failures, 'failure')}"))
    if row.days_left is not None:
        return joined(words.state(row), muted(", "), words.days(row), muted(" days left"))
    return words.state(row)


def _line(name: str, value: str | Text) -> Text:
    shown = value if isinstance(value, Text) else inert(value)
    return Text.assemble((f"{name:<{NAME_WIDTH}}", STYLE[Tone.MUTED]), shown, end="")
