"""Another account name where the first one turned out to be somebody else's."""

from __future__ import annotations

from hostdeck.core.domain.naming import user_name
from hostdeck.core.domain.vocabulary import Role, RunKind, TaskStatus
from hostdeck.core.domain.wishes import Wish
from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.life import held_service
from hostdeck.core.intents.runs import begin_run, stop_run
from hostdeck.core.intents.standing import standing_of
from hostdeck.core.intents.vanity import is_providers
from hostdeck.core.store.fleet_models import Server
from hostdeck.core.store.work_models import Account, Task

FOREIGN = "[OWN_FOREIGN]"


def rename_account(door: Door, service_id: int, server: str) -> str:
    """Takes another name for the service's account on a server and builds it there. Only where making the account has
    failed because its name is somebody else's: nothing of ours can be under it. Returns the new name."""
    with door.change("service.rename_account", f"service #{service_id} on {server[:64]}") as change:
        service = held_service(service_id)
        node = Server.get_or_none(Server.name == server)
        account = Account.get_or_none(Account.service == service, Account.server == node) if node else None
        if account is None:
            raise NotFound("server", f"{service.domain} has no account on '{server[:64]}'")
        taken = Task.select().where(
            Task.run == service.run,
            Task.server == node,
            Task.action.endswith(".createUser"),
            Task.target == account.username,
            Task.status == TaskStatus.FAILED,
            Task.error.contains(FOREIGN),
        )
        if not taken.exists():
            text = f"account '{account.username}' on {server} was not found to be somebody else's; it keeps its name"
            raise Conflict("service", text, "SVC_STATE")
        old, ending = account.username, next((role for role in Role if account.username.endswith(f"-{role}")), None)

        def used(name: str) -> bool:
            here = Account.select().where(Account.server == node, Account.username == name)
            return name == old or is_providers(name) or here.exists()

        new = user_name(service.domain, ending, used)
        Account.update(username=new).where(Account.id == account.id).execute()
        stop_run(service.run)
        begin_run(service, RunKind.DEPLOY, standing_of(service).build().tasks)
        change.object, change.detail = f"service #{service.id} {service.domain}", {"from": old, "to": new}
        change.result = f"accepted; {Wish.REDEPLOY} has begun"
        return new
