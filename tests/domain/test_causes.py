"""Many failures of one cause are one cause, and what is typed to see them finds them all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdeck.core.domain.causes import RULES, cause_of
from hostdeck.core.domain.exits import BY_NUMBER, EXITS, exit_in, said_as
from hostdeck.core.domain.narrowing import narrowing

REFUSED = "{s}: v-add-mail-domain {u} {d}: Error: domain {d} exists (exit 4 E_EXISTS, exists already)"
SAME: dict[str, tuple[str, str]] = {
    "silent": ("{s}: not reachable at 192.0.2.{n}:22 (no answer in time)",
               "mx01 does not answer (ssh: no answer in time)"),
    "login": ("{s}: login as root with this key is refused; put the public key into its authorized_keys or enter the "
              "credential again", "mx01 refuses our login"),
    "disk": ("{s}: v-backup-user {u}: Error: not enough disk (exit 13, the node's disk is full)",
             "mx01: its disk is full"),
    "exists": (REFUSED, "v-add-mail-domain: exit 4 E_EXISTS, exists already"),
    "by name": ("mail.addDomain: domain {d} is there (E_EXISTS)", "exit 4 E_EXISTS, exists already"),
    "budget": ("waiting for the budget: Let's Encrypt allows 5 certificates for exactly {d} in 7 days, {n} are used",
               "Let's Encrypt's own limits are used up"),
    "challenge": ("{s}: v-add-letsencrypt-domain: Let's Encrypt finalize bad status 403 (exit 15, a service it needs "
                  "could not be reached)", "Let's Encrypt could not see the challenge on the website"),
    "trouble there": ("{s}: v-add-letsencrypt-domain {u} {d}: Let's Encrypt new auth bad status 500 (exit 15)",
                      "v-add-letsencrypt-domain: exit 15 E_CONNECT, a service it needs could not be reached"),
    "foreign": ("account '{u}' on {s} is not managed by hostdeck: it belongs to nobody's name [OWN_FOREIGN]",
                "somebody else's account or domain stands in the way"),
    "unknown": ("{s}: the users' list of {d} at /usr/local/hestia/{u} has {n} lines too many",
                "the users' list of … at … has … lines too many"),
}  # fmt: skip
words = st.from_regex(r"[a-z]{3,8}", fullmatch=True)


@pytest.mark.parametrize("name", SAME)
@given(user=words, domain=words, number=st.integers(0, 250))
def test_what_differs_from_task_to_task_makes_no_other_cause(name: str, user: str, domain: str, number: int) -> None:
    text, said = SAME[name]
    one = text.format(s="mx01", u=f"{user}-mail", d=f"{domain}.example.com", n=number)
    other = text.format(s="mx01", u="shop-web", d="bakery.eu", n=7)
    cause = cause_of(one, "mx01")
    assert cause == cause_of(other, "mx01")
    assert cause.words == said


@pytest.mark.parametrize("name", SAME)
def test_what_is_typed_to_see_them_finds_each(name: str) -> None:
    text = SAME[name][0].format(s="mx01", u="shop-mail", d="bakery.eu", n=7)
    typed = cause_of(text, "mx01").narrowing(["failed"])
    row = {"state": "failed", "server": "mx01", "error": text.casefold()}
    assert narrowing(typed, frozenset({"state", "server", "error", "age"})).keeps("", row.__getitem__, lambda: 0.0)


def test_a_nodes_trouble_is_each_nodes_own_and_a_refusal_is_not() -> None:
    silent = "{s}: not reachable at 192.0.2.1:22 (Connection refused)"
    assert cause_of(silent.format(s="mx01"), "mx01").key != cause_of(silent.format(s="mx02"), "mx02").key
    assert cause_of(REFUSED.format(s="mx01", u="a", d="b.eu"), "mx01") == cause_of(
        REFUSED.format(s="mx02", u="a", d="b.eu"), "mx02"
    )


@pytest.mark.parametrize("error", ["", "no", "mx01: ", "((("])
def test_the_shortest_of_texts_have_a_cause_too(error: str) -> None:
    cause = cause_of(error, "mx01")
    assert cause.words
    assert cause.mend
    assert not cause.is_known


@given(st.text(max_size=300))
def test_no_text_is_too_strange(error: str) -> None:
    cause = cause_of(error, "mx01")
    assert narrowing(cause.narrowing(["failed"]), frozenset({"state", "server", "error"}))


def test_each_rule_says_what_to_try_and_how_they_are_found() -> None:
    assert all(rule.mend and rule.phrases for rule in RULES)
    assert not [rule.key for rule in RULES for phrase in rule.phrases if set(phrase) & set(',"')]


def test_every_exit_code_of_hestia_has_its_name_and_a_way_on() -> None:
    assert [one.code for one in EXITS if one.name] == list(range(1, 21))
    assert all(one.meaning and one.mend for one in EXITS)
    assert said_as(4) == "exit 4 E_EXISTS"
    assert said_as(126) == "exit 126"
    assert exit_in("web01: it said no (exit 4, exists already)") is BY_NUMBER[4]
    assert exit_in("it said E_LIMIT") is BY_NUMBER[8]
    assert exit_in("all is well (exit 99)") is None
