"""Domain names: every row of the table of bad inputs, the names that must pass, suffixes and display."""

from __future__ import annotations

import pytest

from hostdeck.core.domain.inputs import (
    check_domain,
    parents_of,
    refuse_node,
    refuse_parent_taken,
    refuse_taken,
    registrable,
    unicode_form,
)
from hostdeck.core.errors import Invalid

CYRILLIC_APPLE = "\u0430\u0440\u0440\u04cf\u0435.com"
MIXED_LABEL = "\u0430\u0440\u0440le"
LONG = "aaa." * 100 + "com"

REFUSED = [
    ("I1", "", "is required [DOM_EMPTY]"),
    ("I1", "   ", "is required [DOM_EMPTY]"),
    ("I2", "ex.com\nevil.com", "control character U+000A [DOM_CONTROL]"),
    ("I3", "ex.com\r", "control character U+000D [DOM_CONTROL]"),
    ("I4", "ex\0.com", "control character U+0000 [DOM_CONTROL]"),
    ("I5", "\x1b]0;x\x07.com", "control character U+001B [DOM_CONTROL]"),
    ("I6", "ex\u202e.com", "invisible or direction character U+202E [DOM_INVISIBLE]"),
    ("I7", "ex\u200b.com", "invisible or direction character U+200B [DOM_INVISIBLE]"),
    ("I8", "ex\u3002com", "use '.' between labels, not U+3002 [DOM_DOT]"),
    ("I9", " ex.com", "leading or trailing space [DOM_SPACE]"),
    ("I10", "ex ample.com", "character ' ' not allowed [DOM_CHAR]"),
    ("I11", "-ex.com", "label '-ex' starts or ends with '-' [DOM_HYPHEN]"),
    ("I12", "--help", "label '--help' starts or ends with '-' [DOM_HYPHEN]"),
    ("I13", "ex-.com", "label 'ex-' starts or ends with '-' [DOM_HYPHEN]"),
    ("I14", "ex..com", "empty label [DOM_LABEL_EMPTY]"),
    ("I15", ".ex.com", "empty label [DOM_LABEL_EMPTY]"),
    ("I16", "ex.com.", "remove the trailing dot [DOM_TRAILING_DOT]"),
    ("I17", "a" * 64 + ".com", "label longer than 63 characters (64) [DOM_LABEL_LONG]"),
    ("I18", LONG, "longer than 253 characters (403) [DOM_LONG]"),
    ("I19", "localhost", "needs at least two labels [DOM_SINGLE]"),
    ("I20", "1.2.3.4", "is an IP address [DOM_IP]"),
    ("I21", "::1", "is an IP address [DOM_IP]"),
    ("I22", "127.1", "last label must not be numeric [DOM_TLD]"),
    ("I22", "127.0x1", "last label must not be numeric [DOM_TLD]"),
    ("I23", "ex.com:8080", "character ':' not allowed [DOM_CHAR]"),
    ("I24", "~root.com", "character '~' not allowed [DOM_CHAR]"),
    ("I25", "../../etc/passwd", "character '/' not allowed [DOM_CHAR]"),
    ("I26", "%.com", "character '%' not allowed [DOM_CHAR]"),
    ("I27", "a_b.com", "character '_' not allowed [DOM_CHAR]"),
    ("I28", "*.ex.com", "character '*' not allowed [DOM_CHAR]"),
    ("I29", "$(id).com", "character '$' not allowed [DOM_CHAR]"),
    ("I30", "ex.com;id", "character ';' not allowed [DOM_CHAR]"),
    ("I31", "x' OR 1=1--.com", "character ''' not allowed [DOM_CHAR]"),
    ("I32", "[/red].com", "character '[' not allowed [DOM_CHAR]"),
    ("I33", "http://ex.com", "give the name only, without 'http://' [DOM_URL]"),
    ("I34", "user@ex.com", "character '@' not allowed [DOM_CHAR]"),
    ("I35", "www.ex.com", "leave out 'www.'; it is added as alias [DOM_WWW]"),
    ("I35", "WWW.ex.com", "leave out 'www.'; it is added as alias [DOM_WWW]"),
    ("I36", f"{MIXED_LABEL}.com", f"label '{MIXED_LABEL}' mixes scripts Cyrillic, Latin [DOM_MIXED]"),
    ("I37", CYRILLIC_APPLE, "looks like 'apple.com'; an admin must confirm [DOM_CONFUSABLE]"),
    ("I37", "xn--80ak6aa92e.com", "looks like 'apple.com'; an admin must confirm [DOM_CONFUSABLE]"),
    ("I38", "xn--a.com", "label 'xn--a' is not valid IDNA [DOM_IDNA]"),
    ("I39", b"ex\xff.com", "not valid UTF-8 [DOM_ENCODING]"),
    ("I39", "ex\udcff.com", "not valid UTF-8 [DOM_ENCODING]"),
    ("I40", "co.uk", "is a public suffix [DOM_SUFFIX]"),
    ("I41", "ex.test", "'.test' is reserved [DOM_RESERVED]"),
    ("I41", "ex.local", "'.local' is reserved [DOM_RESERVED]"),
    ("I41", "ex.onion", "'.onion' is reserved [DOM_RESERVED]"),
    ("I41", "ex.home.arpa", "'.home.arpa' is reserved [DOM_RESERVED]"),
    ("NBSP", "a\u00a0b.com", "character U+00A0 not allowed [DOM_CHAR]"),
    ("C1", "ex\x9b31m.com", "control character U+009B [DOM_CONTROL]"),
    ("composed-to-ASCII", "ex\u037e.com", "character ';' not allowed [DOM_CHAR]"),
    ("emoji", "\U0001f600.com", "label '\U0001f600' is not valid IDNA [DOM_IDNA]"),
    ("full-width", "\uff45x.com", "label '\uff45x' is not valid IDNA [DOM_IDNA]"),
    ("hidden-joiner", "xn--1ugx6lch.com", "label 'xn--1ugx6lch' is not valid IDNA [DOM_IDNA]"),
    ("joiner", "xn--11b2ezcw70k.in", "invisible or direction character U+200D [DOM_INVISIBLE]"),
    ("long-U-label", "\u00e4" * 62 + "b.de", "label longer than 63 characters (70) [DOM_LABEL_LONG]"),
    ("IDN-suffix", "\u516c\u53f8.cn", "is a public suffix [DOM_SUFFIX]"),
    ("small-latin-g", "\u0261oo\u0261le.com", "looks like 'google.com'; an admin must confirm [DOM_CONFUSABLE]"),
]


