"""`hostdeck gate`: the forced command of an SSH key that may do a few things and nothing else.

What somebody asks for over SSH arrives as one text. It is taken apart into words, never given to a shell; the first
words must be a verb on the list, and no option may name a file or another home.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Annotated

import typer

from hostdeck.tui.cli.given import given
from hostdeck.tui.cli.shape import PLACES, table, verb

lone = table()
TABLES = {"": lone}
ASKED = "SSH_ORIGINAL_COMMAND"
CLOSED = frozenset({
    "--home", "--key-file", "--from", "--cert", "--key", "--chain", "--autoreply-file", "--systemd-dir", "--help",
})  # fmt: skip
"""Options that name a file of this machine, or do not answer in JSON."""

SHUT = frozenset({"gate", "worker", "init", "demo", "sim", "apply"})
"""What no list can let through: it runs on, or what it reads names files of this machine, and hosts to send them to."""


@verb(lone, "gate", "hostdeck gate --allow 'service create' --allow 'service show'")
def gate(
    allow: Annotated[
        list[str], typer.Option(metavar="VERB", help="What may be asked for. Repeat.", show_default=False)
    ],
) -> int:
    """Run what SSH_ORIGINAL_COMMAND asks for, if it is on the list; the answer is always one JSON document."""
    own = ["--home", str(given.home)] if given.home else []
    own += ["--read-only"] if given.read_only else []
    given.json = True
    words = admitted(os.environ.get(ASKED, ""), allow)
    from hostdeck.tui.cli.main import run

    return run([*own, "--json", *words])


def admitted(asked: str, allow: Sequence[str]) -> list[str]:
    """The words of a command that may be run; Refused [GATE_CLOSED] or Invalid otherwise."""
    from hostdeck.core.errors import Invalid, Refused

    allowed = [verb.split() for verb in allow]
    for words in allowed:
        if not words or words[0] not in PLACES or words[0] in SHUT:
            raise Invalid("allow", f"'{' '.join(words)}' is no command that can be let through", "GATE_VERB")
    listed = ", ".join(" ".join(words) for words in allowed)
    try:
        words = shlex.split(asked)
    except ValueError as error:
        raise Invalid("command", f"it can't be taken apart into words: {error}".lower(), "GATE_QUOTES") from None
    words = words[1:] if words[:1] == ["hostdeck"] else words
    if not words:
        raise Refused("gate", f"name a command; let through: {listed}", "GATE_EMPTY")
    if not any(words[: len(verb)] == verb for verb in allowed):
        raise Refused("gate", f"'{' '.join(words[:2])[:64]}' is not let through; let through: {listed}", "GATE_CLOSED")
    for word in words:
        if word.partition("=")[0] in CLOSED:
            raise Refused("gate", f"'{word.partition('=')[0]}' is not let through", "GATE_CLOSED")
    return words
