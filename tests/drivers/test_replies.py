"""What Hestia's answers mean, read from recordings of a real node."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers.guard import GuardStep, StepResult
from hostdeck.core.drivers.hestia.listings import judge, listing
from hostdeck.core.drivers.hestia.replies import facts
from hostdeck.core.drivers.language import AskCertificate, AskMailDomain, AskPackage, AskUser, AskWebDomain, AskZone
from hostdeck.core.errors import NotYet, Permanent, Taken, Transient

RECORDINGS = Path(__file__).resolve().parents[1] / "transcripts"


def recorded(file: str, *argv: str, exit: int = 0) -> StepResult:
    """The first recorded run of a command with that exit code."""
    for line in (RECORDINGS / f"{file}.jsonl").read_text("utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        if tuple(row["argv"][: len(argv)]) == argv and row["exit"] == exit:
            return result(tuple(row["argv"]), exit, row["stdout"], row["stderr"])
    raise LookupError(argv)


def result(argv: tuple[str, ...], exit: int, stdout: str = "", stderr: str = "") -> StepResult:
    return StepResult(GuardStep(argv), exit, 1, stdout.encode(), stderr.encode())


ABSENT = result(("v-list-x",), 3, "Error: x doesn't exist\n")
NOBODY = result(("v-search-domain-owner", "x"), 3)
WHOLE = "passwd=own1:x:1004:1004:hdk-4711.ab12cd34@hostdeck.invalid:/home/own1:/sbin/nologin\n"
STATE = WHOLE + "data=1\nconf=1\ngroup=1\njail=1\nhome=1\n"


def test_a_package_is_read_with_every_key() -> None:
    listed = recorded("02-packages", "v-list-user-package", "gold", "json")
    found = facts(AskPackage("gold"), [listed, result(("package-users",), 0, "alice=hdk 1 n\n")], "web01")
    assert found.users == {"alice": "hdk 1 n"}
    assert found.values["WEB_DOMAINS"] == "10"
    assert {"SHELL", "BACKUPS_INCREMENTAL", "RATE_LIMIT"} <= set(found.values)


def test_a_marked_user_is_read_with_its_mark() -> None:
    listed = recorded("31-ownership", "v-list-user", "own1", "json")
    found = facts(AskUser("own1"), [listed, result(("bash",), 0, STATE)], "web01")
    assert found.gecos == "hdk-4711.ab12cd34@hostdeck.invalid"
    assert (found.listing.name, found.listing.package) == ("hdk 4711 ab12cd34", "default")
    assert found.whole


def test_a_user_without_its_jail_is_not_whole() -> None:
    listed = recorded("31-ownership", "v-list-user", "own1", "json")
    found = facts(AskUser("own1"), [listed, result(("bash",), 0, STATE.replace("jail=1", "jail=0"))], "web01")
    assert found.complete_but_jail
    assert not found.whole


def test_a_web_domain_is_read_with_its_aliases() -> None:
    listed = recorded("30-guard", "v-list-web-domain", "base", "kw3.com", "json")
    found = facts(AskWebDomain("base", "kw3.com"), [listed, result(("test",), 0), NOBODY], "web01")
    assert found.domain.aliases == ("www.kw3.com",)
    assert found.has_folder


def test_dkim_comes_without_its_single_quotes() -> None:
    key = recorded("33-split", "v-list-mail-domain-dkim-dns")
    user, domain = key.step.argv[1], key.step.argv[2]
    listed = result(("v-list-mail-domain",), 0, json.dumps({domain: {"DKIM": "yes", "SUSPENDED": "no"}}))
    found = facts(AskMailDomain(str(user), str(domain)), [listed, key, NOBODY], "mx01")
    assert found.dkim.startswith("v=DKIM1; k=rsa; p=")
    assert "'" not in found.dkim


def test_a_mail_domain_without_a_key_has_no_dkim() -> None:
    listed = result(("v-list-mail-domain",), 0, '{"a.com": {"DKIM": "no", "SUSPENDED": "no"}}')
    key = result(("v-list-mail-domain-dkim-dns",), 0, '{"mail._domainkey": {"TXT": "DKIM-SUPPORT-IS-NOT-ACTIVATED"}}')
    assert facts(AskMailDomain("u", "a.com"), [listed, key, NOBODY], "mx01").dkim is None


def test_a_certificate_is_read_with_its_end_and_its_issuer() -> None:
    shown = recorded("04-web", "v-list-web-domain-ssl", "alice", "alpha.example", "json")
    listed = result(("v-list-web-domain",), 0, '{"alpha.example": {"SSL": "yes", "LETSENCRYPT": "no"}}')
    found = facts(AskCertificate("alice", "alpha.example"), [listed, shown], "web01")
    assert (found.exists, found.ssl, found.letsencrypt, found.webmail) == (True, True, False, None)
    assert found.not_after == datetime(2027, 2, 21, 14, 42, 43, tzinfo=UTC)
    assert "alpha.example" in found.issuer


@pytest.mark.parametrize(("client", "webmail"), [("roundcube", "webmail.a.com"), ("", None)])
def test_a_mail_domain_has_a_webmail_host_only_with_a_webmail_program(client: str, webmail: str | None) -> None:
    row = {"SSL": "no", "LETSENCRYPT": "no", "WEBMAIL_ALIAS": "webmail.a.com", "WEBMAIL": client}
    listed = result(("v-list-mail-domain",), 0, json.dumps({"a.com": row}))
    shown = result(("v-list-mail-domain-ssl",), 0, '{"a.com": {"NOT_AFTER": "", "ISSUER": ""}}')
    found = facts(AskCertificate("u", "a.com", mail=True), [listed, shown], "mx01")
    assert (found.exists, found.not_after, found.issuer, found.webmail) == (True, None, None, webmail)


def test_a_zone_is_read_record_by_record() -> None:
    domain = recorded("35-zone-swap", "v-list-dns-domain")
    records = recorded("35-zone-swap", "v-list-dns-records")
    name = str(domain.step.argv[2])
    serial = json.loads(domain.stdout)[name]["SERIAL"]
    soa = result(("dig",), 0, f"ns1.example.net. root.{name}. {serial} 14400 3600 1209600 3600\n")
    found = facts(AskZone("s4715", name), [domain, records, result(("named-checkzone",), 0), soa, NOBODY], "ns1")
    assert found.served_as_listed
    assert ZoneRecord("@", RecordType.NS, "ns1.example.net.", None, 14400) in found.records
    assert all(not r.value.startswith('"') for r in found.records if r.type is RecordType.TXT)


def test_an_absent_object_is_none() -> None:
    assert facts(AskPackage("x"), [ABSENT, result(("package-users",), 0)], "web01") is None


@pytest.mark.parametrize("text", ["{", "[]", "", '{"a": {"NAME": "x"', "Error: something\n"])
def test_a_listing_that_is_not_whole_is_never_an_empty_one(text: str) -> None:
    with pytest.raises(Transient):
        listing(result(("v-list-users", "json"), 0, text), "web01")


def test_an_answer_for_another_name_is_not_taken() -> None:
    """`v-list-web-domain USER a.b.com` answered {"a-b.com": …} with exit 0 on a real node (`hestia.md` 3.2)."""
    other = result(("v-list-web-domain", "u", "a.b.com", "json"), 0, '{"a-b.com": {"IP": "1.2.3.4"}}')
    with pytest.raises(Transient, match=r"answered for a-b\.com"):
        facts(AskWebDomain("u", "a.b.com"), [other, result(("test",), 1), NOBODY], "web01")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((code, Permanent) for code in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 18, 21, 99, 126, 127)),
        *((code, Transient) for code in (14, 15, 16, 17, 19, 20, 128, 137, 255)),
        (13, NotYet),
    ],
)
def test_every_exit_code_has_its_class(code: int, kind: type[Exception]) -> None:
    error = judge(result(("v-add-web-domain", "u", "d.com"), code, "Error: why\n"), "web01")
    assert isinstance(error, kind)
    assert type(error) in (kind, Taken)
    assert str(error).startswith("web01: v-add-web-domain u d.com: Error: why (exit ")


def test_hostile_words_of_a_node_are_inert_in_an_error() -> None:
    error = judge(result(("v-x",), 2, "\x1b]0;x\x07[/red]‮bad\n"), "web01")
    assert "\x1b" not in str(error)
    assert "‮" not in str(error)
