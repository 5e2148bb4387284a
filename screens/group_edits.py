"""Edits of a group from its screen. Each is kept at once, and says that no server has been told yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from hostdeck.core.domain.config_keys import check_pair
from hostdeck.core.domain.standard_files import LIMIT, check_path
from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.errors import Invalid
from hostdeck.core.intents import fleet, group_config
from hostdeck.core.intents import groups as wishes
from hostdeck.core.queries.groups import FileRow, KeyRow, NameserverChoice
from hostdeck.core.queries.views import ServerRow
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.ask import Ask
from hostdeck.tui.widgets.dialogs import Confirm
from hostdeck.tui.widgets.plan_dialog import Choice, PlanDialog
from hostdeck.tui.widgets.words import inert, muted

if TYPE_CHECKING:
    from hostdeck.screens.base import DeckScreen

NOT_YET = "not applied yet: Actions"


def edit(screen: DeckScreen, group: str, tab: str, row: Any) -> None:
    if isinstance(row, KeyRow):
        _edit_key(screen, group, row)
    elif isinstance(row, FileRow):
        _choose_source(screen, group, row.path, row.target)
    elif tab == "variables":
        _ask_value(screen, group, *row)


def new(screen: DeckScreen, group: str, tab: str) -> None:
    if tab == "variables":
        screen.app.push_screen(
            Ask("New variable", ("Its name, without braces: small letters, digits and _",), enter="goes on"),
            lambda name: _ask_value(screen, group, name, "") if name else None,
        )
    elif tab == "files":
        lines = ("Where it lies on the servers, such as /var/www/html/robots.txt",)
        dialog = Ask("New standard file", lines, wrong=_wrong_path, enter="goes on")
        screen.app.push_screen(dialog, lambda path: _choose_target(screen, group, path) if path else None)


def remove(screen: DeckScreen, group: str, tab: str, row: Any) -> None:
    """No server is touched by it: each keeps what it has."""
    door = screen.deck.door
    if isinstance(row, KeyRow):
        if row.value is None:
            screen.say(f"{row.key} is not managed", Tone.WAITING)
            return
        screen.ask(
            lambda: group_config.unset_config(door, group, row.target, [row.key]),
            lambda _: screen.say(f"{row.key} is no longer managed; servers keep what they have"),
        )
        return
    name = row.path if isinstance(row, FileRow) else f"{{{row[0]}}}"

    def answered(sure: bool | None) -> None:
        if not sure:
            return
        if isinstance(row, FileRow):
            screen.ask(
                lambda: group_config.remove_file(door, group, row.path),
                lambda _: screen.say(f"{name} is no standard file any more; servers keep theirs"),
            )
        else:
            screen.ask(
                lambda: group_config.set_variables(door, group, {row[0]: ""}),
                lambda _: screen.say(f"{name} is gone; {NOT_YET}"),
            )

    screen.app.push_screen(Confirm(f"Remove {name}?", ("Servers keep what they have.",), "Remove"), answered)


def toggle(screen: DeckScreen, group: str, tab: str, row: Any) -> None:
    door = screen.deck.door
    if isinstance(row, NameserverChoice):
        name = row.server.name
        if row.attached:
            screen.ask(lambda: wishes.zones_there(group, (name,)), lambda there: _detach(screen, group, there))
        else:
            screen.ask(
                lambda: fleet.attach_dns(door, group, (name,)),
                lambda _: screen.say(f"{name} is attached; new orders of '{group}' use it"),
            )
    elif isinstance(row, ServerRow):
        deed = wishes.remove_members if row.group == group else wishes.add_members
        words = "left; what stands on it stays" if row.group == group else "joined; new orders may go there"
        screen.ask(lambda: deed(door, group, (row.name,)), lambda _: screen.say(f"{row.name} has {words}"))


def _detach(screen: DeckScreen, group: str, there: dict[str, tuple[str, ...]]) -> None:
    """The plan: what stands there, and that it stays."""
    ((name, zones),) = there.items()
    lines: list[Text] = [inert(f"New orders of '{group}' no longer use {name}.")]
    if zones:
        lines.append(inert(f"{len(zones)} zones of its services stay published there and are kept right:"))
        lines += [muted(f"  {zone}") for zone in zones]
    else:
        lines.append(muted("No zone of its services stands there."))

    def answered(sure: str | None) -> None:
        if sure is not None:
            screen.ask(
                lambda: wishes.detach_dns(screen.deck.door, group, (name,), keep_zones=True),
                lambda _: screen.say(f"{name} is detached; {len(zones)} zones stay served there"),
            )

    screen.app.push_screen(PlanDialog(f"Detach {name} from {group}?", lines, "Detach", env=screen.deck.env), answered)


# --------------------------------------------------------------------------------------------------------- one value


def _edit_key(screen: DeckScreen, group: str, row: KeyRow) -> None:
    if row.refused:
        screen.say(f"{row.key} is not set from here: {row.refused}", Tone.WAITING)
        return

    def keep(value: str | None) -> None:
        if value is None:
            return
        value = "" if value == "(empty)" else value
        screen.ask(
            lambda: group_config.set_config(screen.deck.door, group, row.target, {row.key: value}),
            lambda _: screen.say(f"{row.key} = {value or chr(39) * 2} is kept; {NOT_YET}"),
        )

    if row.choices:
        words = {row.default: "the default"} | ({row.value: "as it is now"} if row.value else {})
        options = tuple((choice, words.get(choice, "")) for choice in row.choices)
        if "nothing" in row.accepted:
            options = (*options, ("(empty)", "an empty value, which is a value too"))
        screen.app.push_screen(Choice(f"{row.label} ({row.key})", options, "keeps it"), keep)
        return

    def wrong(text: str) -> str:
        try:
            check_pair(row.key, text, row.target)
        except Invalid as error:
            return error.text
        return ""

    lines = (f"{row.accepted}; default {row.default or 'nothing'}", *((row.hint,) if row.hint else ()))
    value = row.default if row.value is None else row.value
    screen.app.push_screen(Ask(f"{row.label} ({row.key})", lines, value, wrong=wrong), keep)


def _ask_value(screen: DeckScreen, group: str, name: str, value: str) -> None:
    def keep(text: str | None) -> None:
        if text is not None:
            screen.ask(
                lambda: group_config.set_variables(screen.deck.door, group, {name: text}),
                lambda _: screen.say(f"{{{name}}} is kept for new orders; in standard files from their next apply on"),
            )

    screen.app.push_screen(Ask(f"Value of {{{name}}}", ("One line; empty removes it",), value), keep)


# ------------------------------------------------------------------------------------------------------------- files


def _wrong_path(path: str) -> str:
    try:
        check_path(path)
    except Invalid as error:
        return str(error)
    return ""


def _choose_target(screen: DeckScreen, group: str, path: str) -> None:
    means = {
        Target.WEB: "web servers",
        Target.MAIL: "mail servers",
        Target.DNS: "DNS servers",
        Target.ALL: "all of them",
    }
    options = tuple((str(target), words) for target, words in means.items())
    screen.app.push_screen(
        Choice(f"{path}: for which servers?", options, "goes on"),
        lambda word: _choose_source(screen, group, path, Target(word)) if word else None,
    )


def _choose_source(screen: DeckScreen, group: str, path: str, target: Target) -> None:
    def wrong(text: str) -> str:
        try:
            _text_of(text)
        except OSError as error:
            return f"{text}: {error.strerror or error}"
        except ValueError as error:
            return f"{error}"
        return ""

    def keep(source: str | None) -> None:
        if source is not None:
            screen.ask(
                lambda: group_config.put_file(screen.deck.door, group, path, _text_of(source), target),
                lambda _: screen.say(f"{path} is kept; {NOT_YET}"),
            )

    lines = (f"Its text becomes that of {path}; path here:",)
    screen.app.push_screen(Ask("A file on this machine", lines, wrong=wrong), keep)


def _text_of(source: str) -> str:
    """OSError where it can't be read, ValueError where it is too long or no UTF-8 text. The console waits for it: what
    might never end, such as a pipe or a terminal, is not opened."""
    try:
        path = Path(source).expanduser()
    except RuntimeError as error:
        raise ValueError(f"{source}: {error}") from None
    if path.exists() and not path.is_file():
        raise ValueError(f"{source} is no plain file")
    with path.open("rb") as file:
        raw = file.read(LIMIT + 1)
    if len(raw) > LIMIT:
        raise ValueError(f"{source} is longer than {LIMIT // 1024} KiB")
    return raw.decode()
