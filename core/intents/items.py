"""Adding, changing and removing what is inside a service. Each is a row that says what is wanted, and a task that goes
and sees to it; the service's own status has nothing to do with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.inputs import check_password
from hostdeck.core.domain.item_checks import Checked, Place, check_item
from hostdeck.core.domain.item_specs import MailboxSpec, WebsiteSpec, spec_of
from hostdeck.core.domain.item_tasks import PlacedItem, item_task
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.domain.mailbox_names import in_the_way
from hostdeck.core.domain.passwords import make_password
from hostdeck.core.domain.pipeline import PlannedAccount
from hostdeck.core.domain.settings_keys import SETTING_BY_KEY
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Mode, Role, ServiceId, ServiceStatus
from hostdeck.core.errors import Conflict, Invalid, NotFound
from hostdeck.core.intents.base import Change, Door
from hostdeck.core.intents.certificate_seeds import seed_beside, seeded_hosts
from hostdeck.core.intents.inside import BUILDING, account_holding, begin, held
from hostdeck.core.intents.sold_password import send_password, sold_mailbox
from hostdeck.core.intents.standing import role_of
from hostdeck.core.intents.waiting import waiting_task
from hostdeck.core.store import items
from hostdeck.core.store.fleet_models import Setting
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.seal import seal
from hostdeck.core.store.work_models import Service

ONE_OF_EACH = frozenset({ItemKind.WEBSITE, ItemKind.MAIL_DOMAIN})
"""Settings of what a service has one of: the first change writes their row."""


SAID = 200
"""So much of each field stands in the audit."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An item and the task that sees to it; `password` is shown once, to whoever made it."""

    item: int
    kind: ItemKind
    name: str
    task: int
    password: str | None = None


def add_item(
    door: Door, service: int, kind: ItemKind, name: str, fields: Mapping[str, str], password: str | None = None
) -> Deed:
    """Writes the row and its task. Invalid [MBX_* DB_* FTP_* CRN_* PWD_*]; Conflict where the name is taken, the limit
    reached, or the service closed."""
    with door.change(f"{kind}.add", f"service #{service}") as change:
        return write_item(change, held(service, also=BUILDING), kind, name, fields, password)


def write_item(
    change: Change, row: Service, kind: ItemKind, name: str, fields: Mapping[str, str], password: str | None
) -> Deed:
    """As `add_item`, of a service that is held already, inside a change that is under way."""
    account, checked = new_item(row, kind, name, fields, password)
    item = Item.create(
        service=row,
        server=account.server.id,
        kind=kind,
        name=checked.name,
        wanted=checked.spec.model_dump(mode="json"),
    )
    shown = _set_password(item, password) if KINDS[kind].has_password else None
    deed = see_to(change, row, account, item, KINDS[kind].add, shown)
    _remember(change, fields)
    return deed


def _remember(change: Change, fields: Mapping[str, str]) -> None:
    """What was asked for, in the audit; none of it is secret."""
    change.detail = change.detail | {"fields": {key: safe(text[:SAID]) for key, text in fields.items()}}


def new_item(
    row: Service, kind: ItemKind, name: str, fields: Mapping[str, str], password: str | None, above: Sequence[Item] = ()
) -> tuple[PlannedAccount, Checked]:
    """What `write_item` would write; raises the same refusals, and writes nothing. `above` are items of the service
    that would be written before it."""
    account = account_for(row, kind, KINDS[kind].role)
    checked = check_item(kind, name, fields, Place(row.domain, account.username))
    refuse_taken(row, kind, checked, above=above)
    refuse_full(row, kind, 1 + len(above))
    if password is not None:
        check_password(password)
    return account, checked


