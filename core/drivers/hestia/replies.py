"""What Hestia's answers mean: listings become facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hostdeck.core.domain.archives import FOLDER, PARTS, Archive, is_plain
from hostdeck.core.domain.pem import fingerprint
from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers import language as say
from hostdeck.core.drivers.guard import StepResult
from hostdeck.core.drivers.hestia import (
    config,
    inside,
    items_cron,
    items_mail,
    items_web,
    proofs,
    provider,
    site,
    trials,
    usage,
)
from hostdeck.core.drivers.hestia.listings import ABSENT, listing, named_object, owners_of, record_of
from hostdeck.core.drivers.hestia.users import listed_user, user_facts
from hostdeck.core.errors import Permanent


def facts(question: say.Question[Any], results: Sequence[StepResult], server: str) -> Any:
    """The answer to a question from its steps' results, in the order `question_steps` asked."""
    match question:
        case say.AskPackage(package):
            listed = named_object(results[0], package, server)
            users = dict(line.partition("=")[::2] for line in results[1].text.splitlines())
            return None if listed is None else say.Package(listed, users)
        case say.AskUser(user):
            return user_facts(results, user, server)
        case say.AskHosting(user, domain):
            return _hosting(results, user, domain, server)
        case say.AskUse(user, domain):
            return _use(results, user, domain, server)
        case say.AskBackups(user):
            return _backups(results, user, server)
        case say.AskRestore(user, _):
            return _restore(results, user, server)
        case say.AskWebDomain(_, domain):
            return _web(results, domain, server)
        case say.AskMailDomain(_, domain):
            return _mail(results, domain, server)
        case say.AskZone(_, domain):
            return _zone(results, domain, server)
        case say.AskCertificate(_, domain):
            return _certificate(results, domain, server)
        case say.AskConfig():
            return config.config_facts(results, server)
        case say.AskFiles(paths):
            return config.file_facts(results, paths, server)
    readers: dict[Any, Any] = {}
    for part in (inside, items_cron, items_mail, items_web, proofs, provider, site, trials, usage):
        readers |= part.READERS
    if (reader := readers.get(type(question))) is not None:
        return reader(question, results, server)
    raise TypeError(f"no reader for {type(question).__name__}")


def refuse_other(result: StepResult, owner: say.Owner, server: str) -> None:
    """Permanent where the user has gone, or is somebody else's by now."""
    if result.exit == 0:
        return
    if result.exit == ABSENT:
        raise Permanent(
            f"account '{owner.user}' on {server} is not there any more; retry the step that sets it up, then this one"
        )
    shown = clean_line(result.text.strip(), 120) or "nobody's name"
    raise Permanent(
        f"account '{owner.user}' on {server} is not managed by hostdeck: it belongs to {shown}. It was left alone. "
        "Whoever knows that account must decide about it; then retry this step [OWN_FOREIGN]"
    )


def _hosting(results: Sequence[StepResult], user: str, domain: str, server: str) -> say.HostingFacts:
    live = dict(line.partition("=")[::2] for line in results[0].text.splitlines())
    web, mail = (named_object(result, domain, server) for result in results[2:4])
    return say.HostingFacts(
        site_live=live.get("site") == "live",
        mail_live=live.get("mail") == "1",
        user=listed_user(named_object(results[1], user, server)),
        web=None if web is None else web.get("SUSPENDED") == "yes",
        mail=None if mail is None else mail.get("SUSPENDED") == "yes",
    )


COUNTED = {
    "DISK_QUOTA": "U_DISK",
    "BANDWIDTH": "U_BANDWIDTH",
    "DATABASES": "U_DATABASES",
    "CRON_JOBS": "U_CRON_JOBS",
}
"""What a user's own counters say; aliases and mailboxes are limited per domain (`hestia.md` 14.17)."""


def _use(results: Sequence[StepResult], user: str, domain: str, server: str) -> say.UseFacts:
    listed = named_object(results[0], user, server) or {}
    used = {key: int(listed[counter]) for key, counter in COUNTED.items() if listed.get(counter, "").isdigit()}
    if (web := named_object(results[1], domain, server)) is not None:
        used["WEB_ALIASES"] = len([alias for alias in web.get("ALIAS", "").split(",") if alias])
        used["FTP"] = len([name for name in web.get("FTP_USER", "").split(":") if name])
    mail = named_object(results[2], domain, server) or {}
    if mail.get("ACCOUNTS", "").isdigit():
        used["MAIL_ACCOUNTS"] = int(mail["ACCOUNTS"])
    return say.UseFacts(used)


