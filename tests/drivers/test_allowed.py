"""What is the provider's can't be named in a command but those on the list, whatever asks for it."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers import changes, items, language, mail_items, provider
from hostdeck.core.drivers.allowed import COMMANDS, Provider, Unsendable, refuse_unlisted
from hostdeck.core.drivers.guard import Guard, GuardStep, Lock, Scratch, _argv, _bare
from hostdeck.core.drivers.hestia.argv import owner_step
from hostdeck.core.drivers.hestia.commands import CHANGES, QUESTIONS, change_steps, question_steps
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.powerdns.commands import Tools, record_steps, steps_of
from hostdeck.core.drivers.powerdns.commands import question_steps as powerdns_question_steps
from hostdeck.core.transport.base import Secret

OWNED = Provider(frozenset({"prov"}), frozenset({"names.example"}))
WHO = {"user": "prov", "mark": "hdk 1 ab", "domain": "names.example", "parent": "names.example"}
RECORD = ZoneRecord("anna", RecordType.A, "192.0.2.1")
VALUES: dict[str, Any] = WHO | {
    "package": "hdk-000001-web-p", "values": {"SHELL": "nologin"}, "replace": True, "password": Secret("s"),
    "mark_contact": "a@b.invalid", "mark_name": "hdk 1 ab", "has_data": True, "contact": "a@b.example",
    "ip": "192.0.2.1", "aliases": (), "template": "default", "nameservers": ("ns1.x.example",), "records": (RECORD,),
    "account": "anna", "quota": "512", "record": RECORD, "id": "7", "kind": "web", "mail": True, "webmail": True,
    "keys": (("THEME", ("v-change-sys-config-value", "THEME", "dark")),), "path": "/var/www/html/x.html",
    "target": "https://x.example", "code": "301",
    "what": "force", "replaces": True,
    "database": "anna_shop", "dbuser": "anna_shop", "engine": "mysql", "charset": "UTF8MB4", "login": "anna_ftp",
    "line": items.CronLine("0 3 * * *", "true"), "becomes": items.CronLine("0 4 * * *", "true"), "job": "7",
    "address": "x@y.example", "alias": "post", "on": True, "text": "Away.",
    "content": Secret(":eA=="), "digest": "ab" * 32, "certificate": Secret("YQ=="), "key": Secret("Yg=="),
    "chain": None, "stands": True, "anew": True, "forced": True, "hsts": True,
    "archive": "prov.2026-01-02_03-04-05.tar", "parts": {"web": "*"}, "name": "7-n0nce-web", "since": 1_796_000_000_000,
}  # fmt: skip


def made(kind: type) -> Any:
    return kind(**{item.name: VALUES[item.name] for item in fields(kind)})


def sent(steps: tuple[GuardStep, ...], owned: Provider = OWNED) -> list[str]:
    """The commands by name, made as the guard makes them."""
    guard = Guard(None, "n1", "/usr/local/hestia", lambda stream, text: None, lambda: True, provider=owned)  # type: ignore[arg-type]
    _argv(guard, "0" * 16, Lock.EXCLUSIVE, 0, steps)
    return [str(step.argv[0]).rsplit("/", 1)[-1] for step in steps]


OF_THE_PROVIDER = {kind for kind in CHANGES if kind.__module__ == provider.__name__}
ON_ACCOUNTS = sorted(set(CHANGES) - OF_THE_PROVIDER, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", ON_ACCOUNTS, ids=lambda kind: kind.__name__)
def test_no_change_of_an_account_can_be_made_about_the_provider(kind: type) -> None:
    names = {item.name for item in fields(kind)}
    if not names & {"user", "domain"}:
        return  # it is about a package, which belongs to no user
    with pytest.raises(Unsendable, match="the provider's own"):
        sent(change_steps(made(kind), Layout()))


@pytest.mark.parametrize("kind", sorted(OF_THE_PROVIDER, key=lambda kind: kind.__name__), ids=lambda k: k.__name__)
def test_what_a_sold_name_needs_can_be_made(kind: type) -> None:
    assert set(sent(change_steps(made(kind), Layout()))) <= COMMANDS | {"bash", "v-list-mail-account"}


@pytest.mark.parametrize("kind", [provider.AskMailbox, provider.AskParent, provider.AskRecord])
def test_the_provider_may_be_looked_at(kind: type) -> None:
    assert kind in QUESTIONS
    sent(question_steps(made(kind), Layout()))


def test_an_account_of_the_providers_name_can_not_be_taken_for_ours() -> None:
    with pytest.raises(Unsendable):
        sent((owner_step(language.Owner("prov", "hdk 1 ab"), Layout(), "0"),))


def test_on_powerdns_the_parent_zone_is_never_loaded_removed_or_marked() -> None:
    tools = Tools()
    for kind in (provider.AddRecord, provider.RemoveRecord):
        assert sent(record_steps(made(kind), tools))
    sent(powerdns_question_steps(made(provider.AskRecord), tools))
    for change in (made(changes.SwapZone), made(changes.RemoveZone)):
        with pytest.raises(Unsendable):
            sent(steps_of([change], 7, tools))


@pytest.mark.parametrize("name", ["@", "", ".", "a.b", "*", "anna.names.example"])
def test_a_record_of_the_parent_is_one_label_below_it(name: str) -> None:
    record = ZoneRecord(name, RecordType.A, "192.0.2.1")
    change = provider.AddRecord("prov", "names.example", record)
    for steps in (change_steps(change, Layout()), record_steps(change, Tools())):
        with pytest.raises(Unsendable):
            sent(steps)


@pytest.mark.parametrize("account", ["a.b", "*", "[a-z]", ".*"])
def test_a_mailbox_of_the_provider_is_no_pattern(account: str) -> None:
    with pytest.raises(Unsendable):
        sent(change_steps(provider.RemoveMailbox("prov", "names.example", account), Layout()))


SPELLINGS = st.sampled_from(
    ["prov", "PROV", "names.example", "Names.Example", "names.example.", "names.example$",
     "/home/prov/conf", "/usr/local/hestia/data/users/prov/dns/names.example.conf", "conf/names.example.db"]
)  # fmt: skip
VERBS = st.sampled_from(
    [*sorted(COMMANDS), "v-delete-user", "v-suspend-user", "v-delete-mail-domain", "v-delete-dns-domain", "rm",
     "v-suspend-mail-domain", "v-change-user-package", "v-insert-dns-records", "v-rebuild-dns-domain", "sed"]
)  # fmt: skip


@given(VERBS, SPELLINGS, st.lists(st.text("abc019-", max_size=6), max_size=3))
def test_any_command_that_names_the_provider_in_any_spelling_is_listed_or_not_made(
    verb: str, spelling: str, rest: list[str]
) -> None:
    argv = (f"/usr/local/hestia/bin/{verb}", spelling, *rest)
    try:
        refuse_unlisted(argv, OWNED, "n1")
    except Unsendable:
        return
    assert verb in COMMANDS


@given(st.text("abcdefghijklmnopqrstuvwxyz.-", min_size=1, max_size=20).filter(lambda t: not OWNED.named_in(t)))
def test_what_does_not_name_the_provider_is_not_held_up(word: str) -> None:
    refuse_unlisted(("/usr/local/hestia/bin/v-delete-user", word), OWNED, "n1")


def test_a_secret_is_never_compared_with_a_name() -> None:
    step = GuardStep(("v-add-user", "anna", Secret("prov"), Scratch("pkg")))
    assert _bare(step) == ("v-add-user", "anna", "", "")


def test_a_key_of_the_panel_may_have_the_providers_name_for_its_value_but_no_other_command_comes_along() -> None:
    """A panel called after the domain that is sold is nothing of the provider's account."""
    key = ("APP_NAME", ("v-change-sys-config-value", "APP_NAME", "names.example"))
    assert sent(change_steps(changes.SetConfig((key,)), Layout())) == ["bash"]
    for command in (("v-delete-user", "prov"), ("v-change-sys-hostname", "names.example")):
        with pytest.raises(Unsendable):
            sent(change_steps(changes.SetConfig((key, ("TITLE", command))), Layout()))


def test_every_field_of_a_change_has_a_value_here() -> None:
    kinds = [kind for kind in CHANGES if inspect.isclass(kind)]
    assert {item.name for kind in kinds for item in fields(kind)} <= set(VALUES)


def test_what_a_customer_wrote_may_name_the_provider_and_still_touches_nothing_of_it() -> None:
    told = mail_items.SetAutoreply("anna-web", "bakery.example", "info", "See https://names.example/help")
    assert sent(change_steps(told, Layout())) == ["bash", "v-add-mail-account-autoreply"]
    with pytest.raises(Unsendable):
        sent(change_steps(mail_items.SetAutoreply("prov", "bakery.example", "info", "Away."), Layout()))
