"""Changes as Hestia's commands, as they were tried on a real node."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.action_args import PackageArgs
from hostdeck.core.domain.product import resolve_limits
from hostdeck.core.domain.vocabulary import RecordType, Role
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers import changes as tell
from hostdeck.core.drivers import inside, items, mail_items, proofs, provider, site, trials, usage
from hostdeck.core.drivers import language as say
from hostdeck.core.drivers.hestia.commands import CHANGES, QUESTIONS, change_steps, question_steps, record_lines
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.package import BASE, package_values
from hostdeck.core.errors import Permanent
from hostdeck.core.transport.base import Secret

AT = Layout()


def sent(change: say.Change) -> list[str]:
    return [step.shown() for step in change_steps(change, AT)]


def test_a_user_is_looked_for_before_it_is_added_and_marked_from_the_start() -> None:
    change = tell.AddUser("acme-web", Secret("x" * 20), "hdk-1.n@hostdeck.invalid", "hdk-000001-web-p", "hdk 1 n")
    steps = change_steps(change, AT)
    assert steps[0].accept == "3"
    assert sent(change) == [
        "v-list-user acme-web json",
        "v-add-user acme-web ••• hdk-1.n@hostdeck.invalid hdk-000001-web-p 'hdk 1 n'",
    ]


def test_restart_is_the_twelfth_argument_of_a_new_zone() -> None:
    argv = change_steps(tell.AddZone("u", "a.com", "203.0.113.1", ("ns1.x.net", "ns2.x.net")), AT)[-1].argv
    assert argv[12] == "no"
    assert argv[4:12] == ("ns1.x.net", "ns2.x.net", "", "", "", "", "", "")


def test_a_mail_certificate_leaves_its_names_to_the_node() -> None:
    """`hestia.md` 7: USER DOMAIN '' yes."""
    assert sent(tell.IssueCertificate("u", "a.com", (), mail=True)) == ["v-add-letsencrypt-domain u a.com '' yes"]
    assert sent(tell.IssueCertificate("u", "a.com", ("www.a.com",))) == ["v-add-letsencrypt-domain u a.com www.a.com"]
    looks = [step.shown() for step in question_steps(say.AskCertificate("u", "a.com", mail=True), AT)]
    assert looks == ["v-list-mail-domain u a.com json", "v-list-mail-domain-ssl u a.com json"]


def test_a_web_domain_without_aliases_says_none() -> None:
    assert (
        sent(tell.AddWebDomain("u", "a.com", "203.0.113.1", ()))[-1] == "v-add-web-domain u a.com 203.0.113.1 no none"
    )


def test_a_half_made_user_with_data_is_deleted_only_after_its_mark_was_seen() -> None:
    steps = change_steps(tell.UndoUser("u", "mark@hostdeck.invalid", has_data=True), AT)
    assert (steps[0].accept, steps[0].shown().split()[:3]) == ("6", ["undo", "u", "mark@hostdeck.invalid"])
    assert steps[1].shown() == "v-delete-user u no"


def test_a_package_is_replaced_only_where_one_is() -> None:
    new, old = (sent(tell.PutPackage("hdk-000001-web-p", BASE, replace)) for replace in (False, True))
    assert new[-1] == "v-add-user-package '<pkg>' hdk-000001-web-p"
    assert old[-2:] == ["v-add-user-package '<pkg>' hdk-000001-web-p yes", "v-update-user-package hdk-000001-web-p"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: say.AskUser(""),
        lambda: tell.AddMailDomain("", "a.com"),
        lambda: tell.JailUser(""),
        lambda: tell.ChangeContact("u", ""),
        lambda: tell.AddZone("", "a.com", "203.0.113.1", ()),
    ],
)
def test_an_empty_argument_can_not_be_built_because_an_empty_user_is_the_admin(make: object) -> None:
    with pytest.raises(ValueError, match="is empty"):
        make()  # type: ignore[operator]


def test_every_question_and_every_change_has_its_commands() -> None:
    def kinds(base: type) -> set[type]:
        areas = (say, tell, provider, usage, items, mail_items, site, inside, proofs, trials)
        words = [word for area in areas for word in vars(area).values()]
        found = {kind for kind in words if isinstance(kind, type) and issubclass(kind, base)}
        return found - {base, mail_items.MailAccountChange, items.CronChange}

    assert kinds(say.Change) == {*CHANGES, tell.RemoveZone}  # on Hestia a zone goes with its user
    assert kinds(say.Question) == set(QUESTIONS)


def test_a_record_file_has_the_form_a_real_node_took() -> None:
    lines = record_lines(
        (
            ZoneRecord("@", RecordType.MX, "mail.a.com.", 10, 300),
            ZoneRecord("@", RecordType.TXT, "v=spf1 mx; -all"),
            ZoneRecord("@", RecordType.CAA, '0 issue "letsencrypt.org"'),
        )
    )
    assert lines[0].startswith("ID='1' RECORD='@' TYPE='MX' PRIORITY='10' VALUE='mail.a.com.' SUSPENDED='no'")
    assert lines[0].endswith("TTL='300'")
    assert "VALUE='\"v=spf1 mx; -all\"'" in lines[1]
    assert "VALUE='0 issue \"letsencrypt.org\"'" in lines[2]


def test_a_quote_never_reaches_the_record_file() -> None:
    with pytest.raises(Permanent):
        record_lines((ZoneRecord("@", RecordType.TXT, "it's"),))


def package(*roles: Role, **limits: str) -> dict[str, str]:
    values = dict(resolve_limits(limits, {}).values)
    return package_values(
        PackageArgs(package="p", mark="hdk 1 n", roles=roles, limits=values, nameservers=("ns1.x.net", "ns2.x.net"))
    )


def test_a_package_always_says_every_key_the_shell_above_all() -> None:
    for roles in ((Role.WEB,), (Role.MAIL,), (Role.DNS,), tuple(Role)):
        assert list(package(*roles)) == list(BASE)
        assert package(*roles)["SHELL"] == "nologin"


def test_a_package_allows_its_roles_and_nothing_else() -> None:
    web = package(Role.WEB, web_disk_quota="2048", web_databases="3")
    assert (web["WEB_DOMAINS"], web["MAIL_DOMAINS"], web["DNS_DOMAINS"]) == ("1", "0", "0")
    assert (web["DISK_QUOTA"], web["DATABASES"]) == ("2048", "3")
    assert package(Role.DNS)["DNS_TEMPLATE"] == "default-nomail"


def test_a_shared_package_adds_the_disk_of_its_roles() -> None:
    assert package(*Role, web_disk_quota="2000", mail_disk_quota="500")["DISK_QUOTA"] == "2500"
    assert package(*Role, web_disk_quota="unlimited")["DISK_QUOTA"] == "unlimited"