def change_item(
    door: Door,
    service: int,
    kind: ItemKind,
    key: str,
    fields: Mapping[str, str],
    password: str | None = None,
    *,
    renew: bool = False,
) -> Deed:
    """Changes the fields that are given; the others stay. Settings have no key. `renew`: and its password, made here
    unless one is given; all of it or nothing."""
    with door.change(f"{kind}.change", f"service #{service}") as change:
        row = held(service, also=BUILDING)
        account = account_for(row, kind, KINDS[kind].role)
        place = Place(row.domain, account.username)
        if not fields:
            raise Invalid("change", "say what shall be changed", "ITEM_NOTHING")
        item = _settings_of(row, account, kind) if kind in ONE_OF_EACH else find(row, kind, key)
        refuse_going(item)
        before = items.kept([item]) if item.task is not None or item.seen_at is not None else {str(item.id): {}}
        checked = check_item(kind, item.name, fields, place, spec_of(kind, item.wanted))
        if checked.name != item.name or kind is ItemKind.MAILBOX:
            refuse_taken(row, kind, checked, beside=item.id)
        added: set[str] = set()
        if isinstance(checked.spec, WebsiteSpec) and "aliases" in fields:
            names, had = checked.spec.aliases or (), item.wanted.get("aliases")
            _refuse_aliases(row, names)
            added = set(names) - set(seeded_hosts(row, Role.WEB) if had is None else had)
        if renew and not KINDS[kind].has_password:
            raise Invalid("password", f"a {KINDS[kind].noun} has none", "ITEM_FIELD")
        item.name, item.wanted = checked.name, checked.spec.model_dump(mode="json")
        item.save()
        shown = _set_password(item, password) if renew else None
        deed = see_to(change, row, account, item, KINDS[kind].change, shown, before=before)
        _remember(change, fields)
        if added:
            seed_beside(row, Role.WEB)
        return deed


def reset_password(door: Door, service: int, kind: ItemKind, key: str, password: str | None = None) -> Deed:
    """Gives it a new password, made here unless one is given."""
    with door.change(f"{kind}.password", f"service #{service}") as change:
        row = held(service, also=BUILDING)
        if not KINDS[kind].has_password:
            raise Invalid("password", f"a {KINDS[kind].noun} has none", "ITEM_FIELD")
        if row.mode is Mode.VANITY and kind is ItemKind.MAILBOX:
            item = sold_mailbox(row, key)
            shown = _set_password(item, password)
            task = send_password(row, item)
            change.object, change.detail = f"mailbox of {row.domain}", {"task": task}
            return Deed(item.id, kind, item.name, task, shown)
        item = find(row, kind, key)
        refuse_going(item)
        account = account_for(row, kind, role_of(item))
        before = items.kept([item])
        shown = _set_password(item, password)
        return see_to(change, row, account, item, KINDS[kind].change, shown, before=before)


def remove_item(door: Door, service: int, kind: ItemKind, key: str) -> Deed:
    """It goes from the node, then its row goes."""
    with door.change(f"{kind}.remove", f"service #{service}") as change:
        row = held(service, also=BUILDING)
        item = find(row, kind, key)
        account = account_for(row, kind, role_of(item))
        before = items.kept([item])
        Item.update(status=ItemStatus.REMOVING, secret=None).where(Item.id == item.id).execute()
        return see_to(change, row, account, item, KINDS[kind].remove, before=before)


# ---------------------------------------------------------------------------------------------- for this and its kin


def account_for(row: Service, kind: ItemKind, role: Role) -> PlannedAccount:
    """The account of a role; a role that is off has no items (`features.md` 27)."""
    noun = KINDS[kind].nouns
    if row.mode is Mode.VANITY and role is Role.MAIL:
        raise Conflict(
            "service",
            f"{row.domain} is a sold name: it has one mailbox, and its password is all that can be changed",
            "ITEM_VANITY",
        )
    account = account_holding(row, role)
    if account is None:
        raise Conflict("service", f"{row.domain} has no {noun}: {role} is off in its product", "ITEM_ROLE_OFF")
    return account


def find(row: Service, kind: ItemKind, key: str) -> Item:
    """An item of a service by its name, or by its number."""
    mine = Item.select().where(Item.service == row, Item.kind == kind)
    bare = key.strip().lower().removesuffix(f"@{row.domain}")
    item = mine.where(Item.name == bare).first() or mine.where(Item.name == key).first()
    number = key.lstrip("#")
    if item is None and number.isascii() and number.isdigit() and len(number) < 19:
        item = mine.where(Item.id == int(number)).first()
    if item is None:
        text = f"{row.domain} has no {KINDS[kind].noun} '{safe(key)}'; see: hostdeck service items {row.id} {kind}"
        raise NotFound(kind, text)
    found: Item = item
    return found


def refuse_going(item: Item) -> None:
    if item.status is ItemStatus.REMOVING:
        raise Conflict(item.kind, f"'{item.name}' is being removed; see how task #{item.task} ends", "ITEM_GOING")


