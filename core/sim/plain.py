"""The few ordinary programs a guarded step may call on any node, over the node's own files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from hostdeck.core.sim.hestia.files import Files
from hostdeck.core.sim.reply import Reply


def plain(argv: Sequence[str], files: Files) -> Reply:
    """`cat FILE...`, `test -s|-f|-e FILE`, `true`, `false`, `echo`, and the fixed text `put`."""
    name, args = PurePosixPath(argv[0]).name, list(argv[1:])
    match name, args:
        case "true", _:
            return Reply(0)
        case "false", _:
            return Reply(1)
        case "echo", _:
            return Reply(0, " ".join(args) + "\n")
        case "cat", [_, *_]:
            texts = [(path, files.read(path)) for path in args]
            missing = [f"cat: {path}: No such file or directory\n" for path, text in texts if text is None]
            return Reply(1 if missing else 0, "".join(text or "" for _, text in texts), "".join(missing))
        case "test", ["-s" | "-f" | "-e" as how, path]:
            text = files.read(path)
            return Reply(0 if text or (text is not None and how != "-s") else 1)
        case "bash", ["--noprofile", "--norc", "-c", _, "put", path, *lines]:
            files.write(path, "".join(f"{line}\n" for line in lines) or "\n")
            return Reply(0)
    return Reply(127, "", f"env: '{argv[0]}': No such file or directory\n")
