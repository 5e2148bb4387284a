"""A look that decides waits for whoever changes the node; statistics wait for nobody, and nobody for them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from hostdeck.core.drivers.guard import Guard, Lock
from hostdeck.core.drivers.hestia.driver import HestiaDriver
from hostdeck.core.drivers.language import AskUser, Question
from hostdeck.core.drivers.proofs import AskArchive
from hostdeck.core.drivers.usage import AskNodeUsage
from hostdeck.core.errors import NotYet


class Deaf:
    """Stands for a guard; keeps how it was asked to hold the node."""

    home, server = "/usr/local/hestia", "web01"

    async def run(self, lock: Lock, steps: object, deadline: float) -> None:
        self.held, self.deadline = lock, deadline
        raise NotYet("deaf")


@pytest.mark.parametrize(("question", "lock"), [(AskUser("ann"), Lock.SHARED), (AskNodeUsage(), Lock.NONE)])
async def test_only_a_look_that_decides_holds_the_node(question: Question[Any], lock: Lock) -> None:
    guard = Deaf()
    with pytest.raises(NotYet):
        await HestiaDriver(cast(Guard, guard), 60.0).ask(question)
    assert guard.held is lock


async def test_an_archive_is_read_for_as_long_as_it_takes_and_keeps_nobody_waiting() -> None:
    guard = Deaf()
    with pytest.raises(NotYet):
        await HestiaDriver(cast(Guard, guard), 60.0).ask(AskArchive("ann.tar"))
    assert (guard.held, guard.deadline) == (Lock.NONE, 3600.0)
