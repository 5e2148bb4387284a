"""Wishes about what a group's servers shall have alike: managed keys, variables, standard files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from hostdeck.core.domain.config_keys import ALIASES, check_pair, known_key
from hostdeck.core.domain.standard_files import check_content, check_path, digest_of
from hostdeck.core.domain.template_text import parse_template, template_text
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.vocabulary import Target
from hostdeck.core.domain.zone_template import PLACEHOLDERS, template_of
from hostdeck.core.errors import Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.store.config_models import DriftIgnore, GroupConfig, ServerConfig, StandardFile
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.fleet_models import Group, Server
from hostdeck.core.store.groups import group_called, servers_of

VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,31}")
VALUE_LIMIT = 1000
VARIABLES_LIMIT = 200


def set_config(door: Door, group: str, target: Target, pairs: Mapping[str, str]) -> tuple[str, ...]:
    """Manages these keys from now on; nothing is sent to any server. Returns what has to be said about the names that
    were given. Invalid [CFG_*] as `check_pair`."""
    if not pairs:
        raise Invalid("key", "give at least one KEY=VALUE", "CFG_EMPTY")
    checked = {check_pair(key, value, target).key: value for key, value in pairs.items()}
    with door.change("group.set", f"{group} {target}") as change:
        row = group_called(group)
        before = dict(_rows(row, list(checked)))
        for key, value in checked.items():
            GroupConfig.insert(group=row, key=key, value=value).on_conflict(
                conflict_target=[GroupConfig.group, GroupConfig.key], update={GroupConfig.value: value}
            ).execute()
        change.detail = {"before": before, "after": checked}
    return tuple(_renamed(key) for key in pairs if key.strip().upper() in ALIASES)


def unset_config(door: Door, group: str, target: Target, keys: Sequence[str]) -> None:
    """No longer managed: servers keep what they have. NotFound where one is not managed."""
    with door.change("group.unset", f"{group} {target}") as change:
        row = group_called(group)
        names = []
        for typed in keys:
            spec = known_key(typed)
            if spec.target is not target:
                raise Invalid("key", f"{spec.key} is a key of category {spec.target}, not {target}", "CFG_TARGET")
            names.append(spec.key)
        change.detail = {"before": dict(_rows(row, names))}
        for key in names:
            if not GroupConfig.delete().where(GroupConfig.group == row, GroupConfig.key == key).execute():
                raise NotFound("key", f"{key} is not managed in group '{group}'")
        DriftIgnore.delete().where(DriftIgnore.group == row, DriftIgnore.key.in_(names)).execute()


def _rows(row: Group, keys: Sequence[str]) -> list[tuple[str, str]]:
    found = GroupConfig.select(GroupConfig.key, GroupConfig.value)
    return list(found.where(GroupConfig.group == row, GroupConfig.key.in_(list(keys))).tuples())


def _renamed(typed: str) -> str:
    name = typed.strip().upper()
    return f"Hestia has no key {name}; kept as {ALIASES[name]}, which is the one that is meant"


# --------------------------------------------------------------------------------------------------------- variables


def set_variables(door: Door, group: str, pairs: Mapping[str, str]) -> None:
    """`{name}` in the group's zone template and standard files; an empty value removes one. Invalid [VAR_*], or what
    the group's zone template says where no nameserver would load what it makes with them."""
    if not pairs:
        raise Invalid("variable", "give at least one KEY=VALUE", "VAR_EMPTY")
    for name, value in pairs.items():
        _check_variable(name, value)
    with door.change("group.variable", group) as change:
        row = group_called(group)
        before = dict(row.variables or {})
        after = {name: value for name, value in (before | dict(pairs)).items() if value}
        if len(after) > VARIABLES_LIMIT:
            raise Invalid("variable", f"a group has at most {VARIABLES_LIMIT} variables", "VAR_MANY")
        if row.zone_template is not None:
            gone = dict.fromkeys(name for name in before if name not in after)
            parse_template(template_text(template_of(row.zone_template)), gone | after)
        change.detail = {"before": {name: before.get(name) for name in pairs}, "after": dict(pairs)}
        Group.update(variables=after).where(Group.id == row.id).execute()


