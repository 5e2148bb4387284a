"""Tells people of tickets, by Apprise: a thread of the worker sends the messages that wait in the outbox.

Apprise is an extra, loaded here and only where addresses are set. An address holds its secrets in itself, so nothing
here ever shows one: people read which of them it is, by its place in the settings and its scheme.
"""

from __future__ import annotations

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from peewee import OperationalError

from hostdeck.core.domain.lifecycle import backoff
from hostdeck.core.domain.tickets import Event
from hostdeck.core.settings import Settings
from hostdeck.core.store import notices
from hostdeck.core.store.clock import since_boot
from hostdeck.core.store.db import connection
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.notices import TakenNotice
from hostdeck.queue import policy

EVERY = 2.0
PAUSE = 0.5
INSTALL = "pip install 'hostdeck[notify]'"
SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,19})://", re.IGNORECASE)
TYPE = {Event.OPENED: "failure", Event.APPENDED: "warning", Event.CLOSED: "success"}

log = logging.getLogger("hostdeck.worker")


@dataclass(frozen=True, slots=True)
class Address:
    """`name` is what may be shown of it; `send` takes title, body and Apprise's word for the kind, and says whether
    it was taken. None: Apprise can't read this address."""

    name: str
    send: Callable[[str, str, str], bool] | None


def addresses(settings: Settings) -> tuple[Address, ...]:
    """What the settings name, in their order; none where nothing is set, in a demo, or where Apprise is not installed
    (which is logged)."""
    if not settings.notify or settings.demo:
        return ()
    try:
        import apprise
    except ImportError:
        log.warning("notify: addresses are set, but Apprise is not installed; tickets are kept all the same, and to be "
                    "told of them: %s", INSTALL)  # fmt: skip
        return ()
    # Their own logs name hosts and paths, which for many services are the secret itself.
    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    asset = apprise.AppriseAsset(
        app_id="hostdeck", app_desc="hostdeck", secure_logging=True, async_mode=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )  # fmt: skip
    made = []
    for place, url in enumerate(settings.notify, 1):
        name = named(place, url)
        service = apprise.Apprise.instantiate(url, asset=asset)
        if service is None:
            log.warning("notify: %s is not an address that Apprise can read; see the examples in the README", name)
        made.append(Address(name, _sender(service)))
    return tuple(made)


def _sender(service: object) -> Callable[[str, str, str], bool] | None:
    if service is None:
        return None

    def send(title: str, body: str, kind: str) -> bool:
        return bool(service.notify(title=title, body=body, notify_type=kind, body_format="text"))  # type: ignore[attr-defined]

    return send


def named(place: int, url: str) -> str:
    """`address 2 (mailto)`: all that may be shown of one."""
    scheme = SCHEME.match(url)
    return f"address {place} ({scheme[1].lower()})" if scheme else f"address {place}"


class Notify(threading.Thread):
    """Sends what is due, every two seconds, until asked to stop; where nobody is to be told it ends at once."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        super().__init__(name="notify", daemon=True)
        self._settings = settings
        self._stop_asked = stop

    def run(self) -> None:
        known = addresses(self._settings)
        while known and not self._stop_asked.wait(EVERY):
            try:
                with connection():
                    deliver(known, self._stop_asked)
            except Exception:
                log.exception("notify: trying again in %.0f s; the messages stay in the database", EVERY)


def deliver(known: Sequence[Address], stop: threading.Event | None = None) -> int:
    """Sends every message that is due; how many were taken by their address."""
    taken = 0
    attempts, _ = policy.notify_policy()
    notices.address(len(known), utcnow())
    while not (stop and stop.is_set()) and (held := notices.take(attempts, utcnow())) is not None:
        taken += _send(held, known, attempts)
    return taken


def _send(held: TakenNotice, known: Sequence[Address], attempts: int) -> bool:
    trouble = _trouble(held, known)
    if trouble is None:
        _patiently(lambda: notices.sent(held, utcnow()))
        return True
    _, back_off = policy.notify_policy()
    again = None
    if held.attempt < attempts:
        again = utcnow() + timedelta(seconds=backoff(held.attempt, back_off, random.random()))
    error = trouble if again else f"given up after {held.attempt} attempts: {trouble}"
    _patiently(lambda: notices.failed(held, error, again))
    log.warning("notify: message %s, attempt %s of %s: %s", held.id, held.attempt, attempts, trouble)
    return False


def _patiently(write: Callable[[], object]) -> None:
    """Again and again where the database is locked or away: what is sent and not written down is sent twice."""
    end = since_boot() + notices.HOLD
    while True:
        try:
            write()
        except OperationalError as error:
            if since_boot() > end:
                raise
            log.warning("notify: %s; trying again", error)
            time.sleep(PAUSE)
        else:
            return


def _trouble(held: TakenNotice, known: Sequence[Address]) -> str | None:
    """Sends it; what went wrong, without a word of the address or of what it answered, which may hold its secrets."""
    if held.place > len(known):
        return f"there is no address {held.place} in notify any more"
    address = known[held.place - 1]
    if address.send is None:
        return f"{address.name} is not one that Apprise can read; mend it in notify and start the worker anew"
    try:
        taken = address.send(held.title, held.body, TYPE[held.event])
    except Exception as error:  # noqa: BLE001  (whatever a service's code may raise, its words may hold the address)
        return f"{address.name} raised {type(error).__name__}; try it by hand: apprise --verbose"
    return None if taken else f"{address.name} did not take it; is it up, and are name and password right?"
