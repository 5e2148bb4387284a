"""The tree: from a group down to a step, and into each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.screens.seeing import press, until

from hostdeck.core.queries.tree import tree
from hostdeck.core.store.db import connection
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.tui.app import HostdeckApp
from hostdeck.tui.widgets.table import Table


def names(app: HostdeckApp) -> list[str]:
    return [row.name for row in app.screen.query_one(Table).rows.shown]


def test_only_what_is_open_is_read(seeded: Path) -> None:
    with connection():
        (group,) = tree(frozenset())
        assert (group.kind, group.name, group.inner) == ("group", "eu", Server.select().count())
        servers = tree(frozenset({group.path}))[1:]
        assert {row.depth for row in servers} == {1}
        web = next(row for row in servers if row.name == "web01")
        within = tree(frozenset({group.path, web.path}))
        services = [row for row in within if row.kind == "service"]
        assert len(services) == web.inner
        assert services[0].state == "error", "what is wrong stands first"
        tasks = [row for row in tree(frozenset({group.path, web.path, services[0].path})) if row.kind == "task"]
        assert len(tasks) == services[0].inner
        assert any(row.state == "failed" and "E_EXISTS" in row.says for row in tasks)


def test_servers_without_a_group_have_a_branch_of_their_own(seeded: Path) -> None:
    with connection():
        Server.update(group=None).where(Server.name == "web02").execute()
        rows = tree(frozenset({"no group"}))
        assert [row.name for row in rows if row.path.startswith("no group/")] == ["web02"]
        assert Group.select().count() == 1


async def test_one_goes_down_with_the_arrows_and_in_with_enter(app: HostdeckApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("t")
        await until(pilot, lambda: type(app.screen).__name__ == "Tree" and "web01" in names(app))
        while app.screen.query_one(Table).row.name != "web01":
            await pilot.press("down")
        await pilot.press("right")
        await until(pilot, lambda: "north-sail.net" in names(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ServiceScreen")
        await pilot.press("escape", "left")
        assert app.screen.query_one(Table).row.name == "web01", "closing what is closed goes up"
        await pilot.press("left")
        await until(pilot, lambda: "north-sail.net" not in names(app))
        await pilot.press("enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ServerScreen")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_picture(snap_compare: Any, app: HostdeckApp, size: tuple[int, int]) -> None:
    async def opened(pilot: Any) -> None:
        await press(pilot, "t")
        while app.screen.query_one(Table).row.name != "web01":
            await pilot.press("down")
        await press(pilot, "right", "down", "right")

    assert snap_compare(app, terminal_size=size, run_before=opened)
