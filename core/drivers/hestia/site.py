"""Settings of websites and mail domains as Hestia's commands, and what its listings say of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from hostdeck.core.drivers import site as say
from hostdeck.core.drivers.guard import Argument, StepResult
from hostdeck.core.drivers.hestia.argv import Steps, act, look
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import named_object


def _ask_site(ask: say.AskSite, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-web-domain", ask.user, ask.domain, "json")


def _ask_mail(ask: say.AskMailSettings, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-mail-domain", ask.user, ask.domain, "json")


QUESTIONS: dict[Any, Any] = {say.AskSite: _ask_site, say.AskMailSettings: _ask_mail}


def _site(ask: say.AskSite, results: Sequence[StepResult], server: str) -> say.SiteFacts:
    found = named_object(results[0], ask.domain, server)
    if found is None:
        return say.SiteFacts(exists=False)
    return say.SiteFacts(
        exists=True,
        ssl=found.get("SSL") == "yes",
        backend=found.get("BACKEND", ""),
        proxy=found.get("PROXY", ""),
        aliases=tuple(alias for alias in found.get("ALIAS", "").split(",") if alias),
        redirect=found.get("REDIRECT", ""),
        redirect_code=found.get("REDIRECT_CODE", ""),
        force_https=found.get("SSL_FORCE") == "yes",
        hsts=found.get("SSL_HSTS") == "yes",
    )


def _mail(ask: say.AskMailSettings, results: Sequence[StepResult], server: str) -> say.MailDomainFacts:
    found = named_object(results[0], ask.domain, server)
    if found is None:
        return say.MailDomainFacts(exists=False)
    catchall = found.get("CATCHALL", "")
    return say.MailDomainFacts(
        exists=True,
        catchall="" if catchall == "no" else catchall,
        antispam=found.get("ANTISPAM") == "yes",
        antivirus=found.get("ANTIVIRUS") == "yes",
    )


READERS: dict[Any, Callable[[Any, Sequence[StepResult], str], Any]] = {
    say.AskSite: _site,
    say.AskMailSettings: _mail,
}


def _switch_https(change: say.SwitchHttps, at: Layout) -> Steps:
    verb = "add" if change.on else "delete"
    return (act(at, f"v-{verb}-web-domain-ssl-{change.what}", change.user, change.domain, "no"),)


def _drop_redirect(change: say.DropRedirect, at: Layout) -> Steps:
    return (act(at, "v-delete-web-domain-redirect", change.user, change.domain, "no"),)


def _set_catchall(change: say.SetCatchall, at: Layout) -> Steps:
    put = act(at, "v-add-mail-domain-catchall", change.user, change.domain, change.address)
    if not change.replaces:
        return (put,)
    return (replace(act(at, "v-delete-mail-domain-catchall", change.user, change.domain), accept="0,3"), put)


def _switch_filter(change: say.SwitchFilter, at: Layout) -> Steps:
    verb = "add" if change.on else "delete"
    return (act(at, f"v-{verb}-mail-domain-{change.what}", change.user, change.domain),)


CHANGES: dict[Any, Callable[[Any, Layout], Steps]] = {
    say.AddAlias: lambda change, at: (
        act(at, "v-add-web-domain-alias", change.user, change.domain, change.alias, "no"),
    ),
    say.RemoveAlias: lambda change, at: (
        act(at, "v-delete-web-domain-alias", change.user, change.domain, change.alias, "no"),
    ),
    say.SetRedirect: lambda change, at: (
        act(at, "v-add-web-domain-redirect", change.user, change.domain, change.target, change.code, "no"),
    ),
    say.DropRedirect: _drop_redirect,
    say.SwitchHttps: _switch_https,
    # An absent list of extensions is the usual one; RESTART is the fifth argument, so that the list must be given.
    say.ChangeProxy: lambda change, at: (
        act(at, "v-change-web-domain-proxy-tpl", change.user, change.domain, change.template, EXTENSIONS, "no"),
    ),
    say.SetCatchall: _set_catchall,
    say.DropCatchall: lambda change, at: (act(at, "v-delete-mail-domain-catchall", change.user, change.domain),),
    say.SwitchFilter: _switch_filter,
}

EXTENSIONS = (
    "jpg,jpeg,gif,png,ico,svg,css,zip,tgz,gz,rar,bz2,doc,xls,exe,pdf,ppt,txt,odt,ods,odp,odf,tar,wav,bmp,rtf,js,mp3,"
    "avi,mpeg,flv,html,htm"
)
"""What a proxy template serves itself where nothing else is said: the command's own default."""
