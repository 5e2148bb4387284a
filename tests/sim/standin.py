"""A tiny account for tests of the SSH front: a few commands with known answers, and no Hestia behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hostdeck.core.sim.hestia.files import Files, MemoryFiles
from hostdeck.core.sim.reply import Reply


@dataclass
class StandIn:
    """`v-add-*` changes something and remembers the password file's text; the rest only talks."""

    files: Files = field(default_factory=MemoryFiles)
    users: dict[str, str | None] = field(default_factory=dict)
    half: list[str] = field(default_factory=list)

    @staticmethod
    def changes(argv: Sequence[str]) -> bool:
        return "/v-add-" in argv[0] or argv[0].startswith("v-add-")

    def run(self, argv: Sequence[str]) -> Reply:
        name, args = argv[0].rpartition("/")[2], list(argv[1:])
        match name:
            case "v-add-user":
                self.users[args[0]] = self.files.read(args[1]) if args[1:] else None
                return Reply(0)
            case "v-add-log":
                return Reply(0, "one\ntwo\nthree\n")
            case "v-list-users":
                return Reply(0, "".join(f"{user}\n" for user in self.users))
            case "crash":
                raise RuntimeError("a fault of the simulator's own")
            case "printf":
                return Reply(0, args[0])
            case "fail":
                return Reply(int(args[0]), "out without newline", "err line\n")
            case "cat":
                text = self.files.read(args[0])
                return Reply(1, "", "cat: no such file\n") if text is None else Reply(0, text)
        return Reply(127, "", f"env: '{argv[0]}': No such file or directory\n")

    def probe(self) -> str:
        return "uid=0\nprobe=end\n"

    def half_made(self, user: str, mark: str, stage: str) -> None:
        self.half.append(user)
