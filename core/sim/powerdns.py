"""A pretend PowerDNS node: the verbs of pdnsutil and pdns_control, with the exit codes seen on pdnsutil 4.7."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

from hostdeck.core.sim.hestia.files import Files
from hostdeck.core.sim.plain import plain
from hostdeck.core.sim.reply import Reply
from hostdeck.core.sim.zone import BadZone, Record, Zone, load

_LOOKS = {"list-zone", "list-all-zones", "check-zone", "show-zone", "get-meta", "export-zone-ds", "rping", "version"}
_SOA = "a.misconfigured.dns.server.invalid hostmaster.{zone} 0 10800 3600 604800 3600"


def _bare(name: str) -> str:
    return name.rstrip(".").lower()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class PowerDnsNode:
    """The account book of one node. What the server answers is `served`: a change shows after a purge."""

    hostname: str
    ip: str
    files: Files = field(kw_only=True)
    clock: Callable[[], datetime] = field(default=_now, kw_only=True)
    zones: dict[str, Zone] = field(default_factory=dict, init=False)
    served: dict[str, tuple[Record, ...]] = field(default_factory=dict, init=False)  # the server's cache
    known: frozenset[str] = field(default=frozenset(), init=False)  # zones the server knows; `rediscover` renews it

    @staticmethod
    def changes(argv: Sequence[str]) -> bool:
        name = PurePosixPath(argv[0]).name if argv else ""
        if name == "bash":
            return not set(argv[5:6]) & {"put", "owned-zone", "served", "rrset-at", "rrset-is"}
        return name in ("pdnsutil", "pdns_control") and (len(argv) < 2 or argv[1] not in _LOOKS)

    def run(self, argv: Sequence[str]) -> Reply:
        name, args = PurePosixPath(argv[0]).name, list(argv[1:])
        if name in ("pdnsutil", "pdns_control"):
            args = [arg for arg in args if not arg.startswith("--config-dir=")]
        label = args[4:5] if name == "bash" else []
        if label == ["owned-zone"]:
            return self._owned(args[5], args[6])
        if label == ["served"]:
            return self._served(args[5])
        if label in (["rrset-at"], ["rrset-is"]):
            return self._rrset(args[5], args[6], args[7:9] if label == ["rrset-is"] else None)
        if name == "pdnsutil":
            verb = _VERBS.get(args[0] if args else "")
            if verb is None:
                return Reply(1, "", f"Syntax: pdnsutil [options] <command>; unknown command '{' '.join(args[:1])}'\n")
            return verb(self, args[1:])
        if name == "pdns_control":
            return self._control(args)
        return plain(argv, self.files)

    def probe(self) -> str:
        zones = sum(zone.has_soa for zone in self.zones.values())
        return (
            f"uid=0\nhestia_conf=0\npdns=1\nversion=4.7.3\nos=debian 12\nnow={int(self.clock().timestamp())}\n"
            "cores=2\nload1=0.10\nuptime_s=86400\n"
            "memtotal_kb=2048000\nmemavailable_kb=1500000\nswaptotal_kb=0\nswapfree_kb=0\n"
            f"disk=/ 20000000 4000000 16000000\ninodes=/ 1300000 90000 1210000\nzones={zones}\nlock=free\n"
            "cpu_busy_pct=3\nprobe=end\n"
        )

    # Looks

    def _list_zone(self, args: list[str]) -> Reply:
        if not args:
            return Reply(0, "", "Syntax: pdnsutil list-zone ZONE\n")
        zone = self.zones.get(_bare(args[0]))
        return _unknown(args[0]) if zone is None else Reply(0, zone.text())

    def _list_all_zones(self, args: list[str]) -> Reply:
        verbose = "-v" in args or "--verbose" in args
        kinds = {arg.lower() for arg in args if not arg.startswith("-")}
        names = sorted(
            name for name, zone in self.zones.items() if (verbose or zone.has_soa) and (not kinds or zone.kind in kinds)
        )
        text = "".join(f"{name}\n" for name in names)
        return Reply(0, text + (f"All zonecount: {len(names)}\n" if verbose else ""))

    def _check_zone(self, args: list[str]) -> Reply:
        if not args:
            return Reply(0, "", "Syntax: pdnsutil check-zone ZONE\n")
        name, zone = _bare(args[0]), self.zones.get(_bare(args[0]))
        if zone is None:
            return _unknown(args[0])
        errors = zone.errors()
        said = "".join(f"[Error] {error}\n" for error in errors)
        said += f"Checked {len(zone.records)} records of '{name}', {len(errors)} errors, 0 warnings.\n"
        return Reply(1 if errors else 0, said)

    def _show_zone(self, args: list[str]) -> Reply:
        if not args:
            return Reply(0, "", "Syntax: pdnsutil show-zone ZONE\n")
        zone = self.zones.get(_bare(args[0]))
        if zone is None:
            return Reply(1, "", "No such zone in the database\n")
        lines = [f"This zone is owned by {zone.account}"] if zone.account else []
        lines += [
            f"This is a {zone.kind.capitalize()} zone",
            "Zone is actively secured" if zone.signed else "Zone is not actively secured",
        ]
        lines.append("Metadata items:" + ("" if zone.meta else " None"))
        lines += [f"\t{kind}\t{', '.join(values)}" for kind, values in sorted(zone.meta.items())]
        return Reply(0, "".join(f"{line}\n" for line in lines))

    def _get_meta(self, args: list[str]) -> Reply:
        if not args:
            return Reply(0, "", "Syntax: pdnsutil get-meta ZONE [KIND...]\n")
        zone = self.zones.get(_bare(args[0]))
        if zone is None:
            return _unknown(args[0])
        kinds = args[1:] or sorted(zone.meta)
        return Reply(0, "".join(f"{kind} = {', '.join(zone.meta.get(kind, ()))}\n" for kind in kinds))

    def _owned(self, domain: str, mark: str) -> Reply:
        """The fixed text `owned-zone`."""
        zone = self.zones.get(_bare(domain))
        if zone is None:
            return Reply(3)
        if zone.account == mark:
            return Reply(0)
        taken = zone.account or zone.records or zone.kind != "native"
        return Reply(4, f"{zone.account}\n") if taken else Reply(5)

    def _rrset(self, domain: str, name: str, exactly: list[str] | None) -> Reply:
        """The fixed texts `rrset-at DOMAIN NAME` and `rrset-is DOMAIN NAME TYPE CONTENT`."""
        zone = self.zones.get(_bare(domain))
        if zone is None:
            return Reply(7, f"Zone '{domain}' not found!\n")
        full = zone.name if name == "@" and exactly is None else f"{name}.{zone.name}"
        here = [record for record in zone.ordered() if record.name == full]
        if not here or exactly is None:
            return Reply(0 if here else 3, "".join(f"{record.line()}\n" for record in here))
        same = [[record.type, record.content] for record in here] == [exactly]
        return Reply(0) if same else Reply(4, "".join(f"{record.type} {record.content}\n" for record in here))

    def _served(self, domain: str) -> Reply:
        """The fixed text `served`: what the running server answers, not what the database holds."""
        soa = next((record for record in self.served.get(_bare(domain), ()) if record.type == "SOA"), None)
        return Reply(0, f"serial {soa.content.split()[2]}\n" if soa else "none\n")

    # Changes

    def _create_zone(self, args: list[str]) -> Reply:
        if not args:
            return Reply(0, "", "Syntax: pdnsutil create-zone ZONE [nsname]\n")
        name = _bare(args[0])
        if name in self.zones:
            return Reply(1, "", f"Zone '{name}' exists already\n")
        if not name or " " in name or ".." in name or any(len(label) > 63 for label in name.split(".")):
            return Reply(1, "", f"Error: '{args[0]}' is not a valid name\n")
        records = [Record(name, 3600, "SOA", _SOA.format(zone=name))]
        records += [Record(name, 3600, "NS", _bare(ns) + ".") for ns in args[1:2]]
        self.zones[name] = Zone(name, records)
        return Reply(0, "", f"Creating empty zone '{name}'\n")

    def _load_zone(self, args: list[str]) -> Reply:
        if len(args) < 2:
            return Reply(0, "", "Syntax: pdnsutil load-zone ZONE FILENAME [ZONE FILENAME] ..\n")
        name, text = _bare(args[0]), None if args[1].startswith("/dev/") else self.files.read(args[1])
        said = "" if name in self.zones else f"Creating '{name}'\n"
        zone = self.zones.setdefault(name, Zone(name))
        if text is None:
            return Reply(1, "", f"{said}Error: Unable to open file '{args[1]}' or not a regular file\n")
        try:
            zone.records = load(name, text)
        except BadZone as error:
            return Reply(1, "", f"{said}Error: {error}\n")
        return Reply(0, "", said)

    def _delete_zone(self, args: list[str]) -> Reply:
        if not args:
            return Reply(0, "", "Syntax: pdnsutil delete-zone ZONE\n")
        return Reply(0) if self.zones.pop(_bare(args[0]), None) else _unknown(args[0])

    def _increase_serial(self, args: list[str]) -> Reply:
        zone = self.zones.get(_bare(args[0])) if args else None
        if zone is None or not zone.has_soa:
            return Reply(255, "", f"No SOA for zone '{' '.join(args[:1])}'\n") if args else Reply(0)
        return Reply(0, f"SOA serial for zone {zone.name} set to {zone.increase_serial()}\n")

    def _rectify_zone(self, args: list[str]) -> Reply:
        return Reply(0) if args and _bare(args[0]) in self.zones else _unknown(" ".join(args[:1]))

    def _replace_rrset(self, args: list[str]) -> Reply:
        if len(args) < 4:
            return Reply(0, "", 'Syntax: pdnsutil replace-rrset ZONE name type [ttl] "content" ["content"...]\n')
        zone = self.zones.get(_bare(args[0]))
        if zone is None:
            return _unknown(args[0])
        ttl, contents = (int(args[3]), args[4:]) if args[3].isdecimal() else (3600, args[3:])
        try:
            zone.replace(zone.full(args[1]), args[2].upper(), ttl, contents)
        except BadZone as error:
            return Reply(1, "", f"Error: {error}\n")
        said = "".join(f"{record.line()}\n" for record in zone.rrset(zone.full(args[1]), args[2].upper()))
        return Reply(0, f"New rrset:\n{said}")

    def _delete_rrset(self, args: list[str]) -> Reply:
        if len(args) != 3:
            return Reply(0, "", "Syntax: pdnsutil delete-rrset ZONE name type\n")
        zone = self.zones.get(_bare(args[0]))
        if zone is None:
            return _unknown(args[0])
        zone.drop(zone.full(args[1]), args[2].upper())
        return Reply(0)

    def _set_account(self, args: list[str]) -> Reply:
        zone = self.zones.get(_bare(args[0])) if args else None
        if zone is None:
            return _unknown(" ".join(args[:1]))
        zone.account = " ".join(args[1:2])
        return Reply(0)

    def _set_kind(self, args: list[str]) -> Reply:
        zone = self.zones.get(_bare(args[0])) if args else None
        if zone is None:
            return _unknown(" ".join(args[:1]))
        kind = " ".join(args[1:2]).lower()
        if kind not in ("primary", "secondary", "native", "master", "slave"):
            return Reply(1, "", f"Error: unknown kind '{kind}'\n")
        zone.kind = {"master": "primary", "slave": "secondary"}.get(kind, kind)
        return Reply(0)

    def _set_meta(self, args: list[str]) -> Reply:
        if len(args) < 2:
            return Reply(0, "", "Syntax: pdnsutil set-meta ZONE KIND [VALUE] [VALUE] ...\n")
        zone = self.zones.get(_bare(args[0]))
        if zone is None:
            return _unknown(args[0])
        zone.meta[args[1]] = tuple(args[2:])
        if not args[2:]:
            del zone.meta[args[1]]
        return Reply(0, f"Set '{zone.name}' meta {args[1]} = {', '.join(args[2:])}\n")

    def _control(self, args: list[str]) -> Reply:
        match args[:1]:
            case ["version"]:
                return Reply(0, "4.7.3\n")
            case ["rping"]:
                return Reply(0, "PONG\n")
            case ["purge"]:
                pattern = args[1] if args[1:] else "$"
                name = _bare(pattern.rstrip("$"))
                gone = [z for z in {*self.served, *self.zones} if not name or z == name or z.endswith("." + name)]
                count = 0
                for zone in gone:
                    old, new = self.served.get(zone, ()), self.zones.get(zone)
                    count += len(old)
                    if new is None:
                        self.served.pop(zone, None)
                    elif zone in self.known:
                        self.served[zone] = tuple(new.records)
                return Reply(0, f"{count}\n")
            case ["rediscover"]:
                self.known = frozenset(self.zones)
                return Reply(0, "Ok\n")
            case ["notify"]:
                if _bare(" ".join(args[1:2])) not in self.zones:
                    return Reply(1, "Failed to add to the queue; see log\n")
                return Reply(0, "Added to queue\n")
        return Reply(1, "", "Unknown command\n")


def _unknown(zone: str) -> Reply:
    return Reply(1, "", f"Zone '{zone}' not found!\n")


_VERBS: dict[str, Callable[[PowerDnsNode, list[str]], Reply]] = {
    "list-zone": PowerDnsNode._list_zone,
    "list-all-zones": PowerDnsNode._list_all_zones,
    "check-zone": PowerDnsNode._check_zone,
    "show-zone": PowerDnsNode._show_zone,
    "get-meta": PowerDnsNode._get_meta,
    "create-zone": PowerDnsNode._create_zone,
    "load-zone": PowerDnsNode._load_zone,
    "delete-zone": PowerDnsNode._delete_zone,
    "increase-serial": PowerDnsNode._increase_serial,
    "rectify-zone": PowerDnsNode._rectify_zone,
    "replace-rrset": PowerDnsNode._replace_rrset,
    "delete-rrset": PowerDnsNode._delete_rrset,
    "set-account": PowerDnsNode._set_account,
    "set-kind": PowerDnsNode._set_kind,
    "set-meta": PowerDnsNode._set_meta,
}
