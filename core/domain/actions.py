"""Every action: the label a person reads, what its arguments are, and how patient it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hostdeck.core.domain.action_args import (
    Args,
    BackupArgs,
    CertificateArgs,
    CheckArgs,
    ConfigArgs,
    EndTrialArgs,
    FilesArgs,
    HealthArgs,
    ItemArgs,
    LimitsArgs,
    MailboxArgs,
    MailDomainArgs,
    NoArgs,
    OwnedPackageArgs,
    OwnedUserArgs,
    OwnedZoneArgs,
    PackageArgs,
    ParentArgs,
    PlanArgs,
    ProofArgs,
    RecordArgs,
    RestoreArgs,
    ResyncArgs,
    SoldPasswordArgs,
    TrialArgs,
    UserArgs,
    WebDomainArgs,
    ZoneArgs,
)
from hostdeck.core.domain.action_names import Action


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off: seconds before the second attempt, and the most there ever is between two."""

    base: float = 15.0
    cap: float = 900.0


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """`changing` tasks run one at a time on a node; `deadline` bounds one attempt, in seconds; `retry` is a back-off
    of its own, where the settings' does not fit."""

    label: str
    args: type[Args]
    changing: bool = True
    max_attempts: int = 3
    deadline: float = 300.0
    retry: RetryPolicy | None = None


CERTIFICATE_RETRY = RetryPolicy(base=1200.0, cap=6 * 3600.0)
"""An hour and more between attempts from the fourth on: the certificate authority counts failures."""


