"""A group's zone template, as people see it."""

from __future__ import annotations

from hostdeck.core.domain.order_plan import RecordView, View
from hostdeck.core.domain.template_text import template_text
from hostdeck.core.domain.text import safe
from hostdeck.core.domain.zone_template import template_of
from hostdeck.core.errors import NotFound
from hostdeck.core.store.fleet_models import Group


class TemplateView(View):
    """`records` hold placeholders; `builtin` where the group has no template of its own."""

    group: str
    builtin: bool
    records: tuple[RecordView, ...]
    text: str


def zone_template(group: str) -> TemplateView:
    row = Group.get_or_none(Group.name == group)
    if row is None:
        raise NotFound("group", f"no group is called '{safe(group)}'; see 'hostdeck group list'")
    template = template_of(row.zone_template)
    return TemplateView(
        group=row.name,
        builtin=row.zone_template is None,
        records=tuple(
            RecordView(name=r.name, type=r.type, value=r.value, priority=r.priority, ttl=r.ttl) for r in template
        ),
        text=template_text(template),
    )
