"""The driver's fixed texts about `hestia.conf` and standard files (`core/drivers/hestia/config.py`), on the virtual
state.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence

from hostdeck.core.sim.hestia import shell
from hostdeck.core.sim.hestia.machine import Machine
from hostdeck.core.sim.reply import Reply

RunCommand = Callable[[Sequence[str]], Reply]
_SECRET = re.compile(r"(?!POLICY_).*(?:PASS|SECRET|TOKEN|_KEY$)")


def config_read(machine: Machine, words: Sequence[str], run: RunCommand) -> Reply:
    """The fixed text `config-read CONF`."""
    text = shell.text_of(machine, words[0])
    if text is None:
        return Reply(3)
    lines = text.splitlines()
    shown = [line for line in lines if not _SECRET.match(line.partition("=")[0])]
    return Reply(0, "".join(f"{line}\n" for line in [*shown, f"@lines {len(lines)}"]))


def config_set(machine: Machine, words: Sequence[str], run: RunCommand) -> Reply:
    """The fixed text `config-set CONF BIN { KEY SHOWN COUNT WORD... }...`."""
    conf, rest = words[0], list(words[2:])
    least = len(machine.book.config)
    if not _whole(machine, least):
        return Reply(6)
    machine.files.write(f"{conf}.hostdeck", shell.text_of(machine, conf) or "")
    before = dict(machine.book.config)
    out, code = "", 0
    while len(rest) >= 4:
        key, shown, count = rest[0], rest[1], int(rest[2])
        command, rest = rest[3 : 3 + count], rest[3 + count :]
        said = run([f"{words[1]}/{command[0]}", *command[1:]])
        output = (said.stdout + said.stderr).rstrip("\n")
        out += f"{shown}\n" + "".join(f"  {line}\n" for line in output.splitlines()) + f"@exit {said.exit} {key}\n"
        code = code or int(said.exit != 0)
        if not _whole(machine, least):
            machine.book.config = before
            return Reply(7, f"{out}@restored {key}\n")
    return Reply(code, out)


def _whole(machine: Machine, least: int) -> bool:
    config = machine.book.config
    return len(config) >= least and bool(config.get("ROOT_USER")) and bool(config.get("VERSION"))


def file_digests(machine: Machine, words: Sequence[str], run: RunCommand) -> Reply:
    """The fixed text `file-digests PATH...`."""
    texts = [shell.text_of(machine, path) for path in words]
    digests = ("-" if text is None else hashlib.sha256(_bytes(text)).hexdigest() for text in texts)
    return Reply(0, "".join(f"{digest}\n" for digest in digests))


def file_put(machine: Machine, words: Sequence[str], run: RunCommand) -> Reply:
    """The fixed text `file-put PATH SECRET_FILE`."""
    if shell.is_folder(machine, words[0]):
        return Reply(4)
    line = (machine.files.read(words[1]) or "").rstrip("\n")
    machine.files.write(words[0], base64.b64decode(line.removeprefix(":")).decode("utf-8", "surrogateescape"))
    return Reply(0)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


TEXTS = {
    "config-read": config_read,
    "config-set": config_set,
    "file-digests": file_digests,
    "file-put": file_put,
}
CHANGING = frozenset({"config-set", "file-put"})
