"""A mail domain and its DKIM key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import MailDomainArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.findings import DkimKnown, Finding
from hostdeck.core.drivers.changes import AddDkim, AddMailDomain
from hostdeck.core.drivers.language import AskMailDomain, Change, MailFacts, Owner, Service
from hostdeck.core.steps.base import Step, step
from hostdeck.core.steps.owner import refuse_other_owner


@step(Action.MAIL_ADD_DOMAIN)
class EnsureMailDomain(Step[MailDomainArgs, MailFacts]):
    flush = (Service.WEB_BACKEND, Service.WEB, Service.PROXY, Service.MAIL)

    def owner(self) -> Owner:
        return Owner(self.args.user, self.args.mark)

    def question(self) -> AskMailDomain:
        return AskMailDomain(self.args.user, self.args.domain)

    def decide(self, found: MailFacts) -> tuple[Change, ...]:
        refuse_other_owner(found.owners, self.args.user, self.args.domain, self.world.server)
        if not found.exists:
            return (AddMailDomain(self.args.user, self.args.domain),)
        if found.dkim is None:
            return (AddDkim(self.args.user, self.args.domain),)
        return ()

    def learn(self, found: MailFacts) -> tuple[Finding, ...]:
        return (DkimKnown(self.args.domain, found.dkim),) if found.dkim else ()

    def blank(self) -> MailFacts:
        return MailFacts(False, False, None, frozenset())

    def expect(self, found: MailFacts, changes: Sequence[Change]) -> MailFacts:
        """A key is made with the domain; what it will be nobody knows before."""
        for change in changes:
            match change:
                case AddMailDomain(user=user):
                    found = MailFacts(True, False, "", frozenset({user}))
                case AddDkim():
                    found = replace(found, dkim="")
        return found
