"""The standard files of a group on a node: compared by digest first, written only where they differ."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from hostdeck.core.domain.action_args import FilesArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import FilesRead, Finding
from hostdeck.core.domain.standard_files import digest_of, is_allowed
from hostdeck.core.drivers.changes import PutFile
from hostdeck.core.drivers.language import AskFiles, Change, FileFacts
from hostdeck.core.errors import Permanent
from hostdeck.core.steps.base import Step, World, step
from hostdeck.core.transport.base import Secret


@step(Action.SERVER_PUSH_FILES)
class PushFiles(Step[FilesArgs, FileFacts]):
    def __init__(self, args: FilesArgs, world: World) -> None:
        super().__init__(args, world)
        self._texts: dict[str, str] = {}

    def prepare(self) -> None:
        """The texts as they stand in the rows now; one that has changed since the task was made is not sent."""
        texts = self.world.standard_files(self.args.group)
        for path, digest in self.args.files.items():
            if not is_allowed(path):
                raise Permanent(f"{path} lies in no folder of standard files; nothing was written")
            if path not in texts or digest_of(texts[path]) != digest:
                raise Permanent(
                    f"{path} of group '{self.args.group}' has been changed since this was asked for; nothing was "
                    f"written. Ask again: hostdeck group apply {self.args.group} --to files [FILE_MOVED]"
                )
            self._texts[path] = texts[path]

    def question(self) -> AskFiles:
        return AskFiles(tuple(self.args.files))

    def decide(self, found: FileFacts) -> tuple[Change, ...]:
        wrong = [path for path, digest in self.args.files.items() if found.digests.get(path) != digest]
        return tuple(PutFile(path, _line(self._texts[path]), self.args.files[path]) for path in wrong)

    def learn(self, found: FileFacts) -> tuple[Finding, ...]:
        return (FilesRead(dict(found.digests)),)

    def blank(self) -> FileFacts:
        return FileFacts(dict.fromkeys(self.args.files))

    def expect(self, found: FileFacts, changes: Sequence[Change]) -> FileFacts:
        written = {change.path: change.digest for change in changes if isinstance(change, PutFile)}
        return FileFacts(dict(found.digests) | written)


def _line(text: str) -> Secret:
    """One line that is never empty, as the guard takes it."""
    return Secret(":" + base64.b64encode(text.encode()).decode())
