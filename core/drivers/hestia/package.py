"""What a package says: every key, always, because a missing SHELL gives customers the caller's (`hestia.md` 5.1)."""

from __future__ import annotations

from hostdeck.core.domain.action_args import PackageArgs
from hostdeck.core.domain.vocabulary import Role

BASE: dict[str, str] = {
    "WEB_TEMPLATE": "default",
    "PROXY_TEMPLATE": "default",
    "BACKEND_TEMPLATE": "default",
    "DNS_TEMPLATE": "default",
    "WEB_DOMAINS": "0",
    "WEB_ALIASES": "0",
    "DNS_DOMAINS": "0",
    "DNS_RECORDS": "0",
    "MAIL_DOMAINS": "0",
    "MAIL_ACCOUNTS": "0",
    "RATE_LIMIT": "200",
    "DATABASES": "0",
    "CRON_JOBS": "0",
    "DISK_QUOTA": "unlimited",
    "CPU_QUOTA": "unlimited",
    "CPU_QUOTA_PERIOD": "unlimited",
    "MEMORY_LIMIT": "unlimited",
    "SWAP_LIMIT": "unlimited",
    "BANDWIDTH": "unlimited",
    "NS": "",
    "SHELL": "nologin",
    "BACKUPS": "1",
    "BACKUPS_INCREMENTAL": "no",
}


def package_values(args: PackageArgs) -> dict[str, str]:
    """The base lines with what each of the package's roles needs (`hestia-recipes.md` 4)."""
    limits = args.limits
    values = BASE | {"NS": ",".join(args.nameservers[:8])}
    if Role.WEB in args.roles:
        values |= {
            "WEB_DOMAINS": "1",
            "WEB_ALIASES": limits["web_aliases"],
            "DATABASES": limits["web_databases"],
            "CRON_JOBS": limits["web_cron_jobs"],
            "BANDWIDTH": limits["web_bandwidth"],
        }
    if Role.MAIL in args.roles:
        values |= {"MAIL_DOMAINS": "1", "MAIL_ACCOUNTS": limits["mail_accounts"]}
    if Role.DNS in args.roles:
        values |= {"DNS_DOMAINS": "1", "DNS_RECORDS": "unlimited"}
        if args.roles == (Role.DNS,):
            values["DNS_TEMPLATE"] = "default-nomail"
    disk = [limits[f"{role}_disk_quota"] for role in (Role.WEB, Role.MAIL) if role in args.roles]
    backups = [limits[f"{role}_backups"] for role in (Role.WEB, Role.MAIL) if role in args.roles]
    if disk:
        values["DISK_QUOTA"] = _sum(disk)
    if args.combined:
        values["BACKUPS"] = limits["account_backups"]
    elif backups:
        values["BACKUPS"] = str(max(map(int, backups)))
    return values


def _sum(quotas: list[str]) -> str:
    return "unlimited" if "unlimited" in quotas else str(sum(map(int, quotas)))
