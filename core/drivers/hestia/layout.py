"""Where things lie on a Hestia node: the usual places, or all inside one folder of the server's `--node-dir`."""

from __future__ import annotations

from dataclasses import dataclass

USUAL = "/usr/local/hestia"


@dataclass(frozen=True, slots=True)
class Layout:
    home: str = USUAL

    @property
    def _own(self) -> bool:
        return self.home != USUAL

    def command(self, name: str) -> str:
        return f"{self.home}/bin/{name}"

    @property
    def users(self) -> str:
        return f"{self.home}/data/users"

    @property
    def conf(self) -> str:
        return f"{self.home}/conf/hestia.conf"

    @property
    def backup_queue(self) -> str:
        return f"{self.home}/data/queue/backup.pipe"

    @property
    def logs(self) -> str:
        return f"{self.home}/log"

    @property
    def exim_domains(self) -> str:
        return f"{self.home}/etc/exim4/domains" if self._own else "/etc/exim4/domains"

    @property
    def state(self) -> str:
        """Where what goes on by itself keeps how it stands; only root may write there."""
        return f"{self.home}/var/lib" if self._own else "/var/lib"

    @property
    def homes(self) -> str:
        return f"{self.home}/home" if self._own else "/home"

    @property
    def sshd_config(self) -> str:
        return f"{self.home}/etc/ssh/sshd_config" if self._own else "/etc/ssh/sshd_config"

    def public_html(self, user: str, domain: str) -> str:
        return f"{self.homes}/{user}/web/{domain}/public_html"

    def zone_file(self, user: str, domain: str) -> str:
        return f"{self.homes}/{user}/conf/dns/{domain}.db"

    def record_file(self, user: str, domain: str) -> str:
        return f"{self.users}/{user}/dns/{domain}.conf"

    def account_file(self, user: str, domain: str) -> str:
        return f"{self.users}/{user}/mail/{domain}.conf"

    def message_file(self, user: str, domain: str, account: str) -> str:
        """The automatic answer of a mailbox, as Hestia keeps it for a rebuild."""
        return f"{self.users}/{user}/mail/{account}@{domain}.msg"

    def cron_file(self, user: str) -> str:
        return f"{self.users}/{user}/cron.conf"

    def standard_file(self, path: str) -> str:
        """Where a standard file lies here; `path` is where it lies in a usual installation."""
        if not self._own:
            return path
        return f"{self.home}{path.removeprefix(USUAL)}"
