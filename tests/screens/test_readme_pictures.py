"""The README's pictures show the console as it is."""

from __future__ import annotations

import pytest
from bench.pictures import CONSOLE, FOLDER, draw

NAMES = (*CONSOLE, "wall")


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return draw()


@pytest.mark.xdist_group("readme")
@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_what_the_screen_shows_now(drawn: dict[str, str], name: str) -> None:
    same = drawn[name] == (FOLDER / f"{name}.svg").read_text("utf-8")
    assert same, f"snapshots/readme/{name}.svg is another screen than the console's now; run: make pictures"


@pytest.mark.xdist_group("readme")
def test_there_is_no_picture_too_many_and_none_asks_another_site(drawn: dict[str, str]) -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(drawn) == set(NAMES)
    assert not any("url(http" in svg or "@font-face" in svg for svg in drawn.values())