def _check_variable(name: str, value: str) -> None:
    if not VARIABLE.fullmatch(name):
        text = f"'{safe(name)}': use a small letter, then up to 31 small letters, digits and _"
        raise Invalid("variable", text, "VAR_NAME")
    if name in PLACEHOLDERS:
        raise Invalid("variable", f"'{name}' is a placeholder of every zone already", "VAR_TAKEN")
    if len(value) > VALUE_LIMIT or not (value.isprintable() or not value) or set(value) & set("{}"):
        raise Invalid("variable", f"{name}: use one line of up to {VALUE_LIMIT} characters without braces", "VAR_VALUE")


# ----------------------------------------------------------------------------------------------------- standard files


def put_file(door: Door, group: str, path: str, text: str, target: Target) -> None:
    """What nodes of that kind shall have at `path`; nothing is sent to any server. Invalid [FILE_*]."""
    check_path(path)
    check_content(text)
    with door.change("group.file", f"{group} {path}") as change:
        row = group_called(group)
        change.detail = {"bytes": len(text.encode()), "to": str(target)}
        values = {"target": target, "content": text, "digest": digest_of(text), "changed_at": utcnow()}
        StandardFile.insert(group=row, path=path, **values).on_conflict(
            conflict_target=[StandardFile.group, StandardFile.path],
            preserve=[StandardFile.target, StandardFile.content, StandardFile.digest, StandardFile.changed_at],
        ).execute()


def remove_file(door: Door, group: str, path: str) -> None:
    """No longer kept alike; servers keep what they have."""
    with door.change("group.file", f"{group} {path}") as change:
        row = group_called(group)
        change.result = "removed"
        if not StandardFile.delete().where(StandardFile.group == row, StandardFile.path == path).execute():
            raise NotFound("file", f"group '{group}' has no standard file {safe(path, 200)}")


# -------------------------------------------------------------------------------------------------------------- drift


def adopt(door: Door, group: str, key: str, server: str) -> str:
    """Makes what a server was last seen to have the group's wish; returns the value. Invalid [CFG_*] where it can't be
    one, NotFound where the server has never been read."""
    with door.change("group.adopt", f"{group} {key} of {server}") as change:
        row, node = group_called(group), _member(group, server)
        spec = known_key(key)
        seen = ServerConfig.get_or_none(ServerConfig.server == node)
        if seen is None:
            raise NotFound("server", f"'{server}' has never been read; see 'hostdeck group drift {group}'")
        value = str(seen.live.get(spec.key, ""))
        check_pair(spec.key, value, spec.target)
        change.detail = {"before": dict(_rows(row, [spec.key])), "after": {spec.key: value}}
        GroupConfig.insert(group=row, key=spec.key, value=value).on_conflict(
            conflict_target=[GroupConfig.group, GroupConfig.key], update={GroupConfig.value: value}
        ).execute()
        return value


def ignore(door: Door, group: str, key: str, servers: Sequence[str], until: datetime | None) -> None:
    """A difference that is nobody's business until then; None: from now on it is again."""
    if until is not None and until <= utcnow():
        raise Invalid("until", "use a moment that is still to come", "DRIFT_UNTIL")
    with door.change("group.ignore", f"{group} {key} on {', '.join(servers)}") as change:
        row, spec = group_called(group), known_key(key)
        change.detail = {"until": until.isoformat() if until else None}
        for name in servers:
            node = _member(group, name)
            same = (DriftIgnore.group == row) & (DriftIgnore.server == node) & (DriftIgnore.key == spec.key)
            DriftIgnore.delete().where(same).execute()
            if until is not None:
                DriftIgnore.create(group=row, server=node, key=spec.key, until=until)


def _member(group: str, server: str) -> Server:
    row = group_called(group)
    found = next((one for one in servers_of(row) if one.name == server), None)
    if found is None:
        raise NotFound("server", f"'{server[:64]}' is no server of group '{group}'")
    return found
