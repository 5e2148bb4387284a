"""A throw-away home with one pretend node and a worker of its own process, for the benchmarks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.simfleet import register, sim_fleet
from tests.workers import worker

from hostdeck.core.intents.base import Door
from hostdeck.core.settings import Settings, load_settings
from hostdeck.core.sim.fleet import SimFleet
from hostdeck.core.store.db import close_store, connection
from hostdeck.core.store.home import make_home

Figure = tuple[str, str, str]
"""What was measured, the value with its unit, and the bound it should keep."""


@contextmanager
def house(
    names: Sequence[str], faults: dict[str, list[str]] | None = None
) -> Iterator[tuple[Settings, SimFleet, Door]]:
    """Home, fleet and worker, all ended at the end."""
    with tempfile.TemporaryDirectory(prefix="hostdeck-bench-") as folder:
        settings = load_settings(Path(folder) / "home", environ={})
        door = Door("bench", reserved_ok=True)
        make_home(settings)
        with connection(), sim_fleet(names, faults=faults) as fleet:
            register(door, fleet)
            with worker(settings):
                yield settings, fleet, door
        close_store()
