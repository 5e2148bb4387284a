"""How Hestia's listings and exit codes are read.

Listings are printed by hand, without escaping, and may answer with another key than the one asked for
(`hestia.md` 3.2): what does not parse, or carries another name, is never taken for an empty list.
"""

from __future__ import annotations

import json
from typing import Any

from hostdeck.core.domain.exits import BY_NUMBER
from hostdeck.core.domain.text import clean_line
from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers.guard import StepResult
from hostdeck.core.errors import NotYet, Permanent, StepError, Taken, Transient

ABSENT, EXISTS = 3, 4
MOVED = 64
"""What a text of ours says where the node has become another since it was looked at; Hestia has no such code."""


def listing(result: StepResult, server: str) -> dict[str, Any] | None:
    """A JSON listing; None where the object is absent (exit 3). Transient where it can't be read whole."""
    if result.exit == ABSENT:
        return None
    if result.exit != 0:
        raise judge(result, server)
    try:
        value = json.loads(result.text)
    except ValueError:
        raise Transient(f"{server}: {result.step.shown()} answered with something that is not whole JSON") from None
    if not isinstance(value, dict):
        raise Transient(f"{server}: {result.step.shown()} answered with something that is not a listing")
    return value


def named_object(result: StepResult, key: str, server: str) -> dict[str, str] | None:
    """The one object asked for. Names are matched as patterns on the node, so another key can come back."""
    listed = listing(result, server)
    if listed is None:
        return None
    if key not in listed:
        raise Transient(
            f"{server}: {result.step.shown()} answered for {', '.join(map(clean_line, listed)) or 'nothing'}"
        )
    return dict(listed[key])


def owners_of(result: StepResult) -> frozenset[str]:
    """What v-search-domain-owner printed; nobody where it found none."""
    return frozenset(result.text.split()) if result.exit == 0 else frozenset()


def record_of(item: dict[str, str]) -> ZoneRecord:
    """A listed record; a type we do not keep stays as it is written, so that it never equals a wanted one."""
    kind, value = item["TYPE"], item["VALUE"]
    if kind == "TXT" and len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    try:
        known = RecordType(kind)
    except ValueError:
        return ZoneRecord(f"{item['RECORD']} ({kind})", RecordType.TXT, value)
    priority = int(item["PRIORITY"]) if item["PRIORITY"] and known in (RecordType.MX, RecordType.SRV) else None
    return ZoneRecord(item["RECORD"], known, value, priority, int(item.get("TTL") or 0))


TRANSIENT = frozenset({14, 15, 16, 17, 19, 20})
WAITING = frozenset({13})


def judge(result: StepResult, server: str) -> StepError:
    """The error an exit code stands for (`robustness.md` 2), in a sentence with the node's own words."""
    said = clean_line(" ".join(result.text.split()) or result.stderr.decode("utf-8", "replace").strip(), 300)
    known = BY_NUMBER.get(result.exit)
    meaning = known.shown if known else f"exit {result.exit}, an exit code Hestia does not document"
    if result.step.looks and result.exit == 0:
        return Taken(f"{server}: {result.step.shown()}: it is there already, and this step has not made it")
    text = f"{server}: {result.step.shown()}: {said or 'no message'} ({meaning})"
    if result.step.looks and result.exit == MOVED:
        return Transient(f"{server}: {result.step.shown()}: it has changed since it was looked at")
    if result.exit == EXISTS:
        return Taken(text)
    if result.exit in WAITING or (result.exit == ABSENT and _name(result) == "v-add-letsencrypt-domain"):
        return NotYet(text)
    if result.exit in TRANSIENT or result.exit >= 128:
        return Transient(text)
    return Permanent(text)


def _name(result: StepResult) -> str:
    return str(result.step.argv[0]).rsplit("/", 1)[-1]
