"""How a node is reached: row I75 of the table of bad inputs, and the keys of every common form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from hostdeck.core.domain.inputs import (
    check_fingerprint,
    check_host,
    check_ip,
    check_port,
    check_private_key,
    check_ssh_user,
)
from hostdeck.core.errors import Invalid

LABELS = "is not a host name: labels have 1 to 63 characters, and no '-' at either end"
LOGIN = "use 1 to 32 letters, digits, '.', '_' and '-', the first a letter or '_'"
PRINT = "use 'SHA256:' and 43 base64 characters"

REFUSED: list[tuple[Callable[[Any], object], object, str]] = [
    (check_host, "-oProxyCommand=x", "host: must not start with '-' [SRV_HOST]"),
    (check_host, "", "host: is required [SRV_HOST]"),
    (check_host, "a b", "host: character ' ' not allowed [SRV_HOST]"),
    (check_host, "a\n", "host: character U+000A not allowed [SRV_HOST]"),
    (check_host, "root@web01", "host: character '@' not allowed [SRV_HOST]"),
    (check_host, "web01:22", "host: character ':' not allowed [SRV_HOST]"),
    (check_host, "web-.ex.com", f"host: {LABELS} [SRV_HOST]"),
    (check_host, "ex..com", f"host: {LABELS} [SRV_HOST]"),
    (check_host, "127.1", "host: last label must not be numeric [SRV_HOST]"),
    (check_host, "a." * 130, "host: longer than 253 characters (260) [SRV_HOST]"),
    (check_host, "fe80::1%eth0", "host: use the IPv4 or IPv6 address of one machine [SRV_HOST]"),
    (check_host, b"\xff", "host: not valid UTF-8 [SRV_HOST]"),
    *(
        (check_ip, typed, "ip: use the IPv4 or IPv6 address of one machine [SRV_IP]")
        for typed in ("", "x", "1.2.3", "01.2.3.4", "1.2.3.4/24", "0.0.0.0", "::", "224.0.0.1", "fe80::1%eth0", " ::1")
    ),
    *(
        (check_port, typed, "port: use 1 to 65535 [SRV_PORT]")
        for typed in (0, 65536, -1, "0", "65536", "", "22 ", "+22", "\u0662\u0662", "9" * 5000)
    ),
    *(
        (check_ssh_user, typed, f"user: {LOGIN} [SRV_USER]")
        for typed in ("", "-l", "a b", "a\n", "1a", "a" * 33, "a;id")
    ),
    *(
        (check_fingerprint, typed, f"fingerprint: {PRINT} [SRV_FINGERPRINT]")
        for typed in ("", "SHA256:" + "A" * 42, "SHA256:" + "A" * 43 + "=", "MD5:" + "A" * 43, "SHA256:" + "-" * 43)
    ),
]


@pytest.mark.parametrize(("check", "typed", "expected"), REFUSED, ids=[f"I75-{i}" for i in range(len(REFUSED))])
def test_refused(check: Callable[[Any], object], typed: object, expected: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(typed)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("check", "typed", "value"),
    [
        (check_host, "Web01", "web01"),
        (check_host, "web01.Example.com", "web01.example.com"),
        (check_host, "192.0.2.1", "192.0.2.1"),
        (check_host, "2001:DB8:0::1", "2001:db8::1"),
        (check_ip, "127.0.0.1", "127.0.0.1"),
        (check_ip, "2001:DB8:0::1", "2001:db8::1"),
        (check_port, "22", 22),
        (check_port, 65535, 65535),
        (check_ssh_user, "hostdeck_Ops.1", "hostdeck_Ops.1"),
        (check_fingerprint, "SHA256:" + "Ab+/" * 10 + "xyz", "SHA256:" + "Ab+/" * 10 + "xyz"),
    ],
)
def test_accepted(check: Callable[[Any], object], typed: object, value: object) -> None:
    assert check(typed) == value


PLAIN, LOCKED = NoEncryption(), BestAvailableEncryption(b"x")
ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)
ECDSA = ec.generate_private_key(ec.SECP256R1())
OPENSSH = ED25519.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, PLAIN).decode()
UNREADABLE = "key: cannot be read as a private key [SRV_KEY]"
PASSPHRASE = "key: is protected by a passphrase; give the key without one [SRV_KEY]"
WRONG_KIND = "key: is of a kind SSH cannot use; give an Ed25519, ECDSA or RSA key [SRV_KEY]"


@pytest.mark.parametrize(
    "key",
    [
        OPENSSH,
        OPENSSH.strip(),
        f"\n  {OPENSSH}\n",
        OPENSSH.replace("\n", "\r\n"),
        RSA.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, PLAIN).decode(),
        RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, PLAIN).decode(),
        RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, PLAIN).decode(),
        ECDSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, PLAIN).decode(),
        ED25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, PLAIN).decode(),
    ],
    ids=range(9),
)
def test_a_key_that_opens(key: str) -> None:
    check_private_key(key)


BAD_KEYS = [
    ("", UNREADABLE),
    ("ssh-ed25519 AAAA", UNREADABLE),
    (OPENSSH[:120] + OPENSSH[140:], UNREADABLE),
    (OPENSSH[: len(OPENSSH) // 2], UNREADABLE),
    (OPENSSH + "x" * 70_000, UNREADABLE),
    ("\udcff", "key: not valid UTF-8 [SRV_KEY]"),
    (ED25519.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), UNREADABLE),
    (ED25519.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, LOCKED).decode(), PASSPHRASE),
    (ED25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, LOCKED).decode(), PASSPHRASE),
    (RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, LOCKED).decode(), PASSPHRASE),
    (x25519.X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, PLAIN).decode(), WRONG_KIND),
    (
        ec.generate_private_key(ec.SECP256K1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, PLAIN).decode(),
        WRONG_KIND,
    ),
]


@pytest.mark.parametrize(("key", "expected"), BAD_KEYS, ids=[f"I75-key-{i}" for i in range(len(BAD_KEYS))])
def test_a_key_that_does_not(key: str, expected: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_private_key(key)
    assert str(caught.value) == expected
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
