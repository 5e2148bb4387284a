"""The pages of a screen on the wall, as lines: they follow from what was read and from the room there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.text import Text

from hostdeck.core.queries.views import Attention, TaskRow
from hostdeck.core.queries.wall import NameserverZones, WallCounts, WallCourses, WallTasks, WallZones
from hostdeck.screens.wall_courses import load_lines, task_lines
from hostdeck.screens.wall_numbers import SHIFTED, beside, heading, number_lines
from hostdeck.tui.theme import Tone
from hostdeck.tui.widgets.columns import fitted
from hostdeck.tui.widgets.gauges import pill, task_pill
from hostdeck.tui.widgets.words import ago, joined, muted, plural, toned

PAGES = ("home", "tasks", "zones")
LEAST_WORST = 4
"""Rows of the worst that are kept before anything else gets room."""


@dataclass
class Known:
    """What was read so far, each part by a query of its own."""

    counts: WallCounts | None = None
    tasks: WallTasks | None = None
    courses: WallCourses | None = None
    zones: WallZones | None = None


@dataclass(frozen=True)
class Room:
    """How much there is of it, at which moment, and the size of the numbers (None: what suits it)."""

    width: int
    height: int
    now: datetime
    size: int | None = field(default=None)


def page_lines(page: str, known: Known, room: Room) -> list[Text]:
    """A page in `height` lines or fewer."""
    if known.counts is None:
        return [muted(" reading the database")]
    numbers = number_lines(known.counts, room.width, room.height, room.size)
    left = room.height - len(numbers)
    draw = {"home": _home, "tasks": _tasks, "zones": _zones}[page]
    return [*numbers, *draw(known, room, left)][: room.height]


def _home(known: Known, room: Room, height: int) -> list[Text]:
    assert known.counts is not None
    counts, courses = known.counts, known.courses
    if room.width >= 200:
        half = room.width // 2
        worst = worst_lines(counts, half - SHIFTED, height, room.now)
        upper = height * 3 // 5
        right = [
            *load_lines(courses, room.width - half, upper),
            *task_lines(courses, room.width - half, height - upper),
        ]
        return beside(worst, right, half)
    kept = min(max(1, len(counts.attention)), max(LEAST_WORST, height // 2))
    spare, tiers = height - 1 - kept, len(courses.load) if courses else 3
    if room.width >= 100:
        tall = min(spare, 1 + 6 * max(1, tiers))
        share = room.width * 5 // 8
        charts = beside(
            load_lines(courses, share - SHIFTED, tall), task_lines(courses, room.width - share, tall), share
        )
    else:
        tall = min(spare - 3, 3) if spare >= 4 + tiers else 0
        charts = [*load_lines(courses, room.width, spare - tall), *task_lines(courses, room.width, tall)]
    return [*worst_lines(counts, room.width, height - len(charts), room.now), *charts]


def worst_lines(counts: WallCounts, width: int, height: int, now: datetime) -> list[Text]:
    """As many as fit, the rest in words: a list on the wall never moves by itself."""
    lines = counts.attention
    if not counts.pulse.servers:
        return _filled("Worst first", [muted(" no servers yet")], width, height)
    if not lines:
        return _filled("Worst first", [toned(" nothing: all is well", Tone.OK)], width, height)
    room = max(1, height - 1)
    shown = lines if len(lines) <= room else lines[: room - 1]
    wide = max(16, min(44, width * 2 // 5))
    found = [_worst(line, wide, width, now) for line in shown]
    if len(shown) < len(lines):
        by_level = Counter(line.level for line in lines[len(shown) :])
        words = ", ".join(f"{count} {level}" for level, count in by_level.items())
        found.append(muted(f" and {len(lines) - len(shown)} more: {words}"))
    return _filled("Worst first", found, width, height, plural(len(lines), "thing"))


def _worst(line: Attention, wide: int, width: int, now: datetime) -> Text:
    age = fitted(muted(ago(line.since, now)), 4, right=True)
    what = f"#{line.id} {line.what}" if line.kind == "task" else line.what
    left = joined(" ", fitted(pill(line.level), 6), fitted(joined(what), wide), "  ", line.text)
    return joined(fitted(left, width - 6), " ", age)


def _filled(title: str, rows: Sequence[Text], width: int, height: int, note: str = "") -> list[Text]:
    lines = [heading(title, width, note), *rows][: max(0, height)]
    return [*lines, *(Text("") for _ in range(height - len(lines)))]


def _tasks(known: Known, room: Room, height: int) -> list[Text]:
    tasks = known.tasks
    if tasks is None:
        return []
    chart = task_lines(known.courses, room.width, min(height // 3, 9) if height >= 9 else 0)
    rest = height - len(chart)
    running = _listed("Under way", tasks.running, "nothing", room, (rest + 1) // 2)
    failed = _listed("Failed in 24 h", tasks.failed, "none", room, rest - len(running))
    return [*running, *failed, *chart]


def _listed(title: str, tasks: Sequence[TaskRow], none: str, room: Room, height: int) -> list[Text]:
    space = max(1, height - 1)
    shown = tasks if len(tasks) <= space else tasks[: space - 1]
    rows = [_task(task, room) for task in shown] or [muted(f" {none}")]
    if len(shown) < len(tasks):
        rows.append(muted(f" and {len(tasks) - len(shown)} more"))
    return _filled(title, rows, room.width, height, str(len(tasks)) if tasks else "")


def _task(task: TaskRow, room: Room) -> Text:
    width = room.width
    since = task.finished_at or task.started_at or task.created_at
    parts: list[Text | str] = [" ", fitted(task_pill(task), 9), fitted(joined(task.label), min(30, width // 3)), "  "]
    parts.append(fitted(joined(task.domain or task.target), max(14, min(32, width // 4))))
    parts += ["  ", fitted(joined(task.server or "-"), 12)]
    if width >= 100:
        parts += ["  ", (task.parked or task.error or "").split("\n")[0]]
    return joined(fitted(joined(*parts), width - 6), " ", fitted(muted(ago(since, room.now)), 4, right=True))


def _zones(known: Known, room: Room, height: int) -> list[Text]:
    zones = known.zones
    if zones is None:
        return []
    room_left = max(2, height - (3 if zones.failed else 0))
    shown = zones.servers if len(zones.servers) < room_left else zones.servers[: room_left - 2]
    rows = [_nameserver(row) for row in sorted(shown, key=lambda row: (-row.failed, row.server))]
    if len(shown) < len(zones.servers):
        rows.append(muted(f" and {len(zones.servers) - len(shown)} more nameservers"))
    rows = rows or [muted(" no nameservers yet")]
    servers = _filled("Zones by nameserver", rows, room.width, len(rows) + 1, plural(zones.zones, "zone"))
    rest = height - len(servers)
    failed = _listed("Deploys that stand failed", zones.failed, "none", room, rest) if rest > 1 else []
    return [*servers, *failed]


def _nameserver(row: NameserverZones) -> Text:
    counted = (
        (row.failed, "FAILED", Tone.WRONG), (row.deploying, "deploying", Tone.BUSY),
        (row.waiting, "waiting", Tone.WAITING), (row.active, "active", Tone.OK),
    )  # fmt: skip
    parts = [toned(f"{count} {word}  ", tone) for count, word, tone in counted if count]
    name = fitted(joined(row.server), 18)
    return joined(" ", name, "  ", fitted(muted(row.driver), 10), *(parts or [muted("no zones")]))
