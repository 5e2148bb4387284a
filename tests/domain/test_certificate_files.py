"""Files of a certificate of one's own: what is refused before anything is sent, and what is mended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from tests.authority import DAY, Issued, intermediate, issue, leaf, root, weak_key

from hostdeck.core.domain.certificate_files import CertificateFiles, check_files
from hostdeck.core.domain.pem import certificate_blocks, fingerprint
from hostdeck.core.errors import Invalid

NAME = "customer.com"
WWW = f"www.{NAME}"


def check(certificate: str, key: str, chain: str = "") -> CertificateFiles:
    return check_files(certificate, key, chain, (NAME,), (NAME, WWW), datetime.now(UTC))


def refused(certificate: str, key: str, chain: str = "") -> Invalid:
    with pytest.raises(Invalid) as caught:
        check(certificate, key, chain)
    inside = "".join(key.splitlines()[1:-1])
    assert not inside or inside[:20] not in str(caught.value)
    return caught.value


@pytest.fixture(scope="module")
def good() -> Issued:
    return leaf(NAME, WWW)


def test_a_whole_set_is_taken_as_it_is(good: Issued) -> None:
    files = check(good.pem, good.key, intermediate().pem)
    assert (files.certificate, files.chain) == (good.pem, intermediate().pem)
    assert (files.hosts, files.warnings) == ((NAME, WWW), ())
    assert files.issuer == "CN=Test Intermediate"
    assert files.not_after == good.certificate.not_valid_after_utc
    assert fingerprint(files.certificate) == good.certificate.fingerprint(SHA256()).hex()


def test_a_chain_in_disorder_is_put_in_order(good: Issued) -> None:
    files = check(good.pem, good.key, root().pem + intermediate().pem)
    assert certificate_blocks(files.chain) == (intermediate().pem, root().pem)


def test_a_full_chain_in_the_certificates_file_is_taken_apart_whatever_comes_first(good: Issued) -> None:
    files = check(intermediate().pem + "Bag Attributes\n" + good.pem, good.key)
    assert (files.certificate, files.chain) == (good.pem, intermediate().pem)


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(good: Issued, text: str) -> None:
    assert refused(text, good.key).code == "CRT_CERT"


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused(good: Issued, text: str) -> None:
    assert refused(good.pem, text).code == "CRT_KEY"


def test_a_key_with_a_password_is_refused_with_how_to_take_it_off(good: Issued) -> None:
    error = refused(good.pem, good.locked_key("a secret"))
    assert error.code == "CRT_KEY_ENCRYPTED"
    assert "openssl pkey" in str(error)


def test_anothers_key_is_refused(good: Issued) -> None:
    assert refused(good.pem, leaf(NAME).key).code == "CRT_KEY_OTHER"


def test_one_that_has_run_out_is_refused_and_one_that_begins_tomorrow_too() -> None:
    old = leaf(NAME, begins=-9 * DAY, ends=-DAY)
    assert refused(old.pem, old.key).code == "CRT_EXPIRED"
    young = leaf(NAME, begins=DAY)
    assert refused(young.pem, young.key).code == "CRT_NOT_YET"


def test_names_that_are_missing_are_said_and_www_is_only_warned_of() -> None:
    other = leaf("other.com")
    error = refused(other.pem, other.key)
    assert (error.code, "does not cover customer.com" in str(error)) == ("CRT_NAMES", True)
    bare = leaf(NAME)
    (warning,) = check(bare.pem, bare.key, intermediate().pem).warnings
    assert WWW in warning


def test_a_star_stands_for_one_label_only() -> None:
    star = leaf("*.customer.com")
    assert refused(star.pem, star.key).code == "CRT_NAMES"
    both = leaf("*.customer.com", NAME)
    assert check(both.pem, both.key, intermediate().pem).warnings == ()
    with pytest.raises(Invalid, match="CRT_NAMES"):
        check_files(both.pem, both.key, "", ("a.b.customer.com",), (), datetime.now(UTC))


def test_a_subject_without_alternative_names_covers_nothing() -> None:
    plain = issue(NAME, by=intermediate())
    assert refused(plain.pem, plain.key).code == "CRT_NAMES"


def test_a_chain_of_somebody_else_is_refused_and_so_is_a_stranger_in_it(good: Issued) -> None:
    stranger = issue("Somebody Else")
    assert "Test Intermediate" in str(refused(good.pem, good.key, stranger.pem))
    error = refused(good.pem, good.key, intermediate().pem + stranger.pem)
    assert (error.code, "Somebody Else" in str(error)) == ("CRT_CHAIN", True)


def test_an_issuer_of_the_same_name_with_another_key_is_no_issuer(good: Issued) -> None:
    assert refused(good.pem, good.key, issue("Test Intermediate").pem).code == "CRT_CHAIN"


def test_a_chain_that_has_run_out_is_refused() -> None:
    ended = issue("Ended", by=root(), begins=-9 * DAY, ends=-DAY)
    below = issue(NAME, (NAME, WWW), ended)
    assert "ran out" in str(refused(below.pem, below.key, ended.pem))


def test_no_chain_and_one_signed_by_itself_are_warned_of(good: Issued) -> None:
    assert "no chain" in check(good.pem, good.key).warnings[0]
    alone = issue(NAME, (NAME, WWW))
    assert "signed by itself" in check(alone.pem, alone.key).warnings[0]


def test_a_weak_key_is_refused() -> None:
    weak = leaf(NAME, WWW, private=weak_key())
    error = refused(weak.pem, weak.key)
    assert (error.code, "1024 bits" in str(error)) == ("CRT_WEAK", True)


def test_one_that_ends_soon_is_warned_of() -> None:
    short = leaf(NAME, WWW, ends=5 * DAY)
    assert "runs out in" in check(short.pem, short.key, intermediate().pem).warnings[0]


def test_a_text_without_a_certificate_has_no_fingerprint() -> None:
    assert fingerprint("crt") is None
    assert fingerprint("-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----") is None
