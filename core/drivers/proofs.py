"""Reading an archive of a backup through to its end, where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hostdeck.core.domain.proofs import Parts
from hostdeck.core.drivers.language import Question


@dataclass(frozen=True)
class AskArchive(Question[Parts]):
    """All parts of one archive. It takes as long as the archive is large, and nobody has to wait for it."""

    decides: ClassVar[bool] = False
    seconds: ClassVar[float | None] = 3600.0
    archive: str
