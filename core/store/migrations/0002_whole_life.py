"""The whole life of a service: vanity slots with their ledger, certificates and what was asked of the authority, plans
with their commands, tickets, and a zone template per group.

The models stand here as they were on that day; the program's own may move on.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    BooleanField,
    CharField,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

# One open ticket an incident; a certificate authority's answers are counted by time.
INDEXES = (
    "CREATE UNIQUE INDEX ticket_open ON ticket (incident) WHERE status = 'open'",
    "CREATE INDEX acme_order_at ON acme_order (at)",
)


def up(migrator: Any, db: Database) -> None:
    class Row(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Group(Row):
        class Meta:
            table_name = "server_group"

    class Server(Row):
        pass

    class Service(Row):
        pass

    class VanityDomain(Row):
        group = ForeignKeyField(Group, on_delete="RESTRICT")
        domain = CharField(max_length=253, unique=True)
        mail_server = ForeignKeyField(Server, on_delete="RESTRICT")
        mail_user = CharField(max_length=32)
        reserved = JSONField(default=list)
        selling = BooleanField(default=True)
        created_at = DateTimeField()

        class Meta:
            table_name = "vanity_domain"

    class VanityWeb(Row):
        vanity = ForeignKeyField(VanityDomain, on_delete="CASCADE")
        server = ForeignKeyField(Server, on_delete="RESTRICT")

        class Meta:
            table_name = "vanity_web"
            indexes = ((("vanity", "server"), True),)

    class VanitySlot(Row):
        service = ForeignKeyField(Service, unique=True, on_delete="RESTRICT")
        vanity = ForeignKeyField(VanityDomain, on_delete="RESTRICT")
        name = CharField(max_length=32)
        mail_server = ForeignKeyField(Server, on_delete="RESTRICT")
        mail_user = CharField(max_length=32)
        mailbox_ours = BooleanField(default=False)

        class Meta:
            table_name = "vanity_slot"
            indexes = ((("vanity", "name"), True),)

    class VanityRecord(Row):
        slot = ForeignKeyField(VanitySlot, on_delete="CASCADE")
        server = ForeignKeyField(Server, on_delete="RESTRICT")
        value = CharField(max_length=45)
        ours = BooleanField(default=False)

        class Meta:
            table_name = "vanity_record"
            indexes = ((("slot", "server"), True),)

    class Certificate(Row):
        service = ForeignKeyField(Service, on_delete="RESTRICT")
        kind = CharField(max_length=32)
        server = ForeignKeyField(Server, on_delete="RESTRICT")
        hosts = JSONField(default=list)
        state = CharField(max_length=32)
        issuer = CharField(max_length=300, null=True)
        not_after = DateTimeField(null=True)
        failures = IntegerField(default=0)
        reason = TextField(null=True)
        next_try = DateTimeField(null=True)
        checked_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("service", "kind"), True),)

    class AcmeOrder(Row):
        account = CharField(max_length=100)
        registered = CharField(max_length=253)
        hosts = CharField(max_length=1200)
        at = DateTimeField()
        issued = BooleanField(default=False)

        class Meta:
            table_name = "acme_order"

    class Ticket(Row):
        incident = CharField(max_length=400)
        status = CharField(max_length=32, default="open")
        title = CharField(max_length=300)
        service = ForeignKeyField(Service, null=True, on_delete="RESTRICT")
        server = ForeignKeyField(Server, null=True, on_delete="SET NULL")
        failures = IntegerField(default=0)
        opened_at = DateTimeField()
        closed_at = DateTimeField(null=True)
        closed_by = CharField(max_length=128, null=True)

        class Meta:
            indexes = ((("status", "id"), False),)

    class TicketEntry(Row):
        ticket = ForeignKeyField(Ticket, on_delete="CASCADE")
        at = DateTimeField()
        task = IntegerField(null=True)
        text = TextField()

        class Meta:
            table_name = "ticket_entry"

    class Notice(Row):
        ticket = ForeignKeyField(Ticket, on_delete="CASCADE")
        event = CharField(max_length=32)
        title = CharField(max_length=300)
        body = TextField()
        created_at = DateTimeField()
        not_before = DateTimeField(null=True)
        attempts = IntegerField(default=0)
        sent_at = DateTimeField(null=True)
        error = TextField(null=True)

    tables = [VanityDomain, VanityWeb, VanitySlot, VanityRecord, Certificate, AcmeOrder, Ticket, TicketEntry, Notice]
    db.create_tables(tables)
    for statement in INDEXES:
        db.execute_sql(statement)
    migrator.migrate(
        migrator.add_column("server_group", "zone_template", JSONField(null=True)),
        migrator.add_column("run", "detail", JSONField(null=True)),
        migrator.add_column("task", "result", JSONField(null=True)),
        migrator.add_column("task", "expects", JSONField(null=True)),
    )
