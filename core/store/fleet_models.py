"""Rows about the fleet and about hostdeck itself."""

from __future__ import annotations

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from hostdeck.core.domain.vocabulary import Driver, HealthState, ServerStatus
from hostdeck.core.store.base import Row
from hostdeck.core.store.fields import UtcField, WordField, utcnow


class Group(Row):
    """`zone_template`: records with placeholders that new zones start with; None is the built-in one. `variables` fill
    placeholders of zone templates and standard files."""

    name = CharField(max_length=64, unique=True)
    zone_template = JSONField(null=True)
    variables = JSONField(null=True)
    created_at = UtcField(default=utcnow)

    class Meta:
        table_name = "server_group"


class Server(Row):
    """`accounts` is the number of capacity slots taken; `host_key` the pinned public key in OpenSSH form;
    `credential` is sealed for the worker: {"kind": "key" or "password", "value": ...} before sealing. `collect_at` and
    `usage_at`: when figures and usage are due again, None at once."""

    uuid = CharField(max_length=36, unique=True)
    name = CharField(max_length=64, unique=True)
    hostname = CharField(max_length=253)
    ip = CharField(max_length=45)
    ssh_port = IntegerField(default=22)
    ssh_username = CharField(max_length=32, default="root")
    driver = WordField(Driver, default=Driver.HESTIA)
    web = BooleanField(default=False)
    mail = BooleanField(default=False)
    dns = BooleanField(default=False)
    group = ForeignKeyField(Group, null=True, backref="servers", on_delete="RESTRICT")
    status = WordField(ServerStatus, default=ServerStatus.ACTIVE)
    max_accounts = IntegerField(default=0)
    accounts = IntegerField(default=0)
    host_key = TextField()
    credential = TextField()
    node_dir = CharField(max_length=1024, null=True)
    health = WordField(HealthState, default=HealthState.UNKNOWN)
    health_error = TextField(null=True)
    health_facts = JSONField(default=dict)
    collected_at = UtcField(null=True)
    collect_at = UtcField(null=True)
    usage_at = UtcField(null=True)
    created_at = UtcField(default=utcnow)


class GroupDns(Row):
    """A DNS server attached to a group; one server serves many groups."""

    group = ForeignKeyField(Group, backref="nameservers", on_delete="CASCADE")
    server = ForeignKeyField(Server, backref="serves", on_delete="RESTRICT")

    class Meta:
        table_name = "group_dns"
        indexes = ((("group", "server"), True),)


class VanityDomain(Row):
    """A parent domain whose names are sold: the provider's mail user on its server, and the names that are not sold
    besides the built-in ones; not `selling`: none any more, what is sold stays. Nothing here is ever created or changed
    on a node."""

    group = ForeignKeyField(Group, backref="vanity_domains", on_delete="RESTRICT")
    domain = CharField(max_length=253, unique=True)
    mail_server = ForeignKeyField(Server, backref="provides", on_delete="RESTRICT")
    mail_user = CharField(max_length=32)
    reserved = JSONField(default=list)
    selling = BooleanField(default=True)
    created_at = UtcField(default=utcnow)

    class Meta:
        table_name = "vanity_domain"


class VanityWeb(Row):
    """A web server that a parent's sites may be placed on; with none of them, every web server of the group may."""

    vanity = ForeignKeyField(VanityDomain, backref="web_servers", on_delete="CASCADE")
    server = ForeignKeyField(Server, on_delete="RESTRICT")

    class Meta:
        table_name = "vanity_web"
        indexes = ((("vanity", "server"), True),)


class Worker(Row):
    """A worker process: machine, boot, pid and start say whether it can still be alive; `beat_at` is for people,
    leases have a clock of their own."""

    host = CharField(max_length=253)
    machine = CharField(max_length=64, default="")
    boot_id = CharField(max_length=64)
    pid = IntegerField()
    process_start = CharField(max_length=32)
    started_at = UtcField(default=utcnow)
    beat_at = UtcField(default=utcnow)
    stopped_at = UtcField(null=True)


class Presence(Row):
    """Somebody's console at one object, such as `service 12`: since when, and when it last said so. One at no object,
    and one that changes nothing, has none."""

    console = CharField(max_length=36, unique=True)
    actor = CharField(max_length=128)
    host = CharField(max_length=253)
    pid = IntegerField()
    place = CharField(max_length=300)
    since = UtcField(default=utcnow)
    seen_at = UtcField(default=utcnow)


class Setting(Row):
    """What an operator can change while everything runs, and the worker's public key."""

    key = CharField(max_length=64, primary_key=True)
    value = TextField()


class Audit(Row):
    """Who wanted what of which object, and what came of it; `digest` is for the chain over these lines."""

    at = UtcField(default=utcnow)
    actor = CharField(max_length=128)
    intent = CharField(max_length=64)
    object = CharField(max_length=300)
    result = TextField(default="")
    detail = JSONField(default=dict)
    previous = CharField(max_length=64, null=True)
    digest = CharField(max_length=64, null=True)
