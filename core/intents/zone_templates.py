"""What a group's new zones start with."""

from __future__ import annotations

from hostdeck.core.domain.template_text import parse_template
from hostdeck.core.domain.zone_template import stored
from hostdeck.core.errors import NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.store.fleet_models import Group


def set_template(door: Door, group: str, text: str) -> None:
    """For orders from now on; zones that are there keep their records. Invalid [TPL_*, ZONE_*] where the text is no
    template, or no nameserver would load what it makes. The group's variables are placeholders, too."""
    with door.change("group.template", group) as line:
        row = _group(group)
        template = stored(parse_template(text, row.variables))
        line.detail = {"records": len(template), "before": row.zone_template}
        row.zone_template = template
        row.save()


def reset_template(door: Door, group: str) -> None:
    """The built-in template for orders from now on."""
    with door.change("group.template", group) as line:
        row = _group(group)
        line.detail = {"records": None, "before": row.zone_template}
        row.zone_template = None
        row.save()


def _group(name: str) -> Group:
    row = Group.get_or_none(Group.name == name)
    if row is None:
        raise NotFound("group", f"no group is called '{name[:64]}'; see 'hostdeck group list'")
    return row
