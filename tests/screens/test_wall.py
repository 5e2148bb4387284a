"""The screen for the wall: what it says, what it does not let anybody do, and when it says that it knows nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from peewee import PeeweeException
from tests.screens.seeing import settle
from tests.screens.test_bytes import IDLE_BUDGET, SECONDS
from tests.terminal import Terminal as Line

from hostdeck.core.domain.vocabulary import HealthState
from hostdeck.core.queries.reader import Reader
from hostdeck.core.queries.views import Attention
from hostdeck.core.store.db import close_store, connection, transaction
from hostdeck.core.store.figure_models import HealthSample
from hostdeck.core.store.fleet_models import Group, Server, Worker
from hostdeck.screens.home import Home
from hostdeck.screens.services import Services
from hostdeck.screens.wall import Wall
from hostdeck.screens.wall_pages import PAGES
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.cli.main import run
from hostdeck.tui.theme import glyphs
from hostdeck.tui.wall import WallApp
from hostdeck.tui.widgets.chart import chart, squeezed
from hostdeck.tui.widgets.digits import digits

RUNNER = Path(__file__).with_name("wall_runner.py")
SIZES = [(80, 24), (120, 36), (300, 80)]
OTHER_KEYS = (
    *"123456789:/?npjkgGdyzwcxreE", "0", "escape", "enter", "tab", "f1", "minus", "ctrl+p", "ctrl+q", "ctrl+c",
    "ctrl+r", "ctrl+s", "delete", "up", "down", "home",
)  # fmt: skip


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(seeds: Any) -> Clock:
    return Clock(seeds.NOW)


@pytest.fixture
def courses(seeded: Path, seeds: Any) -> None:
    """A day of load: an hour at 80 %, else 20; the mail servers' load is not known."""
    with transaction():
        for server in Server.select().where(Server.mail == False):  # noqa: E712  (SQL, not Python)
            HealthSample.insert_many(
                {"server": server, "at": seeds.before(minutes=5 * at), "load": 80 if 100 < at <= 112 else 20}
                for at in range(288)
            ).execute()


@pytest.fixture
def make_wall(seeded: Path, courses: None, clock: Clock, seeds: Any) -> Iterator[Callable[..., WallApp]]:
    readers: list[Reader] = []

    def make(rotate: float = 0, pages: tuple[str, ...] = PAGES) -> WallApp:
        readers.append(Reader())
        return WallApp(readers[-1], rotate, pages, "prod", clock, zone=UTC, home=seeded)

    yield make
    for reader in readers:
        reader.close()


async def drawn(pilot: Any) -> Wall:
    """Until all that the wall reads was read and drawn."""
    while not (isinstance(pilot.app.screen, Wall) and pilot.app.screen.is_mounted):
        await pilot.pause(0.02)
    screen = pilot.app.screen
    while any(watch.asked is None for watch in screen._watches if watch.visible()):
        await pilot.app.feed.beat()
        await pilot.pause()
    return await again(pilot)


async def again(pilot: Any) -> Wall:
    """One look at the database and one stroke of the clock more."""
    for watch in pilot.app.screen._watches:
        watch.wake()
    await pilot.app.feed.beat()
    pilot.app.screen.tick()
    await pilot.pause()
    await pilot.pause()
    assert isinstance(pilot.app.screen, Wall)
    return pilot.app.screen


def lines(app: Any) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


def text(app: Any) -> str:
    return "\n".join(lines(app))


# --------------------------------------------------------------------------------------------------------- what it says


async def test_each_number_is_three_rows_high_with_a_word_under_it(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall()
    async with app.run_test(size=(120, 36)) as pilot:
        await drawn(pilot)
        shown = lines(app)
        assert all(row in line for row, line in zip(digits("6", 1), shown[1:4], strict=True))
        assert re.search(r"SERVERS +SERVICES +TASKS +FAILED", shown[4])
        assert re.search(r"4 OK 1 WARN 1 DOWN +1 DEPLOYING 1 ERROR +1 RUN 10 WAIT +1 ticket open", shown[5])


async def test_the_worst_comes_first_with_its_age(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall()
    async with app.run_test(size=(120, 36)) as pilot:
        await drawn(pilot)
        worst = [line.split()[0] for line in lines(app) if re.match(r" +(FAIL|DOWN|WARN) ", line)]
        assert worst == ["FAIL", "DOWN", "WARN"]
        assert re.search(r"DOWN +mx02 +mx02: no answer on port 22 within 10 s +4m", text(app))


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36), (300, 80)])
async def test_what_does_not_fit_is_counted_in_words(make_wall: Callable[..., WallApp], size: tuple[int, int]) -> None:
    app = make_wall()
    async with app.run_test(size=size) as pilot:
        screen = await drawn(pilot)
        found = screen._known.counts
        assert found is not None
        more = tuple(
            Attention(level="WARN", kind="server", id=n, what=f"w{n}", text="full", since=None) for n in range(100)
        )
        screen._counted(found.model_copy(update={"attention": found.attention + more}))
        await pilot.pause()
        rows = [line for line in lines(app) if re.match(r" +(FAIL|DOWN|WARN) ", line)]
        assert len(rows) >= 2
        assert f"and {103 - len(rows)} more: " in text(app)
        assert "q q leave" in text(app)


