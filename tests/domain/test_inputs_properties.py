"""Whatever is typed: an accepted value has the promised form, and nothing but Invalid is ever raised."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain import inputs
from hostdeck.core.domain.text import clean_line
from hostdeck.core.errors import Invalid


def server_name(raw: str | bytes) -> str:
    return inputs.check_name(raw, "server", what="server")


CHECKERS: dict[Callable[[Any], object], str] = {
    inputs.check_domain: r"[a-z0-9-]+(\.[a-z0-9-]+)+",
    inputs.check_host: r"[a-z0-9.:-]+",
    inputs.check_ip: r"[0-9a-f.:]+",
    inputs.check_port: r"[1-9][0-9]{0,4}",
    inputs.check_ssh_user: r"[A-Za-z0-9._][A-Za-z0-9._-]*",
    inputs.check_fingerprint: r"SHA256:[A-Za-z0-9+/]{43}",
    inputs.check_username: r"[a-z][a-z0-9-]{0,28}[a-z0-9]",
    inputs.check_mailbox: r"[a-z0-9][a-z0-9._-]{0,63}",
    inputs.check_email: r"[a-z0-9._+-]+@[a-z0-9.-]+",
    inputs.check_person_name: r"[^\x00-\x1f\x7f-\x9f$<>\"]{1,64}",
    inputs.parse_quota: r"[0-9]+|unlimited",
    inputs.check_password: "None",
    inputs.check_private_key: "None",
    server_name: r"[a-z0-9][a-z0-9._-]{0,63}",
}

near_names = st.lists(
    st.one_of(
        st.text(max_size=4),
        st.text(st.characters(codec="utf-8", categories=("L", "M", "N")), max_size=8),
        st.sampled_from(
            ["xn--", "xn--80ak6aa92e", "xn--a", "www", ".", ".", ".com", "-", "--", "@", "\u3002", "a" * 60]
        ),
        st.sampled_from(
            ["\u0430\u0440\u0440", "\u200d", "\u212a", "\u037e", "1", "0x", "test", "::", "\udcff", "/tmp/"]
        ),
    ),
    max_size=8,
).map("".join)
typed = st.one_of(
    st.text(st.characters()), st.binary(), near_names, near_names.map(lambda s: s.encode(errors="replace"))
)


@pytest.mark.parametrize("check", CHECKERS, ids=lambda check: check.__name__)
@given(raw=typed)
def test_a_good_value_or_invalid(check: Callable[[Any], object], raw: str | bytes) -> None:
    try:
        value = check(raw)
    except Invalid as refused:
        message = str(refused)
        assert message == clean_line(message)
        assert len(message) < 250
        assert re.fullmatch(r"\w+: .+ \[[A-Z0-9_]+\]", message)
    else:
        assert re.fullmatch(CHECKERS[check], str(value))


@given(raw=near_names)
def test_a_checked_name_is_stable(raw: str) -> None:
    try:
        name = inputs.check_domain(raw, reserved_ok=True, confusable_ok=True)
    except Invalid:
        return
    assert inputs.check_domain(name, reserved_ok=True, confusable_ok=True) == name
    assert inputs.check_domain(inputs.unicode_form(name), reserved_ok=True, confusable_ok=True) == name
    owned = inputs.registrable(name)
    assert name == owned or inputs.parents_of(name)[-1] == owned


def test_a_plain_name_costs_little() -> None:
    script = """
import sys, time
from hostdeck.core.domain.inputs import check_domain
outside = {"idna", "publicsuffixlist", "confusable_homoglyphs", "cryptography", "asyncssh", "pydantic"}
assert not outside & set(sys.modules), outside & set(sys.modules)
start = time.perf_counter()
check_domain("example.com")
print(time.perf_counter() - start)
assert outside & set(sys.modules) == {"publicsuffixlist"}
"""
    # The best of three: the machine may be busy with the other tests.
    runs = [subprocess.run([sys.executable, "-c", script], capture_output=True, text=True) for _ in range(3)]
    assert [run.stderr for run in runs] == [""] * 3
    assert min(float(run.stdout) for run in runs) < 0.06
