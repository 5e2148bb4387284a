"""A new server, or one that is there: the form, the host key compared, then the offer to check it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from hostdeck.core.domain.inputs import check_host, check_name, check_port
from hostdeck.core.errors import Conflict, Refused
from hostdeck.core.intents import fleet as wishes
from hostdeck.core.intents.forms import ServerChange, ServerForm
from hostdeck.core.intents.servers import check_server_change, edit_server
from hostdeck.core.queries import fleet, servers
from hostdeck.core.queries.servers import ServerDetail
from hostdeck.core.queries.views import ServerRow
from hostdeck.screens import server_wishes
from hostdeck.screens.base import DeckScreen
from hostdeck.screens.server_fields import ServerFields
from hostdeck.screens.server_host_key import compare
from hostdeck.screens.server_key import private_key
from hostdeck.screens.server_templates import templates_text
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.frame import Heading


class ServerFormScreen(DeckScreen):
    """Writes nothing before the host key of a new place was compared."""

    SECTION = "servers"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that keys typed ahead over a slow line reach the field they were meant for.
        Binding("tab", "app.focus_next", "next field", priority=True),
        Binding("shift+tab", "app.focus_previous", "field before", priority=True, show=False),
        Binding("ctrl+o", "save", "save", priority=True, key_display="ctrl+o"),
    ]
    CHANGING = frozenset({"save"})

    def __init__(self, server: str = "") -> None:
        super().__init__()
        self._server = server
        self._row: ServerRow | None = None
        self._saving = False

    @property
    def crumb(self) -> str:
        return f"edit {self._server}" if self._server else "new server"

    def body(self) -> Iterable[Widget]:
        with Horizontal(id="offer"):
            yield ServerFields(self._server)
            with VerticalScroll(id="preview", classes="server-help"):
                yield Heading("Topologies", id="preview-heading")
                yield Static("", id="preview-text", markup=False)

    def on_mount(self) -> None:
        self.set_focus(self.fields.query_one("#host" if self._server else "#name"), scroll_visible=False)
        self.follow(fleet.groups, self.fields.show_groups)
        self.follow(fleet.servers, lambda rows: self.query_one("#preview-text", Static).update(templates_text(rows)))
        if self._server:
            self.follow(lambda: servers.detail(self._server), self._show)

    def _show(self, detail: ServerDetail) -> None:
        self._row = detail.row
        self.fields.show_server(detail.row, in_use=bool(detail.standing))

    @property
    def fields(self) -> ServerFields:
        return self.query_one(ServerFields)

    # -- saving it

    def action_save(self) -> None:
        self.after_typing(self._save)

    def _save(self) -> None:
        if self._saving or not self.may_change() or (self._server and self._row is None):
            return
        self._saving = True
        self.fields.complain("", "")
        self.run_worker(self._change(self.fields.change(), self._row) if self._row else self._add(self.fields.form()))

    def _complain(self, error: Exception) -> None:
        self._saving = False
        if isinstance(error, Refused):
            self.fields.complain(error.where, error.text)
        self.say(str(error), Tone.WRONG)

    async def _add(self, form: ServerForm) -> None:
        """Everything that can be judged at home first; then the key; then the row."""
        try:
            form = await asyncio.to_thread(self._judged, form)
            if form.name in {row.name for row in await self.deck.feed.read(fleet.servers)}:
                raise Conflict("name", f"'{form.name}' exists already", "SRV_TAKEN")
        except self.refusals as error:
            self._complain(error)
            return
        await self._compare(form.name, form.host, int(form.ssh_port), lambda line: self._write(form, line))

    def _judged(self, form: ServerForm) -> ServerForm:
        form = replace(form, key=private_key(form.key))
        wishes.check_server_form(form)
        form = replace(form, name=check_name(form.name, "name", what="server"), host=check_host(form.host))
        return replace(form, ip=form.ip or self.deck.address_of(form.host))

    def _write(self, form: ServerForm, line: str) -> None:
        door = self.deck.door
        self.run_worker(self._saved(form.name, lambda: wishes.add_server(door, replace(form, host_key=line))))

    async def _change(self, change: ServerChange, row: ServerRow) -> None:
        try:
            change = replace(change, key=await asyncio.to_thread(private_key, change.key))
            check_server_change(change)
            place = (check_host(change.host or ""), check_port(change.ssh_port or ""))
        except self.refusals as error:
            self._complain(error)
            return
        if place == (row.hostname, row.ssh_port):
            await self._saved(row.name, lambda: edit_server(self.deck.door, row.name, change))
            return

        def compared(line: str) -> None:
            moved = replace(change, host_key=line)
            self.run_worker(self._saved(row.name, lambda: edit_server(self.deck.door, row.name, moved)))

        await self._compare(row.name, *place, compared)

    async def _compare(self, name: str, host: str, port: int, then: Callable[[str], None]) -> None:
        def never() -> None:
            self._saving = False

        await compare(self, name, host, port, then, never=never, failed=self._complain)

    async def _saved(self, name: str, write: Callable[[], object]) -> None:
        try:
            await asyncio.to_thread(write)
        except self.refusals as error:
            self._complain(error)
            return
        self.deck.feed.poke()
        lines = (
            "The worker logs in and looks at each part: door, host key, login, root, panel, listing, figures,",
            "capabilities. What fails comes with the commands that mend it.",
        )
        dialog = Confirm(f"{name} is saved. Check it now?", lines, "Check it", keep="Later", env=self.deck.env)
        self.app.push_screen(dialog, lambda sure: self._leave(name, bool(sure)))

    def _leave(self, name: str, check: bool) -> None:
        deck, self._saving = self.deck, False
        if not check:
            self.dismiss()
            self.app.call_after_refresh(self.app.notify, f"server '{name}' is saved; c checks it")
            return

        def queued(_: int) -> None:
            self.dismiss()
            self.app.call_after_refresh(deck.open_server, name, "check")

        server_wishes.check(self, name, queued)
