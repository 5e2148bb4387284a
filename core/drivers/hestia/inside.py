"""Everything inside one account, read with one listing a kind. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from hostdeck.core.domain.vocabulary import Role
from hostdeck.core.drivers import inside as say
from hostdeck.core.drivers.guard import Argument, StepResult
from hostdeck.core.drivers.hestia import item_texts, scripts
from hostdeck.core.drivers.hestia.argv import look
from hostdeck.core.drivers.hestia.items_cron import cron_jobs
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import listing, named_object

Named = dict[str, dict[str, Any]]


def _ask(ask: say.AskInside, at: Layout) -> Iterable[tuple[Argument, ...]]:
    if Role.WEB in ask.roles:
        yield look(at, "v-list-web-domain", ask.user, ask.domain, "json")
        yield look(at, "v-list-databases", ask.user, "json")
        yield scripts.script(item_texts.CRON_LINES, "cron-lines", at.cron_file(ask.user))
    if Role.MAIL in ask.roles:
        yield look(at, "v-list-mail-accounts", ask.user, ask.domain, "json")


QUESTIONS: dict[Any, Any] = {say.AskInside: _ask}


def _facts(ask: say.AskInside, results: Sequence[StepResult], server: str) -> say.InsideFacts:
    left: Iterator[StepResult] = iter(results)
    inside: dict[str, Named] = {}
    if Role.WEB in ask.roles:
        inside["ftp"] = _ftp(ask, next(left), server)
        inside["database"] = _databases(ask, next(left), server)
        inside["cron"] = _cron(next(left), server)
    if Role.MAIL in ask.roles:
        inside["mailbox"] = _mailboxes(next(left), server)
    return say.InsideFacts(inside)


READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {say.AskInside: _facts}


def _bare(ask: say.AskInside, name: str) -> str:
    return name.removeprefix(f"{ask.user}_")


def _ftp(ask: say.AskInside, result: StepResult, server: str) -> Named:
    site = named_object(result, ask.domain, server) or {}
    logins = [login for login in site.get("FTP_USER", "").split(":") if login]
    paths = site.get("FTP_PATH", "").split(":")
    named = {}
    for number, login in enumerate(logins):
        path = paths[number].strip("/") if number < len(paths) else ""
        named[_bare(ask, login)] = {"path": f"/{path}" if path else ""}
    return named


def _databases(ask: say.AskInside, result: StepResult, server: str) -> Named:
    return {
        _bare(ask, name): {
            "user": _bare(ask, found["DBUSER"]),
            "engine": found["TYPE"],
            "charset": found["CHARSET"].lower(),
            "suspended": found["SUSPENDED"] == "yes",
        }
        for name, found in (listing(result, server) or {}).items()
    }


def _cron(result: StepResult, server: str) -> Named:
    """By schedule and command: a job's number is used again (`hestia.md` 6.3)."""
    named = {}
    for job in cron_jobs(result, server).values():
        line = job.line
        name = f"{line.schedule} {line.command}"[:255]
        named[name] = {"schedule": line.schedule, "command": line.command, "suspended": job.suspended}
    return named


def _mailboxes(result: StepResult, server: str) -> Named:
    return {
        name: {
            "quota": "unlimited" if found["QUOTA"] in ("0", "") else found["QUOTA"],
            "forwards": _list(found["FWD"]),
            "keep": found["FWD_ONLY"] != "yes",
            "aliases": _list(found["ALIAS"]),
            "suspended": found["SUSPENDED"] == "yes",
        }
        for name, found in (listing(result, server) or {}).items()
    }


def _list(text: str) -> list[str]:
    return [one for one in text.split(",") if one]
