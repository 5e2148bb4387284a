"""How a command ends that has begun tasks: with them as they are, or as they have become."""

from __future__ import annotations

from collections.abc import Sequence


def end_with(tasks: Sequence[int], wait: bool, timeout: float) -> int:
    """Shows the tasks, after waiting for them where that is asked for. Returns the exit code."""
    from hostdeck.core.domain.vocabulary import DONE
    from hostdeck.core.queries.tasks import task
    from hostdeck.tui.cli.waiting import wait_for_tasks
    from hostdeck.tui.cli.words import show_tasks

    done = wait_for_tasks(tasks, timeout) if wait else tuple(task(number) for number in tasks)
    show_tasks(done, empty="nothing was planned")
    return 0 if not wait or all(row.status in DONE for row in done) else 1
