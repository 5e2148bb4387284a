"""The traps of a real node that a driver has to live with (`hestia.md` 14, 15; `hestia-recipes.md`)."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime

import pytest

from hostdeck.core.drivers.hestia.scripts import PUT, UNDO, USER_STATE, script
from hostdeck.core.sim.hestia import DiskFiles, HestiaNode, MemoryFiles
from hostdeck.core.sim.hestia.defaults import PACKAGE_KEYS
from hostdeck.core.sim.hestia.table import COMMANDS

IP = "192.0.2.10"


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles({"/tmp/pw": "Passw0rd-1\nsecond line\n"})


@pytest.fixture
def node(files: MemoryFiles) -> HestiaNode:
    return HestiaNode("web01.sim", IP, files=files, clock=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))


def ok(node: HestiaNode, *argv: str) -> str:
    reply = node.run(argv)
    assert reply.exit == 0, (argv, reply)
    return reply.stdout


def code(node: HestiaNode, *argv: str) -> int:
    return node.run(argv).exit


def listed(node: HestiaNode, *argv: str) -> dict[str, dict[str, str]]:
    value: dict[str, dict[str, str]] = json.loads(ok(node, *argv, "json"))
    return value


def user(node: HestiaNode, name: str, package: str = "default", mark: str = "m@hostdeck.invalid") -> None:
    ok(node, "v-add-user", name, "/tmp/pw", mark, package, f"hdk {name}")


def package(node: HestiaNode, files: MemoryFiles, name: str, **limits: str) -> None:
    values = {**dict.fromkeys(PACKAGE_KEYS, "unlimited"), **dict.fromkeys(PACKAGE_KEYS[:4], "default")}
    values |= {"RATE_LIMIT": "200", "NS": "ns1.x.tld,ns2.x.tld", "SHELL": "nologin", "BACKUPS": "1"}
    values |= {"BACKUPS_INCREMENTAL": "no", **limits}
    files.write("/tmp/p", "".join(f"{key}='{value}'\n" for key, value in values.items()))
    ok(node, "v-add-user-package", "/tmp/p", name)


def test_a_full_path_counts_by_its_last_part(node: HestiaNode) -> None:
    assert ok(node, "/usr/local/hestia/bin/v-list-users", "list") == "admin\n"
    assert code(node, "/usr/local/hestia/bin/v-nonsense") == 127


def test_too_few_arguments_print_the_usage(node: HestiaNode) -> None:
    reply = node.run(["v-add-user", "x"])
    assert (reply.exit, reply.stdout) == (1, "Usage: v-add-user USER PASSWORD EMAIL [PACKAGE] [NAME] \n")


def test_an_empty_user_is_the_admin_and_an_unknown_format_prints_nothing(node: HestiaNode) -> None:
    assert list(listed(node, "v-list-user", "")) == ["admin"]
    assert ok(node, "v-list-user", "admin", "xml") == ""
    assert ok(node, "v-delete-user", "") == ""
    assert ok(node, "v-list-users", "list") == "admin\n"


def test_deleting_a_package_takes_users_of_longer_names_along(node: HestiaNode, files: MemoryFiles) -> None:
    package(node, files, "s1")
    package(node, files, "s10")
    user(node, "ten", "s10")
    ok(node, "v-delete-user-package", "s1")
    assert listed(node, "v-list-user", "ten")["ten"]["PACKAGE"] == "default"


def test_a_dot_in_a_mailbox_name_deletes_its_neighbour(node: HestiaNode) -> None:
    user(node, "bob")
    ok(node, "v-add-mail-domain", "bob", "b.com")
    for name in ("a.b", "axb", "other"):
        ok(node, "v-add-mail-account", "bob", "b.com", name, "/tmp/pw")
    ok(node, "v-delete-mail-account", "bob", "b.com", "a.b")
    assert list(listed(node, "v-list-mail-accounts", "bob", "b.com")) == ["other"]


def test_one_mailboxs_listing_answers_with_another_under_the_name_that_was_asked_for(node: HestiaNode) -> None:
    """The script prints the argument over what its grep found (`v-list-mail-account`, `v-list-database`)."""
    user(node, "bob")
    ok(node, "v-add-mail-domain", "bob", "b.com")
    ok(node, "v-add-mail-account", "bob", "b.com", "axb", "/tmp/pw", "77")
    assert listed(node, "v-list-mail-account", "bob", "b.com", "a.b")["a.b"]["QUOTA"] == "77"
    ok(node, "v-add-database", "bob", "axb", "one", "/tmp/pw")
    assert listed(node, "v-list-database", "bob", "bob_a.b")["bob_a.b"]["DATABASE"] == "bob_axb"


def test_a_forward_is_found_by_word_and_taken_out_by_pattern(node: HestiaNode) -> None:
    """`grep -w` and `s/^FORWARD$//` in v-add- and v-delete-mail-account-forward."""
    user(node, "bob")
    ok(node, "v-add-mail-domain", "bob", "b.com")
    ok(node, "v-add-mail-account", "bob", "b.com", "info", "/tmp/pw")
    box = ("bob", "b.com", "info")
    assert code(node, "v-add-mail-account-fwd-only", *box) == 3
    for address in ("jim.bob@x.org", "a.c@x.org", "abc@x.org"):
        ok(node, "v-add-mail-account-forward", *box, address)
    assert code(node, "v-add-mail-account-forward", *box, "bob@x.org") == 4
    ok(node, "v-delete-mail-account-forward", *box, "a.c@x.org")
    assert listed(node, "v-list-mail-accounts", "bob", "b.com")["info"]["FWD"] == "jim.bob@x.org"
    ok(node, "v-suspend-mail-account", *box)
    ok(node, "v-delete-mail-account-forward", *box, "jim.bob@x.org")


def test_an_automatic_answer_goes_through_echo_and_its_text_outlives_it(node: HestiaNode) -> None:
    user(node, "bob")
    ok(node, "v-add-mail-domain", "bob", "b.com")
    ok(node, "v-add-mail-account", "bob", "b.com", "info", "/tmp/pw")
    ok(node, "v-add-mail-account-autoreply", "bob", "b.com", "info", "one\\ntwo \\\\ \\x2d")
    path = "/usr/local/hestia/data/users/bob/mail/info@b.com.msg"
    assert ok(node, "cat", path) == "one\ntwo \\ -\n"
    ok(node, "v-delete-mail-account-autoreply", "bob", "b.com", "info")
    assert ok(node, "cat", path) == "one\ntwo \\ -\n"
    assert code(node, "v-add-mail-account-autoreply", "bob", "b.com", "info", "x" * 10240) == 2


def test_a_listing_may_answer_with_another_domain(node: HestiaNode) -> None:
    user(node, "bob")
    ok(node, "v-add-web-domain", "bob", "a-b.com")
    assert list(listed(node, "v-list-web-domain", "bob", "a.b.com")) == ["a-b.com"]


def test_a_missing_password_file_becomes_the_password(node: HestiaNode) -> None:
    ok(node, "v-add-user", "eve", "/tmp/none", "e@hostdeck.invalid")
    ok(node, "v-check-user-password", "eve", "/tmp/none")
    user(node, "bob")
    ok(node, "v-check-user-password", "bob", "Passw0rd-1")
    assert node.machine.files.read("/tmp/pw") is not None


def test_no_password_is_kept_anywhere(node: HestiaNode) -> None:
    secret = "Very-Secret-77"
    ok(node, "v-add-user", "bob", secret, "b@hostdeck.invalid")
    ok(node, "v-add-mail-domain", "bob", "b.com")
    ok(node, "v-add-mail-account", "bob", "b.com", "info", secret)
    ok(node, "v-add-database", "bob", "one", "one", secret)
    assert code(node, "v-change-user-password", "nobody", secret) == 3
    assert secret.encode() not in pickle.dumps(node)
    assert "'******'" in node.book.system_log[-1] + node.book.error_log[-1]


def test_web_looks_at_the_limit_first_and_mail_at_the_name(node: HestiaNode, files: MemoryFiles) -> None:
    package(node, files, "small", WEB_DOMAINS="1", MAIL_DOMAINS="1", DNS_DOMAINS="1")
    user(node, "bob", "small")
    for kind, again in (("v-add-web-domain", 8), ("v-add-mail-domain", 4)):
        ok(node, kind, "bob", "b.com")
        assert code(node, kind, "bob", "b.com") == again
    ok(node, "v-add-dns-domain", "bob", "b.com", IP)
    assert code(node, "v-add-dns-domain", "bob", "b.com", IP) == 4


def test_no_aliases_allowed_means_none_must_be_said(node: HestiaNode, files: MemoryFiles) -> None:
    package(node, files, "van", WEB_ALIASES="0")
    user(node, "bob", "van")
    assert code(node, "v-add-web-domain", "bob", "x.b.com") == 8
    ok(node, "v-add-web-domain", "bob", "x.b.com", IP, "no", "none")


def test_a_subdomain_needs_the_owner_of_the_base_domain(node: HestiaNode) -> None:
    user(node, "prov")
    user(node, "bob")
    ok(node, "v-add-mail-domain", "prov", "parent.co.uk")
    reply = node.run(["v-add-web-domain", "bob", "alice.parent.co.uk", IP, "no", "none"])
    assert reply.stdout == "Error: Unable to add alice.parent.co.uk. parent.co.uk belongs to a different user\n"
    ok(node, "v-add-web-domain", "prov", "parent.co.uk", IP, "no", "none")
    ok(node, "v-add-web-domain-allow-users", "prov", "parent.co.uk")
    ok(node, "v-add-web-domain", "bob", "alice.parent.co.uk", IP, "no", "none")
    assert ok(node, "v-search-domain-owner", "parent.co.uk", "mail") == "prov\n"


def test_a_leftover_folder_says_4_to_adding_and_3_to_deleting(node: HestiaNode) -> None:
    user(node, "bob")
    node.book.make("/home/bob/web/left.com")
    assert code(node, "v-add-web-domain", "bob", "left.com") == 4
    assert code(node, "v-delete-web-domain", "bob", "left.com") == 3


def test_exit_20_leaves_the_object_and_a_record_says_2(node: HestiaNode) -> None:
    user(node, "bob")
    node.broken.update(("proxy", "dns"))
    assert code(node, "v-add-web-domain", "bob", "b.com") == 20
    assert "b.com" in listed(node, "v-list-web-domains", "bob")
    assert code(node, "v-add-dns-domain", "bob", "b.com", IP) == 20
    reply = node.run(["v-add-dns-record", "bob", "b.com", "x", "A", IP])
    assert (reply.exit, reply.stdout.splitlines()[-1]) == (2, "Error: 20")
    node.broken.clear()
    ok(node, "v-restart-dns", "")
    assert node.dns_answer("x.b.com", "A") == [IP]


def test_suspending_is_live_only_after_the_flush_and_is_not_neutral(node: HestiaNode) -> None:
    user(node, "bob")
    ok(node, "v-add-dns-domain", "bob", "b.com", IP, "ns1.x.tld", "ns2.x.tld", *[""] * 6, "no")
    ok(node, "v-add-web-domain", "bob", "b.com", IP, "")
    ok(node, "v-add-mail-domain", "bob", "b.com")
    assert node.dns_answer("webmail.b.com", "CNAME") == ["mail.b.com."]
    ok(node, "v-suspend-user", "bob", "no")
    assert code(node, "v-suspend-user", "bob", "no") == 5
    assert node.dns_answer("b.com")
    assert node.site("b.com") == "live"
    ok(node, "v-restart-dns", "")
    ok(node, "v-restart-proxy", "")
    assert not node.dns_answer("b.com")
    assert node.site("b.com") == "suspended"
    assert node.run(["v-change-user-package", "bob", "default"]).stdout == "Error: user bob is suspended\n"
    for _ in range(2):
        ok(node, "v-unsuspend-user", "bob")
    assert node.dns_answer("webmail.b.com", "A") == [IP]


def _swap(node: HestiaNode, *lines: str) -> int:
    full = [f"{line} SUSPENDED='no' TIME='10:00:00' DATE='2026-11-23'" for line in lines]
    ok(node, *script(PUT, "put", "/tmp/zone", *full))
    ok(node, "v-insert-dns-records", "bob", "b.com", "/tmp/zone")
    return code(node, "v-rebuild-dns-domain", "bob", "b.com", "no", "yes")


NS = "ID='1' RECORD='@' TYPE='NS' PRIORITY='' VALUE='ns1.x.tld.'"
A = "ID='2' RECORD='@' TYPE='A' PRIORITY='' VALUE='192.0.2.9'"


def test_a_bad_zone_exits_0_and_named_keeps_the_old_one(node: HestiaNode) -> None:
    user(node, "bob")
    ok(node, "v-add-dns-domain", "bob", "b.com", IP)
    assert _swap(node, NS, A) == 0
    assert node.dns_answer("b.com", "A") == ["192.0.2.9"]
    assert _swap(node, A) == 0  # no name server
    check = node.run(["named-checkzone", "-q", "b.com", "/home/bob/conf/dns/b.com.db"])
    assert (check.exit, check.stdout) == (1, "")
    serial = listed(node, "v-list-dns-domain", "bob", "b.com")["b.com"]["SERIAL"]
    assert serial == "3000000002"
    assert "3000000001" in node.dns_answer("b.com")[0]
    ok(node, "v-restart-dns", "yes")
    assert node.dns_answer("b.com") == []


def test_a_bad_key_exits_2_and_takes_the_zone_out_of_named_conf(node: HestiaNode) -> None:
    user(node, "bob")
    ok(node, "v-add-dns-domain", "bob", "b.com", IP)
    assert _swap(node, NS, A.replace("PRIORITY", "PRIO")) == 2
    assert node.served.lines == []
    assert node.dns_answer("b.com")
    assert _swap(node, NS, A) == 0
    assert node.served.lines == [("bob", "b.com")]


def test_record_ids_are_reused_and_the_last_ones_stay(node: HestiaNode) -> None:
    user(node, "bob")
    ok(node, "v-add-dns-domain", "bob", "b.com", IP)
    for _ in range(2):
        ok(node, "v-add-dns-record", "bob", "b.com", "x", "A", IP)
    assert {"22", "23"} < set(listed(node, "v-list-dns-records", "bob", "b.com"))
    assert code(node, "v-change-dns-record", "bob", "b.com", "23", "x", "A", IP) == 4
    ok(node, "v-delete-dns-record", "bob", "b.com", "23")
    ok(node, "v-add-dns-record", "bob", "b.com", "y", "A", IP)
    assert listed(node, "v-list-dns-records", "bob", "b.com")["23"]["RECORD"] == "y"
    ok(node, "v-delete-dns-record", "bob", "b.com", "1")
    assert code(node, "v-delete-dns-record", "bob", "b.com", "2") == 2


STAGES = {  # list, add, delete, undo, whole?
    "useradd": (3, 4, 3, 0, "data=0 conf=0 group=0 jail=0 home=0"),
    "home": (3, 4, 3, 0, "data=0 conf=0 group=1 jail=0 home=0"),
    "data": (0, 4, 0, 6, "data=1 conf=0 group=1 jail=0 home=1"),
    "conf": (0, 4, 0, 6, "data=1 conf=1 group=1 jail=0 home=1"),
    "jail": (0, 4, 0, 6, "data=1 conf=1 group=1 jail=0 home=1"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_half_made_users(node: HestiaNode, stage: str) -> None:
    show, add, delete, undo, state = STAGES[stage]
    node.half_made("hm", "mark@hostdeck.invalid", stage)
    assert code(node, "v-list-user", "hm", "json") == show
    assert code(node, "v-add-user", "hm", "/tmp/pw", "x@y.zz") == add
    assert ok(node, *script(USER_STATE, "user-state", "hm", "-", "-", "-")).split("\n", 1)[1].split() == state.split()
    assert code(node, *script(UNDO, "undo", "hm", "other@hostdeck.invalid", "-", "-")) == 4
    assert code(node, *script(UNDO, "undo", "hm", "mark@hostdeck.invalid", "-", "-")) == undo
    assert code(node, "v-delete-user", "hm", "no") == (3 if undo == 0 else delete)
    assert code(node, "getent", "passwd", "hm") == 2
    user(node, "hm")


def test_the_mark_stands_in_gecos_until_the_contact_changes(node: HestiaNode) -> None:
    user(node, "bob", mark="hdk-1@hostdeck.invalid")
    assert "hdk-1@hostdeck.invalid" in ok(node, "getent", "passwd", "bob")
    ok(node, "v-change-user-contact", "bob", "real@customer.com")
    assert "real@customer.com" in ok(node, "getent", "passwd", "bob")
    assert listed(node, "v-list-user", "bob")["bob"]["NAME"] == "hdk bob"
    node.book.passwd["bob"].gecos = "no at sign"
    ok(node, "v-change-user-contact", "bob", "third@customer.com")
    assert "bob" not in ok(node, "v-list-users", "list").split()


def test_lets_encrypt_reports_success_for_a_certificate_it_did_not_install(node: HestiaNode) -> None:
    user(node, "bob")
    ok(node, "v-add-domain", "bob", "b.com")
    node.letsencrypt = "lose"
    for kind, *rest in (("web",), ("mail", "", "yes")):
        ok(node, "v-add-letsencrypt-domain", "bob", "b.com", *rest)
        row = listed(node, f"v-list-{kind}-domain", "bob", "b.com")["b.com"]
        assert (row["SSL"], row["LETSENCRYPT"]) == ("no", "yes")
        assert listed(node, f"v-list-{kind}-domain-ssl", "bob", "b.com")["b.com"]["NOT_AFTER"] == ""


@pytest.mark.parametrize(("outcome", "exit_code"), [("unresolved", 3), ("fail", 15), ("issue", 0)])
def test_lets_encrypt_does_as_told(node: HestiaNode, outcome: str, exit_code: int) -> None:
    user(node, "bob")
    ok(node, "v-add-web-domain", "bob", "b.com")
    node.letsencrypt = outcome
    assert code(node, "v-add-letsencrypt-domain", "bob", "b.com", "www.b.com") == exit_code
    row = listed(node, "v-list-web-domain", "bob", "b.com")["b.com"]
    assert row["LETSENCRYPT"] == ("yes" if exit_code == 0 else "no")
    after = listed(node, "v-list-web-domain-ssl", "bob", "b.com")["b.com"]["NOT_AFTER"]
    assert after == ("Feb 21 12:00:00 2027 GMT" if exit_code == 0 else "")


def test_a_missing_role_is_11() -> None:
    node = HestiaNode(files=MemoryFiles(), systems=frozenset({"dns"}))
    ok(node, "v-add-user", "bob", "pw", "b@hostdeck.invalid")
    assert code(node, "v-add-web-domain") == 11
    assert code(node, "v-add-mail-domain", "bob", "b.com") == 11
    assert "apache2" not in ok(node, "v-list-sys-services", "json")


def test_everything_goes_with_a_user(node: HestiaNode) -> None:
    before = copy.deepcopy((node.book.folders, node.book.jail, node.book.ips, node.book.zone_files))
    user(node, "bob")
    ok(node, "v-add-domain", "bob", "b.com")
    ok(node, "v-add-web-domain-ftp", "bob", "b.com", "ftp", "/tmp/pw")
    assert code(node, "test", "-d", "/home/bob/web/b.com/public_html") == 0
    ok(node, "v-delete-user", "bob")
    assert (node.book.folders, node.book.jail, node.book.ips, node.book.zone_files) == before
    assert [name for name in node.book.passwd if name.startswith("bob")] == []
    assert listed(node, "v-list-user", "admin")["admin"]["U_USERS"] == "1"


def test_the_probe_tells_the_state_and_repeats_itself(node: HestiaNode) -> None:
    node.half_made("hm", "m@hostdeck.invalid", "data")
    lines = node.probe().splitlines()
    assert lines[-1] == "probe=end"
    assert "half_users=1" in lines
    assert "users=1" in lines
    begin, end = lines.index("--svc-begin"), lines.index("--svc-end")
    assert json.loads("\n".join(lines[begin + 1 : end]))["nginx"]["STATE"] == "running"
    assert node.probe().splitlines() == lines


def test_changes_tells_reading_from_writing() -> None:
    assert HestiaNode.changes(["/usr/local/hestia/bin/v-add-user", "x"])
    assert HestiaNode.changes(script(UNDO, "undo", "u", "m"))
    assert not any(HestiaNode.changes([name]) for name in COMMANDS if name.startswith(("v-list-", "v-search-")))
    assert not HestiaNode.changes(script(PUT, "put", "f"))


def test_it_survives_pickling_with_files_on_the_disk() -> None:
    node = HestiaNode(files=DiskFiles())
    ok(node, "v-add-user", "bob", "pw", "b@hostdeck.invalid")
    again: HestiaNode = pickle.loads(pickle.dumps(node))
    assert ok(again, "v-list-users", "list") == "admin\nbob\n"
    ok(again, "v-delete-user", "bob")
