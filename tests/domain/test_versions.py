"""Versions that are known to be unsafe, and fleets that disagree."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.versions import mixed, parts, warnings
from hostdeck.core.domain.vocabulary import Driver


@pytest.mark.parametrize(
    ("version", "vulnerable"),
    [("1.9.4", True), ("1.9.8", True), ("1.9", True), ("v1.9.6", True), ("1.9.9", False), ("1.10.3", False),
     ("2.0", False), ("1.10.0~alpha", False), (None, False), ("", False), ("release", False)],
)  # fmt: skip
def test_a_hestia_below_1_9_9_is_vulnerable_and_an_unknown_version_is_not_blamed(
    version: str | None, vulnerable: bool
) -> None:
    said = warnings(Driver.HESTIA, version)
    assert bool(said) is vulnerable
    if vulnerable:
        assert said[0].startswith(f"vulnerable: HestiaCP {version} is older than 1.9.9")


def test_powerdns_has_numbers_of_its_own() -> None:
    assert warnings(Driver.POWERDNS, "1.2.3") == ()


def test_numbers_are_compared_as_numbers() -> None:
    assert (parts("1.10.3") or ()) > (parts("1.9.9") or ())


def test_nodes_of_one_panel_that_differ_are_named_oldest_first() -> None:
    fleet = [(Driver.HESTIA, "1.10.3"), (Driver.HESTIA, "1.9.6"), (Driver.POWERDNS, "4.7.3"), (Driver.HESTIA, None)]
    assert mixed(fleet) == "mixed versions: hestiacp 1.9.6, 1.10.3"
    assert mixed(fleet[2:]) == ""
