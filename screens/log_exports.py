"""What leaves a log: lines on the clipboard, and files of all of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from hostdeck.core.queries.log_lines import Line
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.log_outline import Key, Outline
from hostdeck.tui.widgets.log_sources import LogSource
from hostdeck.tui.widgets.log_tail import LOOK, LogTail
from hostdeck.tui.widgets.plan_dialog import Choice
from hostdeck.tui.widgets.words import plural

AT_ONCE = 5000
"""Rows of a log that are read and written together."""

FORMS: dict[str, tuple[str, str]] = {
    "text": ("log", "a line each: time, kind, text"),
    "json": ("jsonl", "a JSON object each: task, seq, attempt, at, stream, text"),
}


def copy(screen: DeckScreen, event: LogTail.Copied) -> None:
    """The text that is selected, else the marked lines, else the line under the cursor."""
    source = event.log.source
    if event.text:
        screen.deck.copy(event.text)
    elif source is not None and event.keys:

        def copied(lines: Sequence[Line]) -> None:
            texts = {(line.task, line.seq): line.text for line in lines}
            screen.deck.copy("\n".join(texts[key] for key in event.keys if key in texts))

        screen.look_up(lambda: source.lines(event.keys), copied)
    else:
        screen.say("there is no line to copy", Tone.WAITING)


def save_or_ask(screen: DeckScreen, log: LogTail, name: str, form: str) -> None:
    """As text or as JSON lines; Enter takes the first."""

    def chosen(form: str | None) -> None:
        if form is not None:
            save(screen, log, name, form)

    if not log.places:
        screen.say("this log has no line to save", Tone.WAITING)
    elif form:
        chosen(form)
    else:
        options = tuple((form, means) for form, (_, means) in FORMS.items())
        screen.app.push_screen(Choice("Save the whole log as", options, "saves it"), chosen)


def save(screen: DeckScreen, log: LogTail, name: str, form: str) -> None:
    source, outline = log.source, log.outline
    if source is not None and outline is not None:
        screen.run_worker(
            _save(screen, source, outline.as_now(), f"{name}.{FORMS[form][0]}", _json if form == "json" else _text)
        )


async def _save(
    screen: DeckScreen, source: LogSource, outline: Outline, name: str, form: Callable[[Line, str], str]
) -> None:
    rows, count, path = len(outline), 0, ""
    try:
        path, file = await asyncio.to_thread(screen.deck.create, name)
        with file:
            for start in range(0, rows, AT_ONCE):
                items = [outline.item(row) for row in range(start, min(rows, start + AT_ONCE))]
                keys = [item for item in items if isinstance(item, tuple)]
                lines = await screen.deck.feed.read(partial(source.lines, keys))
                count += len(lines)
                await asyncio.to_thread(_write, file, items, lines, source, form)
    except asyncio.CancelledError:
        _discard(path)
        screen.deck.keep_notice(f"{name} was not saved: its screen was left before", Tone.WRONG)
        raise
    except screen.refusals as error:
        _discard(path)
        screen.say(f"{name}: {error}", Tone.WRONG)
    else:
        screen.say(f"{plural(count, 'line')} in {path}")


def _discard(path: str) -> None:
    """A file that is there is whole: half a log looks like one that ended there."""
    if path:
        Path(path).unlink(missing_ok=True)


def _write(
    file: TextIO, items: Sequence[Key | str], lines: Sequence[Line], source: LogSource, form: Callable[[Line, str], str]
) -> None:
    """In the order of the log; a gap stays to be seen in a text."""
    found = {(line.task, line.seq): line for line in lines}
    for item in items:
        if isinstance(item, tuple):
            file.write(form(found[item], source.tag(item[0])) if item in found else "")
        elif form is _text:
            file.write(f"{item}\n")


def _text(line: Line, tag: str) -> str:
    mark = LOOK[line.stream][0]
    return f"{line.at.isoformat(timespec='milliseconds')} {tag}{' ' if tag else ''}{mark}{line.text}\n"


def _json(line: Line, tag: str) -> str:
    fields = line._asdict() | {"at": line.at.isoformat(timespec="milliseconds"), "stream": str(line.stream)}
    return json.dumps(fields, ensure_ascii=False) + "\n"
