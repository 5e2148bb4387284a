"""Does what an account uses fit the plan it shall get? Looked at before anything of a change is sent: Hestia itself
takes a smaller package with exit 0 (`hestia-recipes.md` 4).
"""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.action_args import LimitsArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.drivers.hestia.package import package_values
from hostdeck.core.drivers.language import AskUse, Change, Owner, UseFacts
from hostdeck.core.errors import Permanent
from hostdeck.core.steps.base import Step, step

NAMES = {
    "DISK_QUOTA": "disk MB",
    "BANDWIDTH": "bandwidth MB",
    "DATABASES": "databases",
    "CRON_JOBS": "cron jobs",
    "WEB_ALIASES": "web aliases",
    "MAIL_ACCOUNTS": "mailboxes",
    "FTP": "FTP accounts",
}


@step(Action.WEB_CHECK_LIMITS, Action.MAIL_CHECK_LIMITS)
class CheckLimits(Step[LimitsArgs, UseFacts]):
    def owner(self) -> Owner:
        return Owner(self.args.user, self.args.mark)

    def question(self) -> AskUse:
        return AskUse(self.args.user, self.args.domain)

    def decide(self, found: UseFacts) -> tuple[Change, ...]:
        # Hestia's package knows no number of FTP accounts: that limit is ours.
        allowed = package_values(self.args.package) | {"FTP": self.args.package.limits["web_ftp_accounts"]}
        over = [
            f"{name} {found.used[key]} of {allowed[key]}"
            for key, name in NAMES.items()
            if key in found.used and allowed[key].isdigit() and found.used[key] > int(allowed[key])
        ]
        if over:
            raise Permanent(
                f"{self.world.server}: account '{self.args.user}' uses more than the new plan allows: "
                f"{', '.join(over)}. Nothing was changed; lower the use or choose a larger plan [PLAN_SMALLER]"
            )
        return ()

    def blank(self) -> UseFacts:
        return UseFacts({})

    def expect(self, found: UseFacts, changes: Sequence[Change]) -> UseFacts:
        return found