def _backups(results: Sequence[StepResult], user: str, server: str) -> say.BackupFacts:
    """An archive that should lie on the node and does not is none. Nor is one whose name a shell could read otherwise:
    a restore's line in the queue has it without quotes (`hestia.md` 9)."""
    account = named_object(results[0], user, server)
    listed = listing(results[1], server) or {}
    lines = results[2].text.splitlines()
    folder = next((line.removeprefix("folder=") for line in lines if line.startswith("folder=")), FOLDER)
    ages, paths = {}, {}
    for line in lines:
        kind, _, rest = line.removeprefix("archive=").partition(" ")
        age, _, name = rest.partition(" ")
        if (
            line.startswith("archive=")
            and name in listed
            and is_plain(name)
            and (kind == "file" or "local" not in listed[name]["TYPE"])
        ):
            ages[name] = int(age)
            paths[name] = f"{folder}/{name}" if kind == "file" else None
    most = (account or {}).get("BACKUPS", "0")
    return say.BackupFacts(
        user=listed_user(account),
        allowed="system=1" in lines and most.isdigit() and int(most) > 0,
        suspended_too="suspended_too=1" in lines,
        queued="queued=1" in lines,
        ages=ages,
        contents={name: archive_of(name, age, listed[name], paths[name]) for name, age in ages.items()},
    )


def _restore(results: Sequence[StepResult], user: str, server: str) -> say.RestoreFacts:
    said = dict(line.partition("=")[::2] for line in results[0].text.splitlines())
    failed, _, code = said.get("failed", "").partition(" ")
    return say.RestoreFacts(
        backups=_backups(results[1:], user, server),
        queued="queued" in said,
        busy="busy" in said,
        running="running" in said,
        asked=_number(said.get("asked", "")),
        done=_number(said.get("done", "")),
        failed=_number(failed),
        code=int(code) if code.isdigit() else 0,
    )


def _number(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdigit() else None


def archive_of(name: str, age: int, row: dict[str, str], path: str | None) -> Archive:
    """`v-list-user-backups`: SIZE in MB, the parts as lists with commas; CRON says `cron` or nothing."""
    size = row.get("SIZE", "")
    parts = {part: tuple(one for one in row.get(part.upper(), "").split(",") if one) for part in PARTS}
    return Archive(name, age, int(size) if size.isdigit() else 0, parts, path)


def _web(results: Sequence[StepResult], domain: str, server: str) -> say.WebFacts:
    listed = named_object(results[0], domain, server)
    found = None
    if listed is not None:
        aliases = tuple(alias for alias in listed.get("ALIAS", "").split(",") if alias)
        found = say.WebDomain(
            listed.get("IP", ""), aliases, listed.get("BACKEND", ""), listed.get("SUSPENDED") == "yes"
        )
    return say.WebFacts(found, results[1].exit == 0, owners_of(results[2]))


def _mail(results: Sequence[StepResult], domain: str, server: str) -> say.MailFacts:
    listed = named_object(results[0], domain, server)
    dkim = None
    if listed is not None and listed.get("DKIM") == "yes" and (key := listing(results[1], server)):
        # The value is wrapped in single quotes, and without a key still exits 0 (`hestia.md` 7).
        text = str(key.get("mail._domainkey", {}).get("TXT", "")).strip("'")
        dkim = text if text.startswith("v=DKIM1") and "DKIM-SUPPORT-IS-NOT-ACTIVATED" not in text else None
    suspended = listed is not None and listed.get("SUSPENDED") == "yes"
    return say.MailFacts(listed is not None, suspended, dkim, owners_of(results[2]))


def _zone(results: Sequence[StepResult], domain: str, server: str) -> say.ZoneFacts:
    listed = named_object(results[0], domain, server)
    records = (listing(results[1], server) or {}) if listed is not None else {}
    answer = results[3].text.split()
    return say.ZoneFacts(
        exists=listed is not None,
        records=frozenset(record_of(item) for item in records.values()),
        serial=None if listed is None else listed.get("SERIAL"),
        loads=results[2].exit == 0,
        served_serial=answer[2] if results[3].exit == 0 and len(answer) == 7 else None,
        owners=owners_of(results[4]),
    )


def _certificate(results: Sequence[StepResult], domain: str, server: str) -> say.CertificateFacts:
    found = named_object(results[0], domain, server)
    listed = found or {}
    shown = (listing(results[1], server) or {}).get(domain, {})
    return say.CertificateFacts(
        exists=found is not None,
        ssl=listed.get("SSL") == "yes",
        letsencrypt=listed.get("LETSENCRYPT") == "yes",
        not_after=_not_after(str(shown.get("NOT_AFTER", ""))),
        issuer=clean_line(str(shown.get("ISSUER", "")).strip(), 300) or None,
        webmail=listed.get("WEBMAIL_ALIAS") if listed.get("WEBMAIL") else None,
        fingerprint=fingerprint(str(shown.get("CRT", ""))),
        has_chain=bool(str(shown.get("CA", "")).strip()),
        forced=listed.get("SSL_FORCE") == "yes",
        hsts=listed.get("SSL_HSTS") == "yes",
        hosts=_names(shown.get("ALIASES")),
        aliases=_names(listed.get("ALIAS")),
        redirect=(listed["REDIRECT"], listed.get("REDIRECT_CODE", "")) if listed.get("REDIRECT") else None,
    )


def _names(text: Any) -> tuple[str, ...]:
    return tuple(name for name in str(text or "").split(",") if name)


def _not_after(text: str) -> datetime | None:
    """`Jun  1 12:00:00 2027 GMT`, as openssl prints it."""
    try:
        return datetime.strptime(" ".join(text.split()), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    except ValueError:
        return None