@pytest.mark.parametrize(("row", "typed", "expected"), REFUSED, ids=[f"{r[0]}-{i}" for i, r in enumerate(REFUSED)])
def test_refused(row: str, typed: str | bytes, expected: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_domain(typed)
    assert str(caught.value) == f"domain: {expected}"
    assert caught.value.exit_code == 2


ORDER = [
    ("DOM_ENCODING", b"\xff\n"),
    ("DOM_CONTROL", "\n\u202e"),
    ("DOM_INVISIBLE", "\u202e\u3002"),
    ("DOM_DOT", " \u3002"),
    ("DOM_SPACE", " http://x"),
    ("DOM_URL", "http://::1"),
    ("DOM_CHAR", "$-.com."),
    ("DOM_TRAILING_DOT", "-a..com."),
    ("DOM_LABEL_EMPTY", "-a..com"),
    ("DOM_HYPHEN", "-" + "a" * 300),
    ("DOM_LONG", "a" * 300),
    ("DOM_LABEL_LONG", "1" * 64),
    ("DOM_SINGLE", "1"),
    ("DOM_TLD", "www.ex.1"),
    ("DOM_WWW", "www.xn--a.com"),
    ("DOM_IDNA", f"xn--a.{MIXED_LABEL}.test"),
    ("DOM_MIXED", f"{MIXED_LABEL}.{CYRILLIC_APPLE}"),
    ("DOM_CONFUSABLE", "\u0430\u0440\u0440.test"),
    ("DOM_SUFFIX", "home.arpa"),
]


@pytest.mark.parametrize(("code", "typed"), ORDER, ids=[code for code, _ in ORDER])
def test_the_first_failure_is_told(code: str, typed: str | bytes) -> None:
    with pytest.raises(Invalid) as caught:
        check_domain(typed)
    assert caught.value.code == code


ACCEPTED = [
    ("example.com", "example.com"),
    (b"Example.COM", "example.com"),
    ("www.com", "www.com"),
    ("1.de", "1.de"),
    ("a--b.com", "a--b.com"),
    ("shop.ex.co.uk", "shop.ex.co.uk"),
    ("Stra\u00dfe.de", "xn--strae-oqa.de"),
    ("m\u00fcnchen.de", "xn--mnchen-3ya.de"),
    ("mu\u0308nchen.de", "xn--mnchen-3ya.de"),
    ("M\u00dcNCHEN.de", "xn--mnchen-3ya.de"),
    ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
    ("\u0142\u00f3d\u017a.pl", "xn--d-uga0v4h.pl"),
    ("\u043f\u0440\u0438\u0432\u0435\u0442.com", "xn--b1agh1afp.com"),
    ("\u043c\u043e\u0441\u043a\u0432\u0430.\u0440\u0444", "xn--80adxhks.xn--p1ai"),
    ("\u0445\u043e\u0440.\u0440\u0444", "xn--n1aen.xn--p1ai"),
    ("\u03b5\u03bb\u03bb\u03ac\u03b4\u03b1.gr", "xn--hxakic4aa.gr"),
    ("\u6771\u4eac\u30bf\u30ef\u30fc\u3068.jp", None),
    ("\ud55c\uad6d\u6f22.kr", None),
    ("\u4e2d\u6587\u3105.tw", None),
    ("\u05d0\u05d1\u05d2.co.il", None),
]


@pytest.mark.parametrize(("typed", "name"), ACCEPTED, ids=[str(i) for i in range(len(ACCEPTED))])
def test_accepted(typed: str | bytes, name: str | None) -> None:
    got = check_domain(typed)
    assert name is None or got == name
    assert check_domain(unicode_form(got)) == got


def test_I37_an_admin_may_confirm() -> None:
    assert check_domain(CYRILLIC_APPLE, confusable_ok=True) == "xn--80ak6aa92e.com"


def test_I41_reserved_names_serve_the_demo() -> None:
    assert check_domain("ex.test", reserved_ok=True) == "ex.test"


def test_I42_I44_I45_texts() -> None:
    assert str(refuse_node("web01")) == "domain: is the hostname of server web01 [DOM_NODE]"
    assert str(refuse_taken("ex.com", 12)) == "domain: already used by service #12 [DOM_TAKEN]"
    wanted = "domain: parent 'ex.com' belongs to service #12 [DOM_PARENT_TAKEN]"
    assert str(refuse_parent_taken("ex.com", 12)) == wanted


@pytest.mark.parametrize(
    ("domain", "owned", "parents"),
    [
        ("ex.com", "ex.com", ()),
        ("a.b.ex.com", "ex.com", ("b.ex.com", "ex.com")),
        ("a.ex.co.uk", "ex.co.uk", ("ex.co.uk",)),
        ("co.uk", "co.uk", ()),
        ("a.me.github.io", "me.github.io", ("me.github.io",)),
        ("a.www.ck", "www.ck", ("www.ck",)),
        ("a.b.c.kawasaki.jp", "b.c.kawasaki.jp", ("b.c.kawasaki.jp",)),
        ("a.xn--b1agh1afp.xn--p1ai", "xn--b1agh1afp.xn--p1ai", ("xn--b1agh1afp.xn--p1ai",)),
        ("a.ex.test", "ex.test", ("ex.test",)),
    ],
)
def test_what_one_owner_has(domain: str, owned: str, parents: tuple[str, ...]) -> None:
    assert registrable(domain) == owned
    assert parents_of(domain) == parents


def test_the_short_cut_to_the_suffix_list_agrees_with_the_whole_list() -> None:
    from publicsuffixlist import PublicSuffixList

    whole = PublicSuffixList()
    tops = ("com", "uk", "jp", "ck", "cn", "no", "xn--p1ai", "xn--wcvs22d", "xn--90a3ac", "io", "zz")
    rules = {rule.lstrip("!*.") for rule in whole._publicsuffix if rule.isascii()}
    for rule in {r for r in rules if r.rpartition(".")[2] in tops} | set(tops):
        for name in (rule, f"b.{rule}", f"a.b.{rule}"):
            assert registrable(name) == (whole.privatesuffix(name) or name)


def test_display_keeps_what_does_not_decode_or_would_not_show() -> None:
    assert unicode_form("a.xn--mnchen-3ya.de") == "a.m\u00fcnchen.de"
    assert unicode_form("xn--a.com") == "xn--a.com"
    assert unicode_form("xn--11b2ezcw70k.in") == "xn--11b2ezcw70k.in"
