"""A question or a change as the commands of one guarded exec. Pure.

Every RESTART argument is `no`; one flush at the end reloads what must be reloaded (`hestia.md` 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from hostdeck.core.domain.archives import PARTS
from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers import changes as tell
from hostdeck.core.drivers import language as say
from hostdeck.core.drivers.guard import KEEP_OUT, Argument, GuardStep, Scratch
from hostdeck.core.drivers.hestia import (
    certificates,
    config,
    inside,
    items_cron,
    items_mail,
    items_web,
    proofs,
    provider,
    scripts,
    site,
    trials,
    usage,
)
from hostdeck.core.drivers.hestia.argv import Steps, act, look, only_if, owner_step
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.users import ask_user
from hostdeck.core.errors import Permanent

SCRATCH = Scratch("pkg")


def question_steps(question: say.Question[Any], layout: Layout) -> Steps:
    """The listings that answer a question; each runs whatever the one before it said."""
    maker: Callable[[Any, Layout], Iterable[tuple[Argument, ...]]] = QUESTIONS[type(question)]
    keep = usage.KEEP if type(question) in usage.QUESTIONS else KEEP_OUT
    return tuple(GuardStep(argv, "any", quiet=True, looks=True, keep=keep) for argv in maker(question, layout))


def change_steps(change: say.Change, layout: Layout) -> Steps:
    """The commands of a change, the acting one last; a look before it stops the rest where the world has moved."""
    maker: Callable[[Any, Layout], Steps] = CHANGES[type(change)]
    return maker(change, layout)


def chain(changes: Sequence[say.Change], layout: Layout) -> Steps:
    """The commands of several changes: one that another follows must succeed, else nothing after it runs."""
    steps = [list(change_steps(change, layout)) for change in changes]
    for earlier in steps[:-1]:
        earlier[-1] = replace(earlier[-1], accept="0")
    return tuple(step for part in steps for step in part)


def flush_steps(services: Iterable[say.Service], layout: Layout) -> Steps:
    """Reloads; exit 20 here means that somebody's configuration does not load (`hestia-recipes.md` 3.7)."""
    reloads = (service for service in services if service is not say.Service.SERIAL)
    return tuple(GuardStep((layout.command(f"v-restart-{service}"), ""), "any") for service in reloads)


def sends(changes: Sequence[say.Change], flush: Iterable[say.Service]) -> tuple[str, ...]:
    """The changing commands of some changes and the reloads after them, as people read them."""
    layout = Layout()
    lines: list[str] = []
    for change in changes:
        steps = change_steps(change, layout)
        lines += config.told(change) or (step.shown() for step in steps if not step.looks)
    return (*lines, *(step.shown() for step in flush_steps(flush, layout)))


