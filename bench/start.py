"""How long a command takes to start, beside a program that only has typer."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from bench.house import Figure, house

RUNS = 9
BARE = """
import typer
app = typer.Typer()
@app.command()
def create(domain: str = "x") -> None:
    print(domain)
app()
"""


def _median(*commands: list[str]) -> list[float]:
    """Wall seconds of each command, taken in turn so that a busy machine treats them alike."""
    took: list[list[float]] = [[] for _ in commands]
    for _ in range(RUNS):
        for at, command in enumerate(commands):
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            took[at].append(time.perf_counter() - began)
    return [statistics.median(times) for times in took]


def measure() -> Iterator[Figure]:
    with house(("web01", "mx01", "ns01")) as (settings, _, _):
        (settings.home / "hostdeck.toml").write_text("reserved_domains = true\n")
        hostdeck = [sys.executable, "-m", "hostdeck", "--home", str(settings.home)]
        create = [*hostdeck, "service", "create", "bench.test", "--product", "basic", "--plan", "--json"]
        bare, help_, made = _median([sys.executable, "-c", BARE], [*hostdeck, "--help"], create)
    yield f"a bare typer program, median of {RUNS}", f"{bare * 1000:.0f} ms", ""
    yield "hostdeck --help", f"{help_ * 1000:.0f} ms", ""
    yield "hostdeck service create --plan --json", f"{made * 1000:.0f} ms", ""
    yield "create against a bare typer program", f"{made / bare:.1f} x", "at most 3 x"
