"""What a node can be asked of everything inside one account, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers.language import Question


@dataclass(frozen=True)
class InsideFacts:
    """By kind and name (as `domain.resync.Inside`); names without the account's, as rows have them."""

    inside: Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class AskInside(Question[InsideFacts]):
    """`roles`: what the account is for; nothing else of it is read."""

    decides: ClassVar[bool] = False
    user: str
    domain: str
    roles: tuple[Role, ...]
