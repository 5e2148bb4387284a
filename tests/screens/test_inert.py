"""Text from nodes and customers can't draw, click or end the console."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from tests.screens.seeing import press

from hostdeck.core.store.db import transaction
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.work_models import Product, Record, Service, Task
from hostdeck.tui.app import HostdeckApp

EVIL = "[/x] [@click=app.exit]click[/] [red]x\x1b]0;owned\x07\x1b[31m\u202e\x9b5m\r\n"
SCREENS = (
    (), ("2",), ("4",), ("4", "enter"), ("4", "enter", "right_square_bracket"), ("6",), ("6", "f"), ("4", "n"),
    *(("4", "end", "enter", *["right_square_bracket"] * tab) for tab in (1, 3, 4, 5, 6, 7, 8, 11)),
    *(("4", "end", "enter", *["right_square_bracket"] * 6, key) for key in ("enter", "delete")),
    ("2", "enter"), ("2", "enter", "left_square_bracket"), ("2", "enter", "right_square_bracket"), ("2", "e"),
)  # fmt: skip


@pytest.fixture
def poisoned(seeded: Path, seeds: ModuleType) -> Path:
    seeds.items()
    with transaction():
        Service.update(domain=f"a{EVIL}.org", error=EVIL, email=EVIL, why=[EVIL]).where(Service.id == 3).execute()
        Task.update(error=EVIL, target=EVIL).execute()
        Server.update(health_error=EVIL, hostname=EVIL, host_key=EVIL).execute()
        Product.update(name=EVIL).execute()
        Record.update(value=EVIL, name=EVIL).execute()
        for row in Item.select():
            wanted = {key: EVIL if isinstance(value, str) else value for key, value in row.wanted.items()}
            known = {"used_mb": EVIL, "size_mb": EVIL, "contents": EVIL}
            Item.update(name=f"{row.id}{EVIL}", wanted=wanted, known=known, error=EVIL).where(
                Item.id == row.id
            ).execute()
    for task in (28, 33):
        seeds.write_lines(task, 5, EVIL.replace("{", "{{"))
    return seeded


@pytest.mark.parametrize("keys", SCREENS, ids=lambda keys: "-".join(keys) or "home")
async def test_foreign_text_is_inert(
    poisoned: Path, make_app: Callable[..., HostdeckApp], keys: tuple[str, ...]
) -> None:
    app = make_app()
    async with app.run_test(size=(160, 50)) as pilot:
        await press(pilot, *keys)
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                assert not set(segment.text) & set("\x1b\x07\x9b\r\n\u202e")
                assert "@click" not in (segment.style.meta if segment.style else {})
        assert app.is_running
    assert app.return_code in (0, None)
