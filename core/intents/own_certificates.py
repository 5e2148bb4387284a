"""Certificates of one's own: one for the website, one for the mail domain; Let's Encrypt's stands back meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.certificate_files import CertificateFiles, check_files
from hostdeck.core.domain.item_specs import CertificateSpec
from hostdeck.core.domain.item_tasks import PlacedItem, item_task
from hostdeck.core.domain.items import KINDS, ItemKind, ItemStatus
from hostdeck.core.domain.vocabulary import Role, ServiceId
from hostdeck.core.errors import Invalid, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.certificate_seeds import seed, seeded_hosts
from hostdeck.core.intents.inside import account_of, begin, held
from hostdeck.core.store import certificates
from hostdeck.core.store.fields import utcnow
from hostdeck.core.store.item_models import Item
from hostdeck.core.store.seal import seal
from hostdeck.core.store.work_models import Service

HOLDING = (Role.WEB, Role.MAIL)


@dataclass(frozen=True, slots=True)
class AddedCertificate:
    """What a wish has come to: `warnings` are sentences about the files."""

    item: int
    task: int
    warnings: tuple[str, ...]


def add_certificate(
    door: Door, service_id: int, certificate: str, key: str, chain: str = "", role: Role | None = None
) -> AddedCertificate:
    """Installs it, in place of whatever hostdeck or Let's Encrypt had put there; a second one replaces the first.
    Without a role it is the website's, or the mail domain's where there is no website. Invalid [CRT_*] where the files
    can't be served; nothing is sent then."""
    with door.change("service.add_certificate", f"service #{service_id}") as change:
        service = held(service_id)
        change.object = f"service #{service.id} {service.domain}"
        role = _role(service, role)
        account = account_of(service, role)
        files = check_files(certificate, key, chain, *_names(service, role), utcnow())
        item = _row(service, role, account.server.id, files)
        placed = PlacedItem(item.id, ItemKind.CERTIFICATE, role)
        planned = item_task(ServiceId(service.id), service.domain, account, placed, Action.SSL_INSTALL_CUSTOM, ())
        (task,) = begin(service, (planned,))
        certificates.look_again(service.id, role, refused=True)  # and see that it is not meant any more
        change.detail = {"role": role, "hosts": list(files.hosts), "not_after": files.not_after.isoformat()}
        return AddedCertificate(item.id, task, files.warnings)


def remove_certificate(door: Door, service_id: int, role: Role | None = None) -> tuple[int, ...]:
    """Takes it off the node, then asks Let's Encrypt for one as a deployment would. Returns the tasks' ids; NotFound
    where there is none of one's own."""
    with door.change("service.remove_certificate", f"service #{service_id}") as change:
        service = held(service_id)
        change.object = f"service #{service.id} {service.domain}"
        row = _the_one(service, role)
        role = Role(row.name)
        Item.update(status=ItemStatus.REMOVING).where(Item.id == row.id).execute()
        placed, account = PlacedItem(row.id, ItemKind.CERTIFICATE, role), account_of(service, role)
        action = KINDS[ItemKind.CERTIFICATE].remove
        planned = item_task(ServiceId(service.id), service.domain, account, placed, action, ())
        change.detail = {"role": role}
        return begin(service, (planned, *seed(service, role, planned.key)))


def _role(service: Service, role: Role | None) -> Role:
    if role is not None and role not in HOLDING:
        raise Invalid("role", "use web or mail: a nameserver has no certificate", "CRT_ROLE")
    return role or (Role.WEB if Role.WEB in service.roles else Role.MAIL)


def _names(service: Service, role: Role) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The hosts it must cover, and those that Let's Encrypt's would cover besides."""
    needed = service.domain if role is Role.WEB else f"mail.{service.domain}"
    return (needed,), seeded_hosts(service, role)


def _row(service: Service, role: Role, server: int, files: CertificateFiles) -> Item:
    spec = CertificateSpec(
        role=role,
        hosts=files.hosts,
        issuer=files.issuer,
        not_after=files.not_after,
        certificate=files.certificate,
        chain=files.chain,
    )
    same = (Item.service == service) & (Item.kind == ItemKind.CERTIFICATE) & (Item.name == role.value)
    item: Item = Item.get_or_none(same) or Item(service=service, kind=ItemKind.CERTIFICATE, name=role.value)
    item.server, item.wanted, item.error = server, spec.model_dump(mode="json"), None
    item.secret = seal("item", item.uuid, "secret", files.key)
    item.save()
    # Also of one that was on its way out.
    Item.update(status=ItemStatus.PENDING).where(Item.id == item.id).execute()
    return item


def _the_one(service: Service, role: Role | None) -> Item:
    rows = list(Item.select().where(Item.service == service, Item.kind == ItemKind.CERTIFICATE).order_by(Item.id))
    fitting = [row for row in rows if role is None or row.name == role]
    if not fitting:
        of = f" for {role}" if role else ""
        raise NotFound("certificate", f"{service.domain} has no certificate of its own{of}")
    if len(fitting) > 1:
        raise Invalid("role", f"{service.domain} has two of its own: say web or mail", "CRT_ROLE")
    return fitting[0]
