"""Every command of this version, as somebody would type it."""

READING = (
    ("server", "list"),
    ("server", "show", "web01"),
    ("group", "list"),
    ("group", "show", "eu"),
    ("product", "list"),
    ("product", "show", "web-s"),
    ("service", "list"),
    ("service", "show", "1"),
    ("service", "plan", "1"),
    ("service", "timeline", "1"),
    ("service", "watch", "1"),
    ("task", "list"),
    ("task", "show", "1"),
    ("task", "log", "1"),
    ("audit", "list"),
    ("setting", "list"),
)

CHANGING = (
    ("server", "add", "web02", "--host", "h2.example.com", "--capability", "web", "--key-file", "KEY"),
    ("server", "check", "web01"),
    ("server", "refresh"),
    ("server", "drain", "web01"),
    ("server", "disable", "web01"),
    ("server", "activate", "web01"),
    ("server", "remove", "web01"),
    ("group", "add", "us"),
    ("group", "attach-dns", "eu", "ns1"),
    ("group", "detach-dns", "eu", "ns1"),
    ("product", "add", "p", "--group", "eu", "--mode", "split", "--roles", "web"),
    ("product", "edit", "web-s", "--set", "web_databases=9"),
    ("product", "remove", "web-s"),
    ("service", "create", "new.example.com", "--product", "web-s"),
    ("service", "suspend", "1"),
    ("service", "unsuspend", "1"),
    ("service", "redeploy", "1"),
    ("service", "redeploy", "1", "--hard", "--yes"),
    ("service", "resume", "1"),
    ("service", "terminate", "1", "--yes"),
    ("task", "retry", "1"),
    ("task", "cancel", "1"),
    ("setting", "set", "retry.base", "5"),
    ("worker",),
    ("init",),
    ("demo",),
)

OUTSIDE = (("sim", "node"),)
"""Touches no home at all."""