def refuse_taken(
    row: Service, kind: ItemKind, checked: Checked, beside: int | None = None, above: Sequence[Item] = ()
) -> None:
    """A name is one item's, and of mailboxes no alias of another either."""
    others = Item.select().where(Item.service == row, Item.kind == kind)
    others = [*(others if beside is None else others.where(Item.id != beside)), *above]
    if taken := next((item for item in others if item.name == checked.name), None):
        going = " and is being removed" if taken.status is ItemStatus.REMOVING else ""
        which = f"{kind} #{taken.id}" if taken.id else f"a {kind} of a line above"
        raise Conflict(kind, f"'{safe(checked.name)}' is {which} already{going}", "ITEM_TAKEN")
    if isinstance(checked.spec, MailboxSpec):
        _refuse_alias(checked, others)


def _refuse_alias(checked: Checked, others: Sequence[Item]) -> None:
    spec = checked.spec
    assert isinstance(spec, MailboxSpec)
    for item in others:
        theirs = {item.name, *item.wanted.get("aliases", ())}
        if clash := theirs & {checked.name, *spec.aliases}:
            raise Conflict("mailbox", f"'{min(clash)}' is a name of mailbox '{item.name}' already", "ITEM_TAKEN")
        for name in (checked.name, *spec.aliases):
            if (other := in_the_way(name, theirs)) is not None:
                text = f"'{name}' and '{other}' are one to the panel, in whose lists a dot is any character"
                raise Conflict("mailbox", text, "MAIL_ALIKE")


def _refuse_aliases(row: Service, aliases: Sequence[str]) -> None:
    """No more than the product allows, and none that is a service's own domain."""
    limit = row.limits.get("web_aliases", "unlimited")
    if limit.isdigit() and len(aliases) > int(limit):
        text = f"{len(aliases)} aliases, {limit} are allowed; change the product for more [web_aliases]"
        raise Conflict("aliases", text, "ITEM_LIMIT")
    bare = {alias.removeprefix("www.") for alias in aliases} - {row.domain}
    live = Service.status != ServiceStatus.TERMINATED
    if other := Service.get_or_none(live, Service.id != row.id, Service.domain.in_(sorted(bare))):
        raise Conflict("aliases", f"'{other.domain}' is service #{other.id}", "DOM_TAKEN")


def refuse_full(row: Service, kind: ItemKind, more: int = 1) -> None:
    """Counted from our rows; whether the node has them all yet makes no difference."""
    spec = KINDS[kind]
    limit = row.limits.get(spec.limit, "unlimited") if spec.limit else "unlimited"
    if not limit.isdigit():
        return
    used = Item.select().where(Item.service == row, Item.kind == kind).count()
    if used + more > int(limit):
        text = f"{used} of {limit} {spec.nouns} are used; remove one, or change the product [{spec.limit}]"
        raise Conflict(kind, text, "ITEM_LIMIT")


def see_to(
    change: Change,
    row: Service,
    account: PlannedAccount,
    item: Item,
    action: Action,
    shown: str | None = None,
    *,
    before: dict[str, dict[str, Any]] | None = None,
) -> Deed:
    """A run beside the service's own with the one task of an item, unless that task waits already. `before`: the item
    as it was."""
    placed = PlacedItem(item.id, item.kind, role_of(item))
    planned = item_task(ServiceId(row.id), row.domain, account, placed, action, ())
    waiting = waiting_task(row, planned)
    task = waiting.id if waiting is not None else begin(row, (planned,), before=before)[0]
    change.object = f"{item.kind} #{item.id} {item.name} of {row.domain}"
    change.detail = {"task": task}
    return Deed(item.id, item.kind, item.name, task, shown)


def _settings_of(row: Service, account: PlannedAccount, kind: ItemKind) -> Item:
    item = Item.get_or_none(Item.service == row, Item.kind == kind)
    if item is None:
        item = Item.create(service=row, server=account.server.id, kind=kind, name=row.domain, ours=True)
    found: Item = item
    return found


def _set_password(item: Item, given: str | None) -> str | None:
    """Seals it for the worker; returns one that was made here, to be shown once."""
    if given is not None:
        check_password(given)
    password = given if given is not None else _make_password()
    Item.update(secret=seal("item", item.uuid, "secret", password)).where(Item.id == item.id).execute()
    return None if given is not None else password


def _make_password() -> str:
    length, symbols = (int(float(_setting(key))) for key in ("password.length", "password.symbols"))
    return make_password(length, bool(symbols), secrets.choice)


def _setting(key: str) -> str:
    row = Setting.get_or_none(Setting.key == key)
    return str(row.value) if row else SETTING_BY_KEY[key].default
