"""What Hestia's answers mean: listings become facts, exit codes become errors.

Listings are printed by hand, without escaping, and may answer with another key than the one asked for
(`hestia.md` 3.2): what does not parse, or carries another name, is never taken for an empty list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hostdeck.core.domain.inputs import clean_line
from hostdeck.core.domain.vocabulary import RecordType
from hostdeck.core.domain.zone import ZoneRecord
from hostdeck.core.drivers import language as say
from hostdeck.core.drivers.guard import StepResult
from hostdeck.core.errors import NotYet, Permanent, StepError, Transient

ABSENT = 3


def facts(question: say.Question[Any], results: Sequence[StepResult], server: str) -> Any:
    """The answer to a question from its steps' results, in the order `question_steps` asked."""
    match question:
        case say.AskPackage(package):
            listed = _object(results[0], package, server)
            users = dict(line.partition("=")[::2] for line in results[1].text.splitlines())
            return None if listed is None else say.Package(listed, users)
        case say.AskUser(user):
            return _user(results, user, server)
        case say.AskHosting(user, domain):
            return _hosting(results, user, domain, server)
        case say.AskBackups(user):
            return _backups(results, user, server)
        case say.AskWebDomain(_, domain):
            return _web(results, domain, server)
        case say.AskMailDomain(_, domain):
            return _mail(results, domain, server)
        case say.AskZone(_, domain):
            return _zone(results, domain, server)
        case say.AskCertificate(_, domain):
            return _certificate(results, domain, server)
    raise TypeError(f"no reader for {type(question).__name__}")


def listing(result: StepResult, server: str) -> dict[str, Any] | None:
    """A JSON listing; None where the object is absent (exit 3). Transient where it can't be read whole."""
    if result.exit == ABSENT:
        return None
    if result.exit != 0:
        raise judge(result, server)
    try:
        value = json.loads(result.text)
    except ValueError:
        raise Transient(f"{server}: {result.step.shown()} answered with something that is not whole JSON") from None
    if not isinstance(value, dict):
        raise Transient(f"{server}: {result.step.shown()} answered with something that is not a listing")
    return value


def _object(result: StepResult, key: str, server: str) -> dict[str, str] | None:
    """The one object asked for. Names are matched as patterns on the node, so another key can come back."""
    listed = listing(result, server)
    if listed is None:
        return None
    if key not in listed:
        raise Transient(
            f"{server}: {result.step.shown()} answered for {', '.join(map(clean_line, listed)) or 'nothing'}"
        )
    return dict(listed[key])


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


def _owners(result: StepResult) -> frozenset[str]:
    return frozenset(result.text.split()) if result.exit == 0 else frozenset()


def _user(results: Sequence[StepResult], user: str, server: str) -> say.UserFacts:
    listed = _object(results[0], user, server)
    state = dict(line.partition("=")[::2] for line in results[1].text.splitlines())
    passwd = state.get("passwd", "")
    gecos = passwd.split(":")[4] if passwd.count(":") >= 6 else None
    return say.UserFacts(
        gecos=gecos,
        listing=_listed_user(listed),
        has_data=state.get("data") == "1",
        has_conf=state.get("conf") == "1",
        in_group=state.get("group") == "1",
        in_jail=state.get("jail") == "1",
        has_home=state.get("home") == "1",
    )


def _listed_user(listed: dict[str, str] | None) -> say.UserListing | None:
    if listed is None:
        return None
    name, package, contact = (listed.get(key, "") for key in ("NAME", "PACKAGE", "CONTACT"))
    return say.UserListing(name, package, contact, listed.get("SUSPENDED") == "yes")


def _hosting(results: Sequence[StepResult], user: str, domain: str, server: str) -> say.HostingFacts:
    web, mail = (_object(result, domain, server) for result in results[1:3])
    return say.HostingFacts(
        user=_listed_user(_object(results[0], user, server)),
        web=None if web is None else web.get("SUSPENDED") == "yes",
        mail=None if mail is None else mail.get("SUSPENDED") == "yes",
    )


def _backups(results: Sequence[StepResult], user: str, server: str) -> say.BackupFacts:
    """An archive that should lie on the node and does not is none."""
    account = _object(results[0], user, server)
    listed = listing(results[1], server) or {}
    lines = results[2].text.splitlines()
    ages = {}
    for line in lines:
        kind, _, rest = line.removeprefix("archive=").partition(" ")
        age, _, name = rest.partition(" ")
        if line.startswith("archive=") and name in listed and (kind == "file" or "local" not in listed[name]["TYPE"]):
            ages[name] = int(age)
    most = (account or {}).get("BACKUPS", "0")
    return say.BackupFacts(
        user=_listed_user(account),
        allowed="system=1" in lines and most.isdigit() and int(most) > 0,
        suspended_too="suspended_too=1" in lines,
        queued="queued=1" in lines,
        ages=ages,
    )


