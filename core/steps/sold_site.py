"""The website of a sold name: may it stand on this web server?"""

from __future__ import annotations

from collections.abc import Sequence

from hostdeck.core.domain.action_args import ParentArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.text import clean_line
from hostdeck.core.drivers.language import Change
from hostdeck.core.drivers.provider import (
    AskParent,
    ParentFacts,
)
from hostdeck.core.errors import Permanent
from hostdeck.core.steps.base import Step, step


@step(Action.WEB_CHECK_PARENT)
class CheckParent(Step[ParentArgs, ParentFacts]):
    def question(self) -> AskParent:
        return AskParent(self.args.parent)

    def decide(self, found: ParentFacts) -> tuple[Change, ...]:
        args, server = self.args, self.world.server
        if not found.lets(args.user):
            owner = clean_line(", ".join(sorted(found.owners)), 64)
            raise Permanent(
                f"{server}: '{args.domain}' can't be made there: {args.parent} belongs to account '{owner}' on that "
                f"node, which keeps names below it for that account. Choose other web servers for it (hostdeck group "
                f"vanity --web-server), or let others in on that node: v-add-web-domain-allow-users {owner} "
                f"{args.parent}, once it is a web domain there. Then retry this step [VAN_BLOCKED]"
            )
        return ()

    def blank(self) -> ParentFacts:
        return ParentFacts(frozenset(), True, False)

    def expect(self, found: ParentFacts, changes: Sequence[Change]) -> ParentFacts:
        return found
