"""Why a host was not reached, in words of the trade instead of a library's."""

from __future__ import annotations

import errno
import socket

from hostdeck.core.transport.reasons import reason_of


def test_a_refused_connection_is_worded_as_the_system_words_it() -> None:
    error = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('192.0.2.1', 22)")
    assert reason_of(error) == "Connection refused"


def test_a_name_nobody_knows_keeps_the_resolvers_words() -> None:
    assert reason_of(socket.gaierror(socket.EAI_NONAME, "Name or service not known")) == "Name or service not known"


def test_silence_and_what_has_no_number_are_words_too() -> None:
    assert reason_of(TimeoutError()) == "no answer in time"
    assert reason_of(OSError("Multiple exceptions: one, two")) == "Multiple exceptions: one, two"
    assert reason_of(ValueError()) == "ValueError"
