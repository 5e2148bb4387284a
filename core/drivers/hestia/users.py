"""What the node says of one of its users: Hestia's listing, and what lies beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hostdeck.core.drivers import language as say
from hostdeck.core.drivers.guard import Argument, StepResult
from hostdeck.core.drivers.hestia import scripts
from hostdeck.core.drivers.hestia.argv import look
from hostdeck.core.drivers.hestia.layout import Layout
from hostdeck.core.drivers.hestia.listings import named_object


def ask_user(user: str, at: Layout) -> Iterable[tuple[Argument, ...]]:
    yield look(at, "v-list-user", user, "json")
    yield scripts.script(scripts.USER_STATE, "user-state", user, at.users, at.homes, at.sshd_config, at.backup_queue)


def user_facts(results: Sequence[StepResult], user: str, server: str) -> say.UserFacts:
    """Of the two results of `ask_user`."""
    listed = named_object(results[0], user, server)
    state = dict(line.partition("=")[::2] for line in results[1].text.splitlines())
    passwd = state.get("passwd", "")
    gecos = passwd.split(":")[4] if passwd.count(":") >= 6 else None
    return say.UserFacts(
        gecos=gecos,
        listing=listed_user(listed),
        has_data=state.get("data") == "1",
        has_conf=state.get("conf") == "1",
        in_group=state.get("group") == "1",
        in_jail=state.get("jail") == "1",
        has_home=state.get("home") == "1",
        restoring=state.get("restore") == "1",
    )


def listed_user(listed: dict[str, str] | None) -> say.UserListing | None:
    if listed is None:
        return None
    name, package, contact = (listed.get(key, "") for key in ("NAME", "PACKAGE", "CONTACT"))
    return say.UserListing(name, package, contact, listed.get("SUSPENDED") == "yes")
