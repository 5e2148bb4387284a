"""Every `:` word, once: the prompt, the palette and the help all read this table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """`deed` names what the app does, with `arg`; `takes` says what may be typed after the word."""

    word: str
    also: tuple[str, ...]
    help: str
    deed: str
    arg: str = ""
    key: str = ""
    takes: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return (self.word, *self.also)


COMMANDS: tuple[Command, ...] = (
    Command("home", ("h",), "what needs attention, servers, running tasks", "go", "home", "1"),
    Command("servers", ("srv", "server", "nodes", "node"), "all servers, or one", "servers", "", "2", "name, /filter"),
    Command("web", (), "servers that host web", "servers", "web"),
    Command("mail", (), "servers that host mail", "servers", "mail"),
    Command("dns", ("ns",), "servers that host DNS; at a service, its records", "servers", "dns"),
    Command("groups", ("grp", "group"), "all groups, or one", "groups", "", "3", "name, /filter"),
    Command("tree", (), "groups, their servers, the services on each, their steps", "tree", "", "t"),
    Command(
        "services",
        ("svc", "service", "domains", "dom"),
        "all services, or one",
        "services",
        "",
        "4",
        "domain, number, /filter",
    ),
    Command(
        "mailboxes",
        ("mailbox", "mbx"),
        "mailboxes of a service, shown, marked or named",
        "tab",
        "mailboxes",
        "",
        "domain",
    ),
    Command("dbs", ("db", "databases", "database"), "databases of a service", "tab", "dbs", "", "domain"),
    Command("ftp", (), "FTP accounts of a service", "tab", "ftp", "", "domain"),
    Command("cron", (), "cron jobs of a service", "tab", "cron", "", "domain"),
    Command("records", ("record", "rr"), "records of a service's zone", "tab", "dns", "", "domain"),
    Command("backups", ("backup",), "backups of a service", "tab", "backups", "", "domain"),
    Command("zones", ("zone",), "all DNS zones, or one", "zones", "", "5", "zone, /filter"),
    Command(
        "ssl",
        ("cert", "certificates"),
        "all certificates, and what Let's Encrypt still allows",
        "certificates",
        "",
        "",
        "/filter",
    ),
    Command(
        "tasks",
        ("task", "jobs", "log", "logs"),
        "all tasks with their logs, or one",
        "tasks",
        "",
        "6",
        "number, /filter",
    ),
    Command("merge", (), "the logs of all tasks of the same deploy, as one", "merge", "", "M"),
    Command("save-log", (), "the log shown, as a file in the home", "save-log", "", "ctrl+s", "text or json"),
    Command("tickets", ("tick", "ticket"), "what has failed for good, or one", "tickets", "", "", "number, /filter"),
    Command("causes", ("cause",), "what has failed, grouped by cause", "causes", "", "", "/filter"),
    Command("products", ("prod", "product"), "what can be ordered, or one of it", "products", "", "", "name, /filter"),
    Command("stats", ("stat", "usage"), "what services use of what they have", "go", "stats", "7", "/filter"),
    Command("wall", ("tv",), "the screen for the wall: big numbers, its pages turn by themselves", "wall", "", "0"),
    Command("doctor", ("health",), "what is not as it should be here, and the mend for each", "doctor"),
    Command("drain", (), "let the server shown or marked take nothing new", "server", "drain", key="u"),
    Command("activate", (), "let it take accounts again", "server", "activate", key="u"),
    Command("disable", (), "take it out of placement altogether", "server", "disable"),
    Command("delete", (), "remove what is marked in the list", "delete", "", "Del"),
    Command("order", ("new", "create"), "order a new service", "order", "", "n", "domain"),
    Command("suspend", (), "suspend the service shown or marked", "wish", "suspend"),
    Command("unsuspend", (), "open it again", "wish", "unsuspend"),
    Command("redeploy", (), "bring back what is missing of it", "wish", "redeploy", "", "--hard"),
    Command("resume", (), "take up its failed steps again", "wish", "resume"),
    Command("resync", (), "read its nodes, and see what differs from the rows", "wish", "resync"),
    Command("change-product", (), "give it another product's limits", "wish", "change-product", "", "product"),
    Command("terminate", (), "remove it for good", "wish", "terminate"),
    Command("undo", (), "take back what your last wish queued and nobody has begun", "undo", "", "z", "number"),
    Command("refresh", ("reload",), "read everything again now", "reread", "", "ctrl+r"),
    Command("audit", ("aud",), "who asked for what", "go", "audit", "8", "/filter"),
    Command(
        "settings", ("set", "setting"), "what can be changed while everything runs", "go", "settings", "9", "/filter"
    ),
    Command("commands", ("@",), "what was sent to the nodes, and how it ended", "commands", "", "@", "/filter"),
    Command("events", ("notices",), "every notice of this session", "events"),
    Command("retry", (), "the failed task shown or marked again", "act", "retry", "r"),
    Command("cancel", (), "the task shown or marked", "act", "cancel", "x"),
    Command("faults", ("failed",), "only what is wrong in this list; again, all", "act", "faults", "!"),
    Command("describe", (), "all that is known of what is marked", "describe", "", "d"),
    Command("json", ("raw", "yaml"), "the same as JSON", "describe", "raw", "y"),
    Command("export", (), "save this list: as it is drawn, for a spreadsheet, as JSON", "act", "save", "ctrl+s"),
    Command("wide", (), "all columns of this list, or those that fit", "wide", "", "ctrl+w"),
    Command("columns", ("cols",), "which columns of this list are shown", "columns"),
    Command("save", (), "name this list's filter, order and columns: a word of your own", "save", "", "", "word"),
    Command("forget", (), "such a word", "forget", "", "", "word"),
    Command("freeze", (), "what is shown stays; collecting goes on", "app", "freeze", "p"),
    Command("every", (), "look at most every so many seconds", "every", "", "", "5s"),
    Command("time", ("utc",), "local time or UTC", "app", "time", "ctrl+t"),
    Command("header", (), "hide or show the first line", "app", "header", "ctrl+e"),
    Command("mouse", (), "off: the terminal itself selects text", "mouse", "", "", "on, off"),
    Command("theme", ("colours", "colors"), "other colours; without a name, which there are", "theme", "", "", "name"),
    Command("keys", ("key",), "what arrives when a key is pressed, and what it does", "keys"),
    Command("help", (), "the keys of this screen", "help", "", "?"),
    Command("quit", ("q", "exit", "q!"), "leave; running tasks go on in the worker", "leave"),
)


def command(word: str) -> Command | None:
    return next((entry for entry in COMMANDS if word in entry.words), None)


def beginnings(typed: str) -> list[str]:
    """Words that begin like this, for completion."""
    return [entry.word for entry in COMMANDS if any(word.startswith(typed) for word in entry.words)]


def nearest(word: str, count: int = 3) -> list[str]:
    """The words that look most like one that does not exist."""
    words = [known for entry in COMMANDS for known in entry.words]
    close = difflib.get_close_matches(word, words, count, 0.5) or beginnings(word[:1])[:count]
    return list(dict.fromkeys(entry.word for known in close if (entry := command(known))))