def _web(results: Sequence[StepResult], domain: str, server: str) -> say.WebFacts:
    listed = _object(results[0], domain, server)
    found = None
    if listed is not None:
        aliases = tuple(alias for alias in listed.get("ALIAS", "").split(",") if alias)
        found = say.WebDomain(
            listed.get("IP", ""), aliases, listed.get("BACKEND", ""), listed.get("SUSPENDED") == "yes"
        )
    return say.WebFacts(found, results[1].exit == 0, _owners(results[2]))


def _mail(results: Sequence[StepResult], domain: str, server: str) -> say.MailFacts:
    listed = _object(results[0], domain, server)
    dkim = None
    if listed is not None and listed.get("DKIM") == "yes" and (key := listing(results[1], server)):
        # The value is wrapped in single quotes, and without a key still exits 0 (`hestia.md` 7).
        text = str(key.get("mail._domainkey", {}).get("TXT", "")).strip("'")
        dkim = text if text.startswith("v=DKIM1") and "DKIM-SUPPORT-IS-NOT-ACTIVATED" not in text else None
    suspended = listed is not None and listed.get("SUSPENDED") == "yes"
    return say.MailFacts(listed is not None, suspended, dkim, _owners(results[2]))


def _zone(results: Sequence[StepResult], domain: str, server: str) -> say.ZoneFacts:
    listed = _object(results[0], domain, server)
    records = (listing(results[1], server) or {}) if listed is not None else {}
    answer = results[3].text.split()
    return say.ZoneFacts(
        exists=listed is not None,
        records=frozenset(_record(item) for item in records.values()),
        serial=None if listed is None else listed.get("SERIAL"),
        loads=results[2].exit == 0,
        served_serial=answer[2] if results[3].exit == 0 and len(answer) == 7 else None,
        owners=_owners(results[4]),
    )


def _record(item: dict[str, str]) -> ZoneRecord:
    """A listed record; a type we do not keep stays as it is written, so that it never equals a wanted one."""
    kind, value = item["TYPE"], item["VALUE"]
    if kind == "TXT" and len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    try:
        known = RecordType(kind)
    except ValueError:
        return ZoneRecord(f"{item['RECORD']} ({kind})", RecordType.TXT, value)
    priority = int(item["PRIORITY"]) if item["PRIORITY"] and known in (RecordType.MX, RecordType.SRV) else None
    return ZoneRecord(item["RECORD"], known, value, priority, int(item["TTL"] or 0))


def _certificate(results: Sequence[StepResult], domain: str, server: str) -> say.CertificateFacts:
    listed = _object(results[0], domain, server) or {}
    shown = listing(results[1], server) or {}
    until = str(shown.get(domain, {}).get("NOT_AFTER", ""))
    return say.CertificateFacts(listed.get("SSL") == "yes", listed.get("LETSENCRYPT") == "yes", _not_after(until))


def _not_after(text: str) -> datetime | None:
    """`Jun  1 12:00:00 2027 GMT`, as openssl prints it."""
    try:
        return datetime.strptime(" ".join(text.split()), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    except ValueError:
        return None


CODES = {
    1: "wrong number of arguments",
    2: "not accepted",
    3: "does not exist",
    4: "exists already",
    5: "suspended",
    6: "not suspended",
    7: "in use",
    8: "a package limit is reached",
    9: "wrong password",
    10: "forbidden",
    11: "not installed or switched off on this node",
    12: "a template or archive can't be read",
    13: "the node's disk is full",
    14: "the node's load is too high",
    15: "a service it needs could not be reached",
    16: "FTP failed",
    17: "the database failed",
    18: "graphs failed",
    19: "an update failed",
    20: "a service did not reload",
    126: "can't be run",
    127: "is not there",
}
TRANSIENT = frozenset({14, 15, 16, 17, 19, 20})
WAITING = frozenset({13})


def judge(result: StepResult, server: str) -> StepError:
    """The error an exit code stands for (`robustness.md` 2), in a sentence with the node's own words."""
    said = clean_line(" ".join(result.text.split()) or result.stderr.decode("utf-8", "replace").strip(), 300)
    meaning = CODES.get(result.exit, "an exit code Hestia does not document")
    text = f"{server}: {result.step.shown()}: {said or 'no message'} (exit {result.exit}, {meaning})"
    if result.exit in WAITING or (result.exit == ABSENT and _name(result) == "v-add-letsencrypt-domain"):
        return NotYet(text)
    if result.exit in TRANSIENT or result.exit >= 128:
        return Transient(text)
    return Permanent(text)


def _name(result: StepResult) -> str:
    return str(result.step.argv[0]).rsplit("/", 1)[-1]
