"""Mail accounts. Their names are matched as expressions, with all that follows (`hestia.md` 1.6, 7)."""

from __future__ import annotations

import re
from collections.abc import Callable

from hostdeck.core.sim.hestia import checks, domains, format, mail
from hostdeck.core.sim.hestia.args import Args
from hostdeck.core.sim.hestia.book import Row, User, found, like
from hostdeck.core.sim.hestia.machine import Machine, count, is_suspended, not_suspended, one
from hostdeck.core.sim.hestia.refused import EXISTS, NOT_EXIST, Refused
from hostdeck.core.sim.hestia.words import words

MANY = ["ALIAS", "FWD", "FWD_ONLY", "AUTOREPLY", "QUOTA", "U_DISK", "SUSPENDED", "TIME", "DATE"]
ONE = words("ALIAS FWD FWD_ONLY AUTOREPLY QUOTA RATE_LIMIT U_DISK SUSPENDED TIME DATE WEBMAIL_ALIAS")


def _new(boxes: list[Row], account: str) -> None:
    if found(boxes, "ACCOUNT", account):
        raise Refused(EXISTS, f"mail account {account} already exists")
    if account and any(account in box["ALIAS"].split(",") for box in boxes):
        raise Refused(EXISTS, f"mail alias {account} already exists")


def _quota(value: str) -> str:
    """`0` and an empty one list as unlimited."""
    return "unlimited" if value in ("", "unlimited") or int(value) == 0 else value


def _row(boxes: list[Row], domain: str, account: str) -> Row:
    return one(boxes, domain, "ACCOUNT", account)


def add(machine: Machine, args: Args) -> None:
    name, domain, account = args[1] or machine.root, domains.normal(args[2]), args[3].lower()
    quota = args.absent(5, "unlimited")
    checks.valid(user=name, domain=domain, account=account, quota="" if quota == "unlimited" else quota)
    user, row = mail.active(machine, name, domain)
    boxes = user.mailboxes[domain]
    domains.room(user, "MAIL_ACCOUNTS", len(boxes))
    _new(boxes, account)
    machine.password(args[4])
    box = {"ACCOUNT": account, "ALIAS": "", "AUTOREPLY": "no", "FWD": "", "FWD_ONLY": "", "QUOTA": _quota(quota)}
    boxes.append({**box, "U_DISK": "0", "SUSPENDED": "no", **machine.stamp()})
    machine.book.make(f"{machine.homes}/{name}/mail/{domain}/{account}".rstrip("/"))
    count(user, "U_MAIL_ACCOUNTS")
    row["ACCOUNTS"] = str(len(boxes))


def delete(machine: Machine, args: Args) -> None:
    """Not lower-cased. Every line that looks like the name goes, but the counter drops by one (`hestia.md` 7)."""
    name, domain, account = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, account=account)
    machine.enabled("MAIL_SYSTEM")
    user = machine.user(name)
    row = mail.row_of(user, domain)
    boxes = user.mailboxes[domain]
    _row(boxes, domain, account)
    for box in found(boxes, "ACCOUNT", account):
        boxes.remove(box)
    machine.book.remove_tree(f"{machine.homes}/{name}/mail/{domain}/{account}".rstrip("/"))
    count(user, "U_MAIL_ACCOUNTS", -1)
    row["ACCOUNTS"] = str(len(boxes))


def _active_box(machine: Machine, args: Args) -> tuple[User, Row]:
    """The mailbox of the first three arguments; it, its domain and its user are not suspended."""
    name, domain, account = args[1] or machine.root, args[2], args[3]
    user, _ = mail.active(machine, name, domain)
    boxes = user.mailboxes[domain]
    box = _row(boxes, domain, account)
    not_suspended(boxes, domain, "ACCOUNT", account)
    return user, box


def change_password(machine: Machine, args: Args) -> None:
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3])
    _active_box(machine, args)
    machine.password(args[4])


def change_quota(machine: Machine, args: Args) -> None:
    quota = args[4]
    number = "" if quota == "unlimited" else quota
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3], quota=number)
    _, box = _active_box(machine, args)
    box["QUOTA"] = _quota(quota)


def suspend(machine: Machine, args: Args) -> None:
    """Blocks the login; the mail server goes on delivering (`hestia-recipes.md` 3.5)."""
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3])
    _, box = _active_box(machine, args)
    box["SUSPENDED"] = "yes"


def unsuspend(machine: Machine, args: Args) -> None:
    name, domain, account = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, account=account)
    user, _ = mail.active(machine, name, domain)
    boxes = user.mailboxes[domain]
    box = _row(boxes, domain, account)
    is_suspended(boxes, domain, "ACCOUNT", account)
    box["SUSPENDED"] = "no"