ACTIONS: dict[Action, ActionSpec] = {
    Action.WEB_CREATE_PACKAGE: ActionSpec("Configuring web plan", PackageArgs),
    Action.WEB_CREATE_USER: ActionSpec("Setting up web account", UserArgs),
    Action.WEB_ADD_DOMAIN: ActionSpec("Configuring web hosting", WebDomainArgs),
    Action.MAIL_CREATE_PACKAGE: ActionSpec("Configuring mail plan", PackageArgs),
    Action.MAIL_CREATE_USER: ActionSpec("Setting up mail account", UserArgs),
    Action.MAIL_ADD_DOMAIN: ActionSpec("Configuring mail hosting", MailDomainArgs),
    Action.DNS_CREATE_PACKAGE: ActionSpec("Configuring DNS plan", PackageArgs),
    Action.DNS_CREATE_USER: ActionSpec("Setting up DNS account", UserArgs),
    Action.DNS_DEPLOY_ZONE: ActionSpec("Publishing DNS zone", ZoneArgs, deadline=600.0),
    Action.SSL_SEED: ActionSpec(
        "Installing SSL certificate", CertificateArgs, max_attempts=12, deadline=900.0, retry=CERTIFICATE_RETRY
    ),
    Action.WEB_SUSPEND_USER: ActionSpec("Suspending web account", OwnedUserArgs),
    Action.MAIL_SUSPEND_USER: ActionSpec("Suspending mail account", OwnedUserArgs),
    Action.WEB_UNSUSPEND_USER: ActionSpec("Opening web account again", OwnedUserArgs),
    Action.MAIL_UNSUSPEND_USER: ActionSpec("Opening mail account again", OwnedUserArgs),
    Action.DNS_REMOVE_ZONE: ActionSpec("Removing DNS zone", OwnedZoneArgs),
    Action.WEB_REMOVE_USER: ActionSpec("Removing web account", OwnedUserArgs),
    Action.MAIL_REMOVE_USER: ActionSpec("Removing mail account", OwnedUserArgs),
    Action.DNS_REMOVE_USER: ActionSpec("Removing DNS account", OwnedUserArgs),
    Action.WEB_REMOVE_PACKAGE: ActionSpec("Removing web plan", OwnedPackageArgs),
    Action.MAIL_REMOVE_PACKAGE: ActionSpec("Removing mail plan", OwnedPackageArgs),
    Action.DNS_REMOVE_PACKAGE: ActionSpec("Removing DNS plan", OwnedPackageArgs),
    Action.WEB_CHECK_PARENT: ActionSpec("Checking parent domain", ParentArgs),
    Action.MAIL_CHECK_MAILBOX: ActionSpec("Checking mailbox name", MailboxArgs),
    Action.DNS_CHECK_RECORD: ActionSpec("Checking DNS name", RecordArgs),
    Action.MAIL_ADD_MAILBOX: ActionSpec("Creating mailbox", MailboxArgs),
    Action.DNS_ADD_RECORD: ActionSpec("Publishing DNS record", RecordArgs, deadline=600.0),
    Action.MAIL_SUSPEND_MAILBOX: ActionSpec("Suspending mailbox", MailboxArgs),
    Action.MAIL_UNSUSPEND_MAILBOX: ActionSpec("Opening mailbox again", MailboxArgs),
    Action.MAIL_REMOVE_MAILBOX: ActionSpec("Removing mailbox", MailboxArgs),
    Action.DNS_REMOVE_RECORD: ActionSpec("Removing DNS record", RecordArgs, deadline=600.0),
    Action.WEB_CHECK_LIMITS: ActionSpec("Checking web use against the new plan", LimitsArgs),
    Action.MAIL_CHECK_LIMITS: ActionSpec("Checking mail use against the new plan", LimitsArgs),
    Action.WEB_TAKE_BACKUP: ActionSpec("Taking web backup", BackupArgs),
    Action.MAIL_TAKE_BACKUP: ActionSpec("Taking mail backup", BackupArgs),
    Action.MAIL_CHANGE_MAILBOX: ActionSpec("Changing mailbox", ItemArgs),
    Action.MAIL_SET_PASSWORD: ActionSpec("Setting mailbox password", SoldPasswordArgs),
    Action.WEB_ADD_DATABASE: ActionSpec("Creating database", ItemArgs),
    Action.WEB_CHANGE_DATABASE: ActionSpec("Changing database", ItemArgs),
    Action.WEB_REMOVE_DATABASE: ActionSpec("Removing database", ItemArgs),
    Action.WEB_ADD_FTP: ActionSpec("Adding FTP account", ItemArgs),
    Action.WEB_CHANGE_FTP: ActionSpec("Changing FTP account", ItemArgs),
    Action.WEB_REMOVE_FTP: ActionSpec("Removing FTP account", ItemArgs),
    Action.WEB_ADD_CRON: ActionSpec("Adding cron job", ItemArgs),
    Action.WEB_CHANGE_CRON: ActionSpec("Changing cron job", ItemArgs),
    Action.WEB_REMOVE_CRON: ActionSpec("Removing cron job", ItemArgs),
    Action.WEB_REMOVE_BACKUP: ActionSpec("Removing web backup", ItemArgs),
    Action.MAIL_REMOVE_BACKUP: ActionSpec("Removing mail backup", ItemArgs),
    Action.WEB_RESTORE_BACKUP: ActionSpec("Restoring web backup", RestoreArgs),
    Action.MAIL_RESTORE_BACKUP: ActionSpec("Restoring mail backup", RestoreArgs),
    Action.WEB_PROVE_BACKUP: ActionSpec(
        "Proving web backup", ProofArgs, changing=False, max_attempts=1, deadline=3600.0
    ),
    Action.MAIL_PROVE_BACKUP: ActionSpec(
        "Proving mail backup", ProofArgs, changing=False, max_attempts=1, deadline=3600.0
    ),
    Action.WEB_TRY_BACKUP: ActionSpec("Restoring web backup for trial", TrialArgs),
    Action.MAIL_TRY_BACKUP: ActionSpec("Restoring mail backup for trial", TrialArgs),
    Action.WEB_END_TRIAL: ActionSpec("Ending the trial of a web backup", EndTrialArgs),
    Action.MAIL_END_TRIAL: ActionSpec("Ending the trial of a mail backup", EndTrialArgs),
    Action.SSL_INSTALL_CUSTOM: ActionSpec("Installing own certificate", ItemArgs),
    Action.SSL_REMOVE_CUSTOM: ActionSpec("Removing own certificate", ItemArgs),
    Action.WEB_CHANGE_SETTINGS: ActionSpec("Changing web settings", ItemArgs),
    Action.MAIL_CHANGE_SETTINGS: ActionSpec("Changing mail settings", ItemArgs),
    Action.SERVICE_RESYNC: ActionSpec(
        "Comparing service with node", ResyncArgs, changing=False, max_attempts=2, deadline=120.0
    ),
    Action.SERVER_CHECK: ActionSpec("Checking server", CheckArgs, changing=False, max_attempts=1, deadline=60.0),
    Action.SERVER_COLLECT_STATUS: ActionSpec(
        "Collecting server status", NoArgs, changing=False, max_attempts=1, deadline=60.0
    ),
    Action.SERVER_READ_CONFIG: ActionSpec(
        "Reading configuration", NoArgs, changing=False, max_attempts=1, deadline=60.0
    ),
    Action.SERVER_APPLY_CONFIG: ActionSpec("Applying configuration", ConfigArgs, deadline=900.0),
    Action.SERVER_PUSH_FILES: ActionSpec("Pushing standard files", FilesArgs),
    Action.SERVER_CHECK_HEALTH: ActionSpec(
        "Checking health after a change", HealthArgs, changing=False, max_attempts=2, deadline=60.0
    ),
    Action.SERVER_SYNC_USAGE: ActionSpec("Collecting usage", NoArgs, changing=False, max_attempts=1, deadline=120.0),
    Action.SERVER_READ_PLAN: ActionSpec(
        "Reading what a plan would change", PlanArgs, changing=False, max_attempts=1, deadline=120.0
    ),
}


def args_of(action: Action, raw: dict[str, Any]) -> Args:
    """A task's arguments as its row has them."""
    return (ItemArgs if "item" in raw else ACTIONS[action].args).model_validate(raw)


def label(action: str) -> str:
    """The words for an action; an action of a newer program keeps its own name."""
    try:
        return ACTIONS[Action(action)].label
    except ValueError:
        return action
