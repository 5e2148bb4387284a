"""The form of a server: where it is, how one logs in, what it is ticked for."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, RadioButton, RadioSet, Select, Static

from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import Driver, Role
from hostdeck.core.intents.forms import ServerChange, ServerForm
from hostdeck.core.queries.views import GroupRow, ServerRow
from hostdeck.screens.server_key import KeyField
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.field import Field
from hostdeck.tui.widgets.fields import Choice, Tick
from hostdeck.tui.widgets.words import muted, toned

NO_GROUP = "(none)"
AT = {"port": "ssh_port", "user": "ssh_user"}
"""Fields that a refusal calls otherwise than the form."""

DRIVERS = {Driver.HESTIA: "HestiaCP", Driver.POWERDNS: "PowerDNS"}


class ServerFields(VerticalScroll, can_focus=False):
    """As typed. `name` is fixed where the server is there already, and so is the driver once something stands on it."""

    def __init__(self, server: str) -> None:
        super().__init__(id="server-form")
        self._server = server
        self._row: ServerRow | None = None
        self._groups: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield from self._line("name", "Name *", Field(self._server, id="name", disabled=bool(self._server)))
        with Horizontal(classes="server-line"):
            yield Label(muted("Panel *"), classes="server-key")
            with RadioSet(id="driver", compact=True):
                for driver, word in DRIVERS.items():
                    yield Choice(word, value=driver is Driver.HESTIA, id=f"driver-{driver}", compact=True)
        yield self._wrong("driver")
        with Horizontal(classes="server-line"):
            yield Label(muted("Hosts *"), classes="server-key")
            for role in Role:
                yield Tick(role, False, id=f"can-{role}", compact=True)
        yield self._wrong("capability")
        group: Select[str] = Select([(NO_GROUP, "")], value="", allow_blank=False, id="group", compact=True)
        yield from self._line("group", "Group", group)
        yield from self._line("host", "Hostname *", Field(placeholder="web01.example.com", id="host"))
        yield from self._line("ip", "IP *", Field(placeholder="the hostname's own", id="ip"))
        yield from self._line("ssh_port", "SSH port *", Field("22", id="ssh_port"))
        yield from self._line("ssh_user", "SSH user *", Field("root", id="ssh_user"))
        with Horizontal(classes="server-line"):
            yield Label(muted("Log in by *"), classes="server-key")
            with RadioSet(id="auth", compact=True):
                yield Choice("Key", value=True, id="auth-key", compact=True)
                yield Choice("Password", id="auth-password", compact=True)
        kept = "unchanged" if self._server else ""
        yield from self._line("key", "Key *", KeyField(placeholder=kept or "path here, or paste the key", id="key"))
        yield from self._line("password", "Password *", Field(placeholder=kept, password=True, id="password"))
        yield from self._line("max_accounts", "Max accounts", Field("0", id="max_accounts"), "0 is unlimited")
        yield from self._line("node_dir", "Panel folder", Field(placeholder="the usual one", id="node_dir"))

    def _line(self, name: str, label: str, field: Widget, note: str = "") -> Iterable[Widget]:
        if isinstance(field, Field):
            field.compact = True
        parts = [Label(muted(label), classes="server-key"), field]
        if note:
            parts.append(Static(muted(note), classes="server-note", markup=False))
        yield Horizontal(*parts, classes="server-line", id=f"line-{name}")
        yield self._wrong(name)

    @staticmethod
    def _wrong(field: str) -> Static:
        return Static("", id=f"wrong-{field}", classes="wrong", markup=False)

    def on_mount(self) -> None:
        self._fit()

    # -- what is there

    def show_groups(self, groups: Iterable[GroupRow]) -> None:
        self._groups = tuple(group.name for group in groups)
        select: Select[str] = self.query_one("#group", Select)
        chosen = self.group or (self._row.group if self._row and self._row.group else "")
        select.set_options([(NO_GROUP, ""), *((name, name) for name in self._groups)])
        select.value = chosen if chosen in self._groups else ""

    def show_server(self, row: ServerRow, *, in_use: bool) -> None:
        """Fills the form the first time; from then on what is typed stays."""
        first, self._row = self._row is None, row
        self.query_one("#driver", RadioSet).disabled = in_use
        if not first:
            return
        self.query_one(f"#driver-{row.driver}", RadioButton).value = True
        for role in Role:
            self.query_one(f"#can-{role}", Checkbox).value = role in row.capabilities
        if row.group in self._groups:
            self.query_one("#group", Select).value = row.group
        for name, value in (
            ("host", row.hostname), ("ip", row.ip), ("ssh_port", str(row.ssh_port)), ("ssh_user", row.ssh_username),
            ("max_accounts", str(row.max_accounts)), ("node_dir", row.node_dir or ""),
        ):  # fmt: skip
            self.query_one(f"#{name}", Field).value = clean_line(value)

    def complain(self, field: str, text: str) -> bool:
        """At the field it is about; False where it is about none. An empty text takes all back."""
        field = AT.get(field, field)
        if field == "key" and self.auth == "password":
            field = "password"
        for wrong in self.query(".wrong").results(Static):
            words = text if wrong.id == f"wrong-{field}" else ""
            wrong.update(toned(words, Tone.WRONG))
            wrong.display = bool(words)
        return bool(self.query(f"#wrong-{field}"))

    # -- as it is now

    @property
    def driver(self) -> Driver:
        pressed = self.query_one("#driver", RadioSet).pressed_button
        return Driver((pressed.id or "").removeprefix("driver-")) if pressed else Driver.HESTIA

    @property
    def auth(self) -> str:
        pressed = self.query_one("#auth", RadioSet).pressed_button
        return (pressed.id or "").removeprefix("auth-") if pressed else "key"

    @property
    def group(self) -> str:
        value = self.query_one("#group", Select).value
        return value if isinstance(value, str) else ""

    @property
    def ticked(self) -> tuple[str, ...]:
        return tuple(str(role) for role in Role if self.query_one(f"#can-{role}", Checkbox).value)

    def text(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value.strip()

    def form(self) -> ServerForm:
        """A key is still a path where one was typed; the host key is not known yet."""
        key, password = self._credential()
        return ServerForm(
            name=self.text("name"), host=self.text("host"), capabilities=self.ticked, host_key="", ip=self.text("ip"),
            ssh_port=self.text("ssh_port"), ssh_user=self.text("ssh_user"), key=key, password=password,
            driver=str(self.driver), group=self.group, max_accounts=self.text("max_accounts"),
            node_dir=self.text("node_dir"),
        )  # fmt: skip

    def change(self) -> ServerChange:
        """Everything as it stands in the form; what is the same as before makes no difference."""
        form = self.form()
        return ServerChange(
            host=form.host, ip=form.ip, ssh_port=form.ssh_port, ssh_user=form.ssh_user, key=form.key,
            password=form.password, capabilities=form.capabilities, driver=form.driver, group=form.group,
            max_accounts=form.max_accounts, node_dir=form.node_dir,
        )  # fmt: skip

    def _credential(self) -> tuple[str, str]:
        """Only the visible field counts."""
        if self.auth == "key":
            return self.query_one("#key", KeyField).typed(), ""
        return "", self.query_one("#password", Field).value

    # -- what follows from what

    @on(RadioSet.Changed)
    def turned(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """PowerDNS hosts DNS and nothing else; of key and password one is asked for."""
        only_dns = self.driver is Driver.POWERDNS
        for role in Role:
            tick = self.query_one(f"#can-{role}", Checkbox)
            tick.disabled = only_dns and role is not Role.DNS
            if only_dns:
                tick.value = role is Role.DNS
        for name in ("key", "password"):
            shown = self.auth == name
            self.query_one(f"#line-{name}").display = shown
            if not shown:
                self.query_one(f"#wrong-{name}").display = False

    @on(Input.Submitted)
    def entered(self) -> None:
        self.screen.focus_next()
