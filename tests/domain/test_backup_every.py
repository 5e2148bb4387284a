"""How often a backup is taken, as a product says it."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.backups import backup_hours, too_old
from hostdeck.core.domain.product import check_limits
from hostdeck.core.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "kept", "hours"),
    [("24h", "24h", 24), (" 7D ", "7d", 168), ("0", "0", 0), ("", "", 36), ("01h", "1h", 1), ("365d", "365d", 8760)],
)
def test_it_is_hours_or_days_or_never_or_the_setting(typed: str, kept: str, hours: float) -> None:
    checked = check_limits({"backup_every": typed}, "set")["backup_every"]
    assert (checked, backup_hours(checked, 36)) == (kept, hours)


@pytest.mark.parametrize("typed", ["24", "1w", "-1h", "0h", "0d", "366d", "9999h", "1.5h", "h", "unlimited"])
def test_anything_else_is_refused_by_name(typed: str) -> None:
    with pytest.raises(Invalid, match="24h or 7d") as refused:
        check_limits({"backup_every": typed}, "set")
    assert (refused.value.where, refused.value.code) == ("backup_every", "LIM_EVERY")


def test_a_rare_backup_is_late_a_day_after_its_time_and_a_frequent_one_by_the_setting() -> None:
    assert [too_old(every, 48) for every in ("7d", "2h", "0", "")] == [192, 48, 48, 48]