async def test_the_load_of_a_day_has_its_least_its_most_and_what_it_is_now(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall()
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        assert re.search(r"WEB .*min 20%  max 80%  now 20%", text(app))
        assert re.search(r"MAIL .*min -  max -  now -", text(app))
        assert re.search(r"failed .*min 0  max 1  now 0", text(app))
        assert re.search(r"done .*min 0  max 5  now 5", text(app))


def test_one_failure_among_many_is_seen_and_none_is_a_ground_line() -> None:
    assert chart([0, 1, 100, None], 1, 100) == ["▁▂█ "]
    assert chart([0, 40, 100], 2, 100) == ["  █", "▁▇█"]
    assert squeezed([1, None, 3, 5], 2, max) == [1, 5]
    assert squeezed([None, None, 3, 5], 2, max) == [None, 5]


async def test_the_pages_of_tasks_and_zones_list_what_is_wrong(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall()
    async with app.run_test(size=(120, 36)) as pilot:
        await drawn(pilot)
        await pilot.press("right")
        assert re.search(r"running +Configuring mail hosting +baltic-tea.eu", text(app))
        assert re.search(r"failed +Configuring mail hosting +north-sail.net +mx01 +mx01: domain exists", text(app))
        await pilot.press("right")
        assert re.search(r"ns1 +hestiacp +1 active", text(app))
        assert "page 3/3" in text(app)


async def test_a_worker_that_stops_and_starts_again_is_seen(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall()
    async with app.run_test(size=(120, 36)) as pilot:
        await drawn(pilot)
        assert "NO WORKER" not in text(app)
        for stopped, said in ((True, True), (False, False)):
            with transaction():
                Worker.update(stopped_at=app.clock() if stopped else None).execute()
            await again(pilot)
            assert ("NO WORKER" in text(app)) is said


# ------------------------------------------------------------------------------------------------- what it is honest of


async def test_a_database_that_is_away_turns_the_whole_page_and_back(
    make_wall: Callable[..., WallApp], clock: Clock, seeded: Path
) -> None:
    app, file = make_wall(), seeded / "hostdeck.db"
    async with app.run_test(size=(120, 36)) as pilot:
        await drawn(pilot)
        assert "data live" in text(app)
        file.rename(seeded / "away.db")
        clock.on(seconds=20)
        await again(pilot)
        assert "data 20s old" in text(app)
        assert "4 OK" in text(app)
        clock.on(seconds=11)
        await again(pilot)
        assert "NO DATA SINCE 21:12" in text(app)
        assert f"{file} is gone" in text(app)
        assert not re.search(r"\bOK\b|SERVERS|Worst", text(app))
        (seeded / "away.db").rename(file)
        await again(pilot)
        assert "NO DATA" not in text(app)
        assert "4 OK 1 WARN 1 DOWN" in text(app)
        assert "data live" in text(app)


async def test_figures_that_nobody_collects_turn_the_whole_page(
    make_wall: Callable[..., WallApp], clock: Clock, seeds: Any
) -> None:
    """Collected every 300 s, last 240 s ago: after 90 s more they are 30 s too old."""
    app = make_wall()
    async with app.run_test(size=(120, 36)) as pilot:
        await drawn(pilot)
        clock.on(seconds=90)
        await again(pilot)
        assert "NO DATA" not in text(app)
        clock.on(seconds=1)
        await again(pilot)
        assert "NO DATA SINCE 21:08" in text(app)
        assert "tasks: 1 running, 10 waiting, 1 failed" in text(app)
        assert "start it: hostdeck worker" in text(app)
        assert not re.search(r"\d OK", text(app))
        with transaction():
            Server.update(collected_at=clock.now, health=HealthState.OK).execute()
        await again(pilot)
        assert "5 OK 1 WARN" in text(app)


async def test_a_read_that_never_ends_is_no_data_either(make_wall: Callable[..., WallApp], clock: Clock) -> None:
    app = make_wall()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await drawn(pilot)
        async with app.feed._beating:
            clock.on(seconds=31)
            screen.tick()
            await pilot.pause()
            assert "NO DATA SINCE 21:12" in text(app)


# ----------------------------------------------------------------------------------------------- what it lets nobody do


async def test_every_other_key_does_nothing(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall()
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        before = text(app)
        await pilot.press(*OTHER_KEYS)
        assert text(app) == before
        assert len(app.screen_stack) == 2


async def test_over_the_console_the_consoles_keys_do_nothing(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press("4")
        await settle(pilot)
        await pilot.press("0")
        await drawn(pilot)
        await pilot.press("space")
        before, depth = text(app), len(app.screen_stack)
        await pilot.press(*(key for key in OTHER_KEYS if key != "escape"))
        assert (text(app), len(app.screen_stack)) == (before, depth)
        await pilot.press("q")
        assert "q again to leave the wall" in text(app)
        await pilot.press("q")
        assert isinstance(app.screen, Services)


async def test_the_word_opens_it_too_and_esc_comes_back_to_the_console(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press(":", *"wall", "enter")
        await drawn(pilot)
        assert isinstance(app.screen, Wall)
        await pilot.press("escape")
        assert isinstance(app.screen, Home)


async def test_a_notice_is_not_shown_on_the_wall(app: HostdeckApp, make_wall: Callable[..., WallApp]) -> None:
    for one in (app, make_wall()):
        async with one.run_test(size=(120, 36)) as pilot:
            if one is app:
                await settle(pilot)
                await pilot.press("0")
            await drawn(pilot)
            before = text(one)
            one.notify("something has failed", severity="error")
            await pilot.pause()
            assert text(one) == before


async def test_space_holds_the_page_and_lets_it_go(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall(rotate=20)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await drawn(pilot)
        screen._turned_at -= 21
        await again(pilot)
        assert "page 2/3" in text(app)
        await pilot.press("space")
        screen._turned_at -= 21
        await again(pilot)
        assert "page 2/3" in text(app)
        assert "held" in lines(app)[0] + lines(app)[1]
        await pilot.press("space")
        await again(pilot)
        assert re.search(r"next (20|19)s", text(app))


async def test_the_pages_turn_by_themselves(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall(rotate=1, pages=("tasks", "zones"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await drawn(pilot)
        seen: set[str] = set()
        end = time.monotonic() + 30
        while seen != {"tasks", "zones"} and time.monotonic() < end:
            seen.add(screen.page)
            await pilot.pause(0.1)
        assert seen == {"tasks", "zones"}


async def test_the_arrows_turn_the_pages_round(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall(pages=("home", "zones"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await drawn(pilot)
        seen = []
        for key in ("right", "right", "left"):
            await pilot.press(key)
            seen.append(screen.page)
        assert seen == ["zones", "home", "zones"]


async def test_plus_and_underscore_change_the_size_of_the_numbers(make_wall: Callable[..., WallApp]) -> None:
    app = make_wall()
    async with app.run_test(size=(160, 45)) as pilot:
        await drawn(pilot)

        def at() -> int:
            return next(y for y, line in enumerate(lines(app)) if "SERVERS" in line)

        found = [at()]
        for key in ("plus", "plus", "plus", "underscore", "underscore", "underscore", "underscore"):
            await pilot.press(key)
            found.append(at())
        assert found == [4, 6, 11, 11, 6, 4, 2, 2]


async def test_the_picture_moves_by_a_cell_each_hour_and_stays_whole(
    make_wall: Callable[..., WallApp], clock: Clock
) -> None:
    app, seen = make_wall(), []
    async with app.run_test(size=(80, 24)) as pilot:
        await drawn(pilot)
        for _ in range(5):
            await again(pilot)
            shown = lines(app)
            y = next(y for y, line in enumerate(shown) if "hostdeck WALL" in line)
            seen.append((shown[y].index("hostdeck"), y))
            assert "q q leave" in shown[y + 22]
            clock.on(hours=1)
    assert len(set(seen)) == 4
    assert seen[4] == seen[0]
    assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 for a, b in pairwise(seen))


async def test_in_ascii_everything_is_ascii(make_wall: Callable[..., WallApp], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTDECK_ASCII", "1")
    glyphs.cache_clear()
    try:
        app = make_wall()
        async with app.run_test(size=(120, 36)) as pilot:
            await drawn(pilot)
            for _ in PAGES:
                assert text(app).isascii()
                await pilot.press("right")
            await pilot.press("plus")
            assert text(app).isascii()
            assert digits("8", 1) == [" _ ", "|_|", "|_|"]
    finally:
        glyphs.cache_clear()


def test_the_walls_process_knows_no_way_to_change_anything() -> None:
    code = "import sys, hostdeck.tui.wall, hostdeck.tui.cli.wall; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    never = ("hostdeck.core.intents", "hostdeck.core.steps", "hostdeck.queue", "asyncssh", "huey")
    assert [name for name in done.stdout.split() if name.startswith(never)] == []


class Terminal:
    """What says that it is one."""

    def isatty(self) -> bool:
        return True


def test_the_command_opens_the_database_so_that_a_write_is_refused(
    seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def instead(app: WallApp, **how: Any) -> None:
        with connection(), pytest.raises(PeeweeException, match="readonly"):
            Group.create(name="us")
        asked.update(how, pages=app._wall._pages, rotate=app._wall._rotate)

    monkeypatch.setattr(WallApp, "run", instead)
    monkeypatch.setattr("hostdeck.tui.cli.wall.sys.stdin", Terminal())
    monkeypatch.setattr("hostdeck.tui.cli.wall.sys.stdout", Terminal())
    seeded.chmod(0o700)
    close_store()
    assert run(["wall", "--home", str(seeded), "--rotate", "7", "--pages", "zones, home,zones"]) == 0
    assert asked == {"mouse": False, "pages": ("zones", "home"), "rotate": 7}
    with connection():
        assert Group.select().where(Group.name == "us").count() == 0


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("--pages", "home,cellar"), 2, "pages: there is no page 'cellar'; there are home, tasks, zones"),
        (("--pages", ","), 2, "pages: name at least one page; there are home, tasks, zones"),
        (("--json",), 4, "it draws screens, no JSON"),
        ((), 4, "it needs a terminal"),
    ],
)
def test_the_command_says_what_it_does_not_understand(
    seeded: Path, capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], code: int, said: str
) -> None:
    seeded.chmod(0o700)
    assert run(["wall", "--home", str(seeded), *argv]) == code
    assert said in "".join(capsys.readouterr())


def test_an_idle_wall_sends_next_to_nothing(seeded: Path, courses: None) -> None:
    """Its countdown moves, nothing else."""
    line = Line([sys.executable, str(RUNNER), str(seeded)])
    try:
        line.read_until(b"Load by tier")
        line.read_for(1.5)
        per_second = len(line.read_for(SECONDS)) / SECONDS
    finally:
        line.close()
    print(f"idle wall: {per_second:.0f} B/s")  # noqa: T201
    assert 0 < per_second < IDLE_BUDGET


# ------------------------------------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36", "300x80"])
def test_home(snap_compare: Any, make_wall: Callable[..., WallApp], size: tuple[int, int]) -> None:
    assert snap_compare(make_wall(), terminal_size=size, run_before=drawn)


@pytest.mark.parametrize("page", ["tasks", "zones"])
@pytest.mark.parametrize("size", SIZES[:2], ids=["80x24", "120x36"])
def test_page(snap_compare: Any, make_wall: Callable[..., WallApp], page: str, size: tuple[int, int]) -> None:
    assert snap_compare(make_wall(pages=(page,)), terminal_size=size, run_before=drawn)


def test_home_without_colour(
    snap_compare: Any, make_wall: Callable[..., WallApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(make_wall(), terminal_size=(120, 36), run_before=drawn)


@pytest.mark.parametrize("size", SIZES[:2], ids=["80x24", "120x36"])
def test_no_data(snap_compare: Any, make_wall: Callable[..., WallApp], clock: Clock, size: tuple[int, int]) -> None:
    async def late(pilot: Any) -> None:
        await drawn(pilot)
        clock.on(minutes=9)
        await again(pilot)

    assert snap_compare(make_wall(), terminal_size=size, run_before=late)