def _ask_package(ask: say.AskPackage, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-user-package", ask.package, "json")
    yield scripts.script(scripts.PACKAGE_USERS, "package-users", ask.package, at.users)


def _ask_web(ask: say.AskWebDomain, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-web-domain", ask.user, ask.domain, "json")
    yield ("test", "-d", at.public_html(ask.user, ask.domain))
    yield look(at, "v-search-domain-owner", ask.domain, "any")


def _ask_mail(ask: say.AskMailDomain, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-mail-domain", ask.user, ask.domain, "json")
    yield look(at, "v-list-mail-domain-dkim-dns", ask.user, ask.domain, "json")
    yield look(at, "v-search-domain-owner", ask.domain, "any")


def _ask_zone(ask: say.AskZone, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-dns-domain", ask.user, ask.domain, "json")
    yield look(at, "v-list-dns-records", ask.user, ask.domain, "json")
    yield ("named-checkzone", "-q", ask.domain, at.zone_file(ask.user, ask.domain))
    yield ("dig", "+short", "+time=2", "+tries=1", "@127.0.0.1", ask.domain, "SOA")
    yield look(at, "v-search-domain-owner", ask.domain, "any")


def _ask_certificate(ask: say.AskCertificate, at: Layout) -> Iterable[tuple[Argument, ...]]:
    kind = "mail" if ask.mail else "web"
    yield look(at, f"v-list-{kind}-domain", ask.user, ask.domain, "json")
    yield look(at, f"v-list-{kind}-domain-ssl", ask.user, ask.domain, "json")


def _ask_hosting(ask: say.AskHosting, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield scripts.script(scripts.HOSTING_LIVE, "hosting-live", ask.user, ask.domain, at.users, at.exim_domains)
    yield look(at, "v-list-user", ask.user, "json")
    yield look(at, "v-list-web-domain", ask.user, ask.domain, "json")
    yield look(at, "v-list-mail-domain", ask.user, ask.domain, "json")


def _ask_use(ask: say.AskUse, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-user", ask.user, "json")
    yield look(at, "v-list-web-domain", ask.user, ask.domain, "json")
    yield look(at, "v-list-mail-domain", ask.user, ask.domain, "json")


def _ask_backups(ask: say.AskBackups, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-user", ask.user, "json")
    yield look(at, "v-list-user-backups", ask.user, "json")
    yield scripts.script(scripts.BACKUPS, "backups", ask.user, at.users, at.conf, at.backup_queue)


def _ask_restore(ask: say.AskRestore, at: Layout) -> Iterable[tuple[Argument, ...]]:
    # The queue and the logs come first: what ends between the looks is then seen as under way, never as unknown.
    yield scripts.script(scripts.RESTORES, "restores", ask.user, ask.archive, at.logs, at.backup_queue)
    yield from _ask_backups(say.AskBackups(ask.user), at)


def _schedule_restore(change: tell.ScheduleRestore, at: Layout) -> Steps:
    """An empty part is all of it: a `*` would be spelt out by the shell that writes Hestia's own log. What is not named
    is not touched."""
    wanted = (change.parts.get(part, "no") for part in PARTS)
    parts = ("" if names == "*" else names for names in wanted)
    return _of_ours(change, at, "v-schedule-user-restore", change.archive, *parts)


QUESTIONS: dict[type[say.Question[Any]], Any] = {
    say.AskPackage: _ask_package,
    say.AskUser: lambda ask, at: ask_user(ask.user, at),
    say.AskHosting: _ask_hosting,
    say.AskUse: _ask_use,
    say.AskBackups: _ask_backups,
    say.AskRestore: _ask_restore,
    say.AskWebDomain: _ask_web,
    say.AskMailDomain: _ask_mail,
    say.AskZone: _ask_zone,
    say.AskCertificate: _ask_certificate,
    say.AskConfig: config.ask_config,
    say.AskFiles: config.ask_files,
    **provider.QUESTIONS,
    **site.QUESTIONS,
    **inside.QUESTIONS,
    **items_mail.QUESTIONS,
    **items_web.QUESTIONS,
    **items_cron.QUESTIONS,
    **usage.QUESTIONS,
    **proofs.QUESTIONS,
    **trials.QUESTIONS,
}


def _put_package(change: tell.PutPackage, at: Layout) -> Steps:
    lines = tuple(f"{key}='{value}'" for key, value in change.values.items())
    steps = (
        GuardStep(scripts_with_scratch(lines), looks=True),
        act(at, "v-add-user-package", SCRATCH, change.package, *(("yes",) if change.replace else ())),
    )
    if not change.replace:
        return steps
    # A package that is replaced does not touch the users it has (`hestia.md` 5.1).
    return (*steps[:-1], replace(steps[-1], accept="0"), act(at, "v-update-user-package", change.package))


def scripts_with_scratch(lines: Iterable[str]) -> tuple[Argument, ...]:
    """The fixed text that writes lines into the guard's scratch file."""
    return (*scripts.BASH, scripts.PUT, "put", SCRATCH, *lines)


def _add_user(change: tell.AddUser, at: Layout) -> Steps:
    return (
        only_if(look(at, "v-list-user", change.user, "json"), "3"),
        act(at, "v-add-user", change.user, change.password, change.mark_contact, change.package, change.mark_name),
    )


def _undo_user(change: tell.UndoUser, at: Layout) -> Steps:
    undo = scripts.script(scripts.UNDO, "undo", change.user, change.mark_contact, at.users, at.homes)
    if not change.has_data:
        return (GuardStep(undo, "any"),)
    # The text looks at the mark first and answers 6 only for a half-made user with a data folder: v-delete-user's
    # work. The administrator's counter of users may be one too low after it, which nothing of ours reads.
    return (
        GuardStep(undo, "6"),
        act(at, "v-delete-user", change.user, "no"),
    )


def _of_ours(change: Any, at: Layout, name: str, *args: Argument) -> Steps:
    """Whose the user is, is looked at in the exec that changes it: nothing can come between."""
    return (owner_step(say.Owner(change.user, change.mark), at, "0"), act(at, name, change.user, *args))


def _add_web(change: tell.AddWebDomain, at: Layout) -> Steps:
    aliases = ",".join(change.aliases) or "none"
    return (
        only_if(look(at, "v-list-web-domain", change.user, change.domain, "json"), "3"),
        act(at, "v-add-web-domain", change.user, change.domain, change.ip, "no", aliases),
    )


def _add_mail(change: tell.AddMailDomain, at: Layout) -> Steps:
    return (
        only_if(look(at, "v-list-mail-domain", change.user, change.domain, "json"), "3"),
        act(at, "v-add-mail-domain", change.user, change.domain, "yes", "yes", "yes", "2048", "no"),
    )


def _add_zone(change: tell.AddZone, at: Layout) -> Steps:
    names = (*change.nameservers[:8], *("",) * 8)[:8]
    return (
        only_if(look(at, "v-list-dns-domain", change.user, change.domain, "json"), "3"),
        # RESTART is the twelfth argument here (`hestia.md` 8.1).
        act(at, "v-add-dns-domain", change.user, change.domain, change.ip, *names, "no"),
    )


def _swap_zone(change: tell.SwapZone, at: Layout) -> Steps:
    return (
        GuardStep(("cat", at.record_file(change.user, change.domain)), looks=True),
        *put_zone(change.user, change.domain, record_lines(change.records), at),
    )


def put_zone(user: str, domain: str, lines: tuple[str, ...], at: Layout) -> Steps:
    """The whole-zone swap with ready lines: also how a bad zone is put back."""
    return (
        GuardStep(scripts_with_scratch(lines), looks=True),
        GuardStep((at.command("v-insert-dns-records"), user, domain, SCRATCH)),
        act(at, "v-rebuild-dns-domain", user, domain, "no", "yes"),
    )


def record_lines(records: Iterable[ZoneRecord]) -> tuple[str, ...]:
    """Hestia's record file, one line a record (`hestia-recipes.md` 3.4)."""
    lines = []
    for number, record in enumerate(records, 1):
        value = f'"{record.value}"' if record.type is RecordType.TXT else record.value
        if "'" in value:
            raise Permanent(f"{record.name} {record.type}: a ' can't stand in Hestia's record file")
        priority = "" if record.priority is None else str(record.priority)
        lines.append(
            f"ID='{number}' RECORD='{record.name}' TYPE='{record.type}' PRIORITY='{priority}' VALUE='{value}' "
            f"SUSPENDED='no' TIME='00:00:00' DATE='2026-01-01' TTL='{record.ttl}'"
        )
    return tuple(lines)


CHANGES: dict[type[say.Change], Callable[[Any, Layout], Steps]] = {
    tell.PutPackage: _put_package,
    tell.AddUser: _add_user,
    tell.UndoUser: _undo_user,
    tell.JailUser: lambda change, at: (act(at, "v-add-user-sftp-jail", change.user),),
    tell.ChangeContact: lambda change, at: (act(at, "v-change-user-contact", change.user, change.contact),),
    tell.ChangePackage: lambda change, at: (act(at, "v-change-user-package", change.user, change.package, "no"),),
    tell.SuspendUser: lambda change, at: _of_ours(change, at, "v-suspend-user", "no"),
    tell.SuspendWebDomain: lambda change, at: _of_ours(change, at, "v-suspend-web-domain", change.domain, "no"),
    tell.SuspendMailDomain: lambda change, at: _of_ours(change, at, "v-suspend-mail-domain", change.domain),
    tell.Reload: lambda change, at: (),
    tell.UnsuspendUser: lambda change, at: _of_ours(change, at, "v-unsuspend-user", "no"),
    tell.RemoveUser: lambda change, at: _of_ours(change, at, "v-delete-user", "no"),
    tell.ScheduleBackup: lambda change, at: _of_ours(change, at, "v-schedule-user-backup"),
    tell.ScheduleRestore: _schedule_restore,
    tell.RemoveBackup: lambda change, at: _of_ours(change, at, "v-delete-user-backup", change.archive),
    tell.RemovePackage: lambda change, at: (act(at, "v-delete-user-package", change.package),),
    tell.AddWebDomain: _add_web,
    tell.RebuildWebDomain: lambda change, at: (act(at, "v-rebuild-web-domain", change.user, change.domain, "no"),),
    tell.ChangeBackend: lambda change, at: (
        act(at, "v-change-web-domain-backend-tpl", change.user, change.domain, change.template, "no"),
    ),
    tell.AddMailDomain: _add_mail,
    tell.AddDkim: lambda change, at: (act(at, "v-add-mail-domain-dkim", change.user, change.domain),),
    tell.AddZone: _add_zone,
    tell.SwapZone: _swap_zone,
    tell.InstallCertificate: certificates.install,
    tell.RemoveCertificate: certificates.remove,
    tell.SetConfig: config.set_config,
    tell.PutFile: config.put_file,
    tell.IssueCertificate: lambda change, at: (
        act(
            at,
            "v-add-letsencrypt-domain",
            change.user,
            change.domain,
            ",".join(change.aliases),
            *(("yes",) if change.mail else ()),
        ),
    ),
    **provider.CHANGES,
    **site.CHANGES,
    **trials.CHANGES,
    **items_mail.CHANGES,
    **items_web.CHANGES,
    **items_cron.CHANGES,
}
