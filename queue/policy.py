"""Settings that operators change while the worker runs, read anew for each task."""

from __future__ import annotations

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS, RetryPolicy
from hostdeck.core.domain.settings_keys import SETTING_BY_KEY
from hostdeck.core.store.fleet_models import Setting


def _set(key: str) -> float | None:
    row = Setting.first_by(Setting.key, key)
    return float(row.value) if row else None


def _number(key: str) -> float:
    value = _set(key)
    return float(SETTING_BY_KEY[key].default) if value is None else value


def retry_policy(action: Action) -> RetryPolicy:
    """What is set for this action alone, else its own back-off, else what is set for all."""
    own = ACTIONS[action].retry
    base, cap = _set(f"retry.base.{action}"), _set(f"retry.cap.{action}")
    return RetryPolicy(
        base=base if base is not None else own.base if own else _number("retry.base"),
        cap=cap if cap is not None else own.cap if own else _number("retry.cap"),
    )


def seconds(key: str) -> float:
    """A setting that is a time."""
    return _number(key)


def log_cap() -> int:
    return int(_number("log.cap"))


def notify_policy() -> tuple[int, RetryPolicy]:
    """How often a message about a ticket is tried, and how long after each attempt the next one is."""
    return int(_number("notify.attempts")), RetryPolicy(_number("notify.base"), _number("notify.cap"))
