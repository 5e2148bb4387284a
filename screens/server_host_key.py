"""A host key is fetched before any login, and pinned only once somebody has compared it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hostdeck.core.queries.rows import fingerprint
from hostdeck.screens.base import DeckScreen
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.dialogs import Confirm

FILES = {"ssh-ed25519": "ed25519", "ssh-rsa": "rsa"}


def compare_words(name: str, host: str, port: int, line: str) -> tuple[str, ...]:
    """What the dialog says: the key as OpenSSH prints it, and the command that prints it on the node."""
    kind = FILES.get(line.split(" ", 1)[0], "ecdsa")
    return (
        f"{host}:{port} shows this key. Nobody has logged in yet.",
        "",
        fingerprint(line),
        "",
        "Compare it on the node's own console:",
        f"ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub",
        "",
        f"If both are the same, it is {name}, and from now on it must show this key.",
    )


async def compare(
    screen: DeckScreen,
    name: str,
    host: str,
    port: int,
    then: Callable[[str], None],
    *,
    known: str = "",
    never: Callable[[], None] = lambda: None,
    failed: Callable[[Exception], None] | None = None,
) -> None:
    """Goes on with the public key in OpenSSH form once it is accepted, at once where it has the `known` fingerprint;
    `never` where the host can't be asked or the key is not accepted; `failed` says why it can't be asked, where it
    knows a better place for that than the notice."""
    screen.say(f"asking {host}:{port} for its host key; nobody logs in")
    try:
        line = await asyncio.to_thread(screen.deck.scan_host_key, host, port)
    except screen.refusals as error:
        screen.say(str(error), Tone.WRONG)
        if failed is not None:
            failed(error)
        never()
        return
    screen.say("")
    if known and fingerprint(line) == known:
        then(line)
        return

    def answered(same: bool | None) -> None:
        if same:
            then(line)
        else:
            screen.say(f"{name}: the key was not accepted; nothing was changed", Tone.WAITING)
            never()

    words = compare_words(name, host, port, line)
    dialog = Confirm(f"Is this the host key of {name}?", words, "It is the same", keep="Leave it", env=screen.deck.env)
    screen.app.push_screen(dialog, answered)
