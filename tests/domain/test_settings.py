"""Settings that need no reading are the same as those that were read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hostdeck.core.errors import Invalid
from hostdeck.core.settings import Settings, as_said, load_settings

WHOLE = TypeAdapter(Settings)
VALUES = st.one_of(
    st.text(max_size=4), st.sampled_from(["16", "none", "yes", "8"]), st.integers(-9, 9), st.booleans(),
    st.floats(-9, 9), st.none(), st.just(Path("/x")), st.lists(st.text(max_size=2), max_size=2),
    st.dictionaries(st.text(max_size=2), st.one_of(st.text(max_size=2), st.integers()), max_size=2),
)  # fmt: skip
CONSOLE = st.dictionaries(st.sampled_from(["theme", "color", "ascii", "mouse", "slow", "bell", "no"]), VALUES)
NAMES = [*(name for name in Settings.__annotations__ if not name.startswith("_") and name != "home"), "unknown"]


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4), st.one_of(st.none(), CONSOLE))
def test_what_is_taken_as_it_was_said_is_what_a_whole_reading_makes_of_it(
    said: dict[str, Any], console: dict[str, Any] | None
) -> None:
    values = {"home": Path("/h"), **said} | ({} if console is None else {"console": console})
    plain = as_said(Settings, values)
    if plain is not None:
        assert plain == WHOLE.validate_python(values)


def test_plain_values_are_taken_without_a_reading_and_others_are_read_or_refused(tmp_path: Path) -> None:
    (tmp_path / "hostdeck.toml").write_text(
        'env = "prod"\nworkers = 3\n[console]\ncolor = "16"\nslow = true\n[keys]\nhelp = "f1"\n'
    )
    values = {"home": tmp_path, "env": "prod", "workers": 3, "console": {"color": "16", "slow": True}}
    assert as_said(Settings, values | {"keys": {"help": "f1"}}) == load_settings(tmp_path, environ={})
    assert as_said(Settings, values | {"connect_timeout": 5}) is None
    assert load_settings(tmp_path, environ={"HOSTDECK_DNS_PORT": "5300"}).dns_port == 5300
    for wrong, where in (('workers = "many"', "workers"), ("speed = 3", "speed"), ("[console]\ncolor = 8", "console")):
        (tmp_path / "hostdeck.toml").write_text(wrong)
        with pytest.raises(Invalid, match=where):
            load_settings(tmp_path, environ={})
    for wrong, said in (("speed = 3", "there is no such setting"), ("console = 3", "it has to be a table")):
        (tmp_path / "hostdeck.toml").write_text(wrong)
        with pytest.raises(Invalid, match=said):
            load_settings(tmp_path, environ={})
    with pytest.raises(ValidationError):
        WHOLE.validate_python({"home": "/h", "speed": 3})
