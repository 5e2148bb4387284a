"""A web domain, its document folder and its PHP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hostdeck.core.domain.action_args import WebDomainArgs
from hostdeck.core.domain.action_names import Action
from hostdeck.core.drivers.changes import AddWebDomain, ChangeBackend, RebuildWebDomain
from hostdeck.core.drivers.language import AskWebDomain, Change, Owner, Service, WebDomain, WebFacts
from hostdeck.core.steps.base import Step, step
from hostdeck.core.steps.owner import refuse_other_owner


@step(Action.WEB_ADD_DOMAIN)
class EnsureWebDomain(Step[WebDomainArgs, WebFacts]):
    flush = (Service.WEB_BACKEND, Service.WEB, Service.PROXY)

    def owner(self) -> Owner:
        return Owner(self.args.user, self.args.mark)

    def question(self) -> AskWebDomain:
        return AskWebDomain(self.args.user, self.args.domain)

    def decide(self, found: WebFacts) -> tuple[Change, ...]:
        args = self.args
        refuse_other_owner(found.owners, args.user, args.domain, self.world.server)
        changes: list[Change] = []
        if found.domain is None:
            changes.append(AddWebDomain(args.user, args.domain, args.ip, args.aliases))
        elif not found.has_folder:
            # Listed as healthy without folders: what v-add-user under a wrong umask leaves (`hestia-recipes.md` 1).
            changes.append(RebuildWebDomain(args.user, args.domain))
        template = f"PHP-{args.php.replace('.', '_')}" if args.php else ""
        if template and (found.domain is None or found.domain.backend != template):
            changes.append(ChangeBackend(args.user, args.domain, template))
        return tuple(changes)

    def blank(self) -> WebFacts:
        return WebFacts(None, False, frozenset())

    def expect(self, found: WebFacts, changes: Sequence[Change]) -> WebFacts:
        for change in changes:
            match change:
                case AddWebDomain(user=user, ip=ip, aliases=aliases):
                    found = WebFacts(WebDomain(ip, aliases, "default", False), True, frozenset({user}))
                case RebuildWebDomain():
                    found = replace(found, has_folder=True)
                case ChangeBackend(template=template) if found.domain:
                    found = replace(found, domain=replace(found.domain, backend=template))
        return found
