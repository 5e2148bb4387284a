"""What an operator can set while everything runs (`setting list|set`): each key's default, bounds and hint."""

from __future__ import annotations

from dataclasses import dataclass

from hostdeck.core.domain.action_names import Action
from hostdeck.core.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class SettingKey:
    key: str
    default: str
    hint: str
    low: float
    high: float
    whole: bool = False


SETTING_KEYS = (
    SettingKey("retry.attempts", "3", "attempts before a task has failed for good", 1, 20),
    SettingKey("retry.base", "15", "seconds of back-off after the first attempt; doubles each time", 0.01, 900),
    SettingKey("retry.cap", "900", "longest back-off between two attempts, in seconds", 0.01, 21600),
    SettingKey(
        "log.cap", "1048576", "bytes kept of one task's log: its first quarter and its last three", 4096, 1 << 30
    ),
    SettingKey("collect.every", "300", "seconds between two collections of a server's figures", 5, 86400),
    SettingKey("usage.every", "900", "seconds between two looks at what a server's accounts use", 30, 86400),
    SettingKey(
        "backup.every", "0", "hours between two backups by hostdeck, unless a product says its own; 0: never", 0, 8760
    ),
    SettingKey("backup.max_age", "48", "hours after which Home says that an account has no newer backup", 1, 8760),
    SettingKey("ticket.open", "1", "1: a task that has failed for good opens a ticket; 0: none is opened", 0, 1, True),
    SettingKey("password.length", "20", "characters of a password that is made here", 12, 64, True),
    SettingKey("password.symbols", "0", "1: with symbols (- _ . + =), 0: letters and digits alone", 0, 1, True),
    SettingKey("notify.attempts", "12", "attempts to deliver a message about a ticket to one address", 1, 100, True),
    SettingKey("notify.base", "30", "seconds until its second attempt; doubles each time", 0.01, 3600),
    SettingKey("notify.cap", "3600", "longest time between two of them, in seconds", 0.01, 21600),
)
PER_ACTION = ("retry.attempts", "retry.base", "retry.cap")
"""Keys that may be set for one action alone: `retry.attempts.dns.deployZone`."""

SETTING_BY_KEY = {spec.key: spec for spec in SETTING_KEYS}


def _spec(key: str) -> SettingKey | None:
    general = next((base for base in PER_ACTION if key.startswith(f"{base}.")), None)
    if general is not None and key.removeprefix(f"{general}.") in list(Action):
        return SETTING_BY_KEY[general]
    return SETTING_BY_KEY.get(key)


def check_setting(key: str, value: str) -> str:
    """The value, if the key exists and the number is within its bounds."""
    spec = _spec(key)
    if spec is None:
        raise NotFound("setting", f"no setting is called '{key[:64]}'; see 'hostdeck setting list'")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not spec.low <= number <= spec.high or (spec.whole and not number.is_integer()):
        kind = "whole number" if spec.whole else "number"
        raise Invalid(key, f"use a {kind} from {spec.low:g} to {spec.high:g}", "SET_RANGE")
    return value