def add_alias(machine: Machine, args: Args) -> None:
    alias = args[4]
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3], malias=alias)
    user, box = _active_box(machine, args)
    _new(user.mailboxes[args[2]], alias)
    box["ALIAS"] = f"{box['ALIAS']},{alias}" if box["ALIAS"] else alias


def add_forward(machine: Machine, args: Args) -> None:
    forward = args[4]
    email = "" if forward == ":blackhole:" else forward
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3], email=email)
    _, box = _active_box(machine, args)
    if _has_word(box["FWD"], forward):
        raise Refused(EXISTS, f"forward {forward} exists")
    box["FWD"] = f"{box['FWD']},{forward}" if box["FWD"] else forward


def _standing(machine: Machine, args: Args) -> Row:
    """The mailbox of the first three arguments, suspended or not."""
    machine.enabled("MAIL_SYSTEM")
    user = machine.user(args[1] or machine.root)
    mail.row_of(user, args[2])
    return _row(user.mailboxes[args[2]], args[2], args[3])


def set_autoreply(machine: Machine, args: Args) -> None:
    """The text goes through `echo -e`."""
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3], autoreply=args[4])
    user, box = _active_box(machine, args)
    user.messages[f"{args[3]}@{args[2]}"] = _unfolded(args[4]) + "\n"
    box["AUTOREPLY"] = "yes"


def _unfolded(text: str) -> str:
    known = {"n": "\n", "t": "\t", "\\": "\\"}
    text = "" if re.fullmatch(r"-[neE]+", text) else text
    return re.sub(
        r"\\(?:x([0-9a-fA-F]{2})|([nt\\]))", lambda hit: chr(int(hit[1], 16)) if hit[1] else known[hit[2]], text
    )


def delete_autoreply(machine: Machine, args: Args) -> None:
    """The text stays where it is: the command looks for it in another folder."""
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3])
    _standing(machine, args)["AUTOREPLY"] = "no"


def add_forward_only(machine: Machine, args: Args) -> None:
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3])
    _, box = _active_box(machine, args)
    if not box["FWD"]:
        raise Refused(NOT_EXIST, "forward doesn't exist")
    box["FWD_ONLY"] = "yes"


def delete_forward_only(machine: Machine, args: Args) -> None:
    checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3])
    _standing(machine, args)["FWD_ONLY"] = ""


def _has_word(values: str, value: str) -> bool:
    """`echo VALUES | grep -w VALUE`."""
    return re.search(rf"(?<![A-Za-z0-9_]){like(value).pattern}(?![A-Za-z0-9_])", values) is not None


def _delete_from(field: str, word: str) -> Callable[[Machine, Args], None]:
    """Found by word, taken out by pattern; a suspended mailbox does not refuse it."""

    def run(machine: Machine, args: Args) -> None:
        checks.valid(user=args[1] or machine.root, domain=args[2], account=args[3])
        box = _standing(machine, args)
        if not _has_word(box[field], args[4]):
            raise Refused(NOT_EXIST, f"{word} {args[4]} doesn't exist")
        box[field] = ",".join(value for value in box[field].split(",") if not like(args[4]).fullmatch(value))

    return run


delete_alias = _delete_from("ALIAS", "alias")
delete_forward = _delete_from("FWD", "forward")


def show(machine: Machine, args: Args) -> str:
    name, domain, account = args[1] or machine.root, args[2], args[3]
    checks.valid(user=name, domain=domain, account=account)
    user = machine.user(name)
    head = mail.row_of(user, domain)
    box = dict(_row(user.mailboxes[head["DOMAIN"]], domain, account))
    if args[4] != "json":
        return ""
    alias = machine.conf("WEBMAIL_ALIAS")
    box["WEBMAIL_ALIAS"] = f"{alias}.{head['DOMAIN']}"
    # The name that was asked for stands over what was found (`v-list-mail-account`).
    return format.listing([(account, format.pick(box, ONE))])


def show_all(machine: Machine, args: Args) -> str:
    name, domain = args[1] or machine.root, args[2]
    checks.valid(user=name, domain=domain)
    user = machine.user(name)
    boxes = user.mailboxes[mail.row_of(user, domain)["DOMAIN"]]
    if args[3] == "plain":
        return format.plain([[box["ACCOUNT"], *(box.get(key, "") for key in MANY)] for box in boxes])
    return format.listing((box["ACCOUNT"], format.pick(box, MANY)) for box in boxes) if args[3] == "json" else ""
