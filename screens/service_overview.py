"""The Overview tab: a card for each part of the service that there is, its limits, its zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from hostdeck.core.domain.modes import limits_that_count
from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Mode, Role
from hostdeck.core.queries.certificates import CertificateRow
from hostdeck.core.queries.usage import FIGURES, UseView
from hostdeck.core.queries.views import ServiceDetail
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.service_ssl import short
from hostdeck.tui.theme import STYLE, Tone
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.frame import Heading
from hostdeck.tui.widgets.gauges import pill
from hostdeck.tui.widgets.usage import gauge
from hostdeck.tui.widgets.words import inert, joined, moment, muted, toned

CARDS = (("web", "Web & DNS", (Role.WEB, Role.DNS)), ("mail", "Mail", (Role.MAIL,)))
RECORD_LIMIT = 200


def named(name: str, value: str | Text, width: int = 12) -> Text:
    return joined(muted(f"{name:<{width}}"), value)


def gauges(use: Mapping[str, UseView], group: str) -> list[Text]:
    """What was read of a card's limits."""
    shown = [figure for figure in FIGURES if figure.group.lower() == group and figure.key in use]
    return [named(figure.title, gauge(use[figure.key], figure), 10) for figure in shown]


class Overview(VerticalScroll, can_focus=True):
    """A role that is off has no card."""

    def compose(self) -> ComposeResult:
        yield Static("", id="overview-top", markup=False)
        with Horizontal(id="cards"):
            for key, _, _ in CARDS:
                yield Static("", id=f"card-{key}", classes="card", markup=False)
        yield Static("", id="why", markup=False)
        with Horizontal(classes="columns gap"):
            with Vertical():
                yield Heading("Limits", id="limits-heading")
                yield Static("", id="limits", markup=False)
                yield Heading("Billing", id="billing-heading")
                yield Static("", id="billing", markup=False)
            with Vertical():
                yield Heading("Zone", id="zone-heading")
                yield Static("", id="zone", markup=False)

    def show_error(self, error: str) -> None:
        for part in self.query("#cards, .columns"):
            part.display = False
        self.query_one("#overview-top", Static).update(
            Text.assemble(toned(error, Tone.WRONG), ("\nesc goes back; 4 lists the services", STYLE[Tone.MUTED]))
        )

    def show_service(
        self, service: ServiceDetail, certificates: Sequence[CertificateRow], use: Mapping[str, UseView]
    ) -> None:
        for part in self.query("#cards, .columns"):
            part.display = True
        self.query_one("#overview-top", Static).update(self._top(service))
        for key, title, roles in CARDS:
            card = self.query_one(f"#card-{key}", Static)
            card.display = any(role in service.roles for role in roles)
            lines = [*self._card(service, title, roles, certificates), *gauges(use, key)]
            card.update(Text("\n", end="").join(lines))
        self.query_one("#why", Static).update(Text("\n", end="").join(muted(reason) for reason in service.why))
        self.query_one("#limits", Static).update(self._limits(service))
        for part in self.query("#billing-heading, #billing"):
            part.display = bool(service.meta)
        self.query_one("#billing-heading", Heading).say("Billing", muted("as the billing side gave it"))
        self.query_one("#billing", Static).update(self._billing(service))
        self.query_one("#zone-heading", Heading).say("Zone", muted(f"{len(service.records)} records"))
        self.query_one("#zone", Static).update(self._zone(service))

    def _top(self, service: ServiceDetail) -> Text:
        deck = cast(DeckScreen, self.screen).deck
        parts = [
            ("customer", service.email or "-"),
            ("group", service.group),
            ("ordered", moment(service.created_at, deck.zone, deck.clock())),
        ]
        text = Text("   ", end="").join(named(name, value, len(name) + 1) for name, value in parts)
        if service.error:
            text.append("\n").append_text(toned(service.error, Tone.WRONG))
        return text.append("\n")

    def _card(
        self, service: ServiceDetail, title: str, roles: tuple[Role, ...], certificates: Sequence[CertificateRow]
    ) -> list[Text]:
        lines = [toned(title, Tone.BRIGHT)]
        for account in service.accounts:
            if account.role in roles:
                user = toned(account.username, Tone.PLAIN) if account.username else muted("no user")
                lines.append(named(account.role, Text.assemble(f"{account.server}  ", user), 6))
        if service.mode is Mode.VANITY and Role.MAIL in roles:
            name, _, parent = service.domain.partition(".")
            lines.append(named("box", joined(f"{name}@{parent}  ", muted("sold with it")), 6))
        return lines + [named("ssl", short(row), 6) for row in certificates if row.kind in roles]

    def _limits(self, service: ServiceDetail) -> Text:
        lines = []
        for spec in limits_that_count(service.mode, service.roles):
            if spec.key not in service.limits:
                continue
            value, origin = service.limits[spec.key] or spec.empty, service.origin.get(spec.key, "")
            shown = f"{value} {spec.unit}" if value.isdigit() and spec.unit else value
            tone = Tone.PLAIN if origin != "default" else Tone.MUTED
            line = named(spec.label, fitted(toned("off" if value == "0" else shown, tone), 15), 18)
            lines.append(line.append(origin, STYLE[Tone.ACCENT if origin == "option" else Tone.MUTED]))
        return Text("\n", end="").join(lines)

    def _billing(self, service: ServiceDetail) -> Text:
        """`--meta` of the order: kept and shown, never changed here."""
        width = max((len(key) for key in service.meta), default=0) + 2
        return Text("\n", end="").join(
            named(clean_line(key, 40), value, min(width, 42)) for key, value in service.meta.items()
        )

    def _zone(self, service: ServiceDetail) -> Text:
        deck = cast(DeckScreen, self.screen).deck
        lines = []
        for server in service.nameservers:
            at = moment(server.deployed_at, deck.zone, deck.clock())
            serial = muted(f"  serial {server.serial}, {at}" if server.serial else "")
            lines.append(Text.assemble(f"{server.server:<10}", pill(server.state), serial, end=""))
        lines.append(Text(""))
        for record in service.records[:RECORD_LIMIT]:
            value = f"{record.priority} {record.value}" if record.priority is not None else record.value
            lines.append(
                Text.assemble(
                    fitted(inert(record.name), 14), " ", (f"{record.type:<6}", STYLE[Tone.MUTED]),
                    fitted(inert(value), 34) if len(value) > 34 else inert(value), end="",
                )
            )  # fmt: skip
        if not service.records:
            sold = service.mode is Mode.VANITY and any(a.role is Role.DNS for a in service.accounts)
            why = "no zone of its own: a record in the parent's" if sold else "no zone: DNS is off for this service"
            lines.append(muted(why))
        return Text("\n", end="").join(lines)
