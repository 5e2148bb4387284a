"""Settings that operators change while the worker runs, read anew for each task."""

from __future__ import annotations

from hostdeck.core.domain.actions import ACTIONS, Action, RetryPolicy
from hostdeck.core.domain.settings_keys import SETTING_BY_KEY
from hostdeck.core.store.fleet_models import Setting


def _number(key: str) -> float:
    row = Setting.get_or_none(Setting.key == key)
    return float(row.value if row else SETTING_BY_KEY[key].default)


def retry_policy(action: Action) -> RetryPolicy:
    """The action's own back-off, else the settings'."""
    if own := ACTIONS[action].retry:
        return own
    return RetryPolicy(base=_number("retry.base"), cap=_number("retry.cap"))


def log_cap() -> int:
    return int(_number("log.cap"))
