"""`hostdeck demo`: a simulated fleet, a worker and three orders, in a home that is thrown away."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from hostdeck.core.errors import Conflict, NotFound
from hostdeck.core.settings import Settings
from hostdeck.tui.cli import output
from hostdeck.tui.cli.children import Fleet, Worker, end_workers_of

if TYPE_CHECKING:
    from hostdeck.core.intents.base import Door
    from hostdeck.core.intents.forms import OrderForm

GROUP = "eu"
PRODUCTS = {"web-s": "split", "one-s": "unified", "vanity-s": "vanity"}
PARENT, PROVIDER, SOLD = "names.test", "prov", "anna"
"""The domain whose names the demo sells, whose it is on the simulated nodes, and the name that is ordered."""

ORDERS = {"customer.test": "web-s", "bakery.test": "one-s", f"{SOLD}.{PARENT}": "vanity-s"}
HOSTS = {"web": ("web",), "mx": ("mail",), "all": ("web", "mail"), "ns": ("dns",)}
TIMEOUT = 600.0
CONFIG = "# Made by 'hostdeck demo'.\nreserved_domains = true\ndemo = true\n"


def run_demo(home: Path | None, *, headless: bool) -> int:
    """0 if all three services became active (or the console was left), 1 otherwise."""
    with ExitStack() as stack:
        stack.enter_context(_ended_by_signals())
        loaded = Settings(home=stack.enter_context(_home(home)), reserved_domains=True, demo=True)
        from hostdeck.core.store.home import make_home

        make_home(loaded)
        _say(f"home {loaded.home}" + ("" if home else " (thrown away at the end)"))
        fleet = stack.enter_context(Fleet(loaded.home))
        _say(f"simulated fleet: {', '.join(fleet.nodes)}")
        _furnish(loaded, fleet)
        if home is None:
            stack.callback(end_workers_of, loaded.home)
        worker = stack.enter_context(Worker(loaded.home))
        _say(f"worker: pid {worker.pid}; should it end, start it again with: {worker.line}")
        ids = _order(loaded)
        if headless:
            return _follow(ids, worker)
        from hostdeck.core.store.db import close_store
        from hostdeck.tui.cli.console import run_console

        close_store()
        return run_console(loaded, worker_hint=f"start it again: {worker.line}")


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    """The demo's home: the given one, if it is nobody's real one, else a folder that is gone afterwards."""
    if kept is not None:
        home = kept.expanduser().absolute()
        config = home / "hostdeck.toml"
        if home.exists() and any(home.iterdir()) and not (config.exists() and config.read_text() == CONFIG):
            raise Conflict("demo", f"{home} holds something else already; name an empty folder", "DEMO_HOME")
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(config)
        yield home
        return
    home = Path(tempfile.mkdtemp(prefix="hostdeck-demo-"))
    try:
        _write_private(home / "hostdeck.toml")
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _write_private(config: Path) -> None:
    config.touch(mode=0o600)
    config.write_text(CONFIG)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP leave through the doors too, so that no child and no folder stays behind."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _door() -> Door:
    from hostdeck.core.intents.base import Door

    return Door(actor="demo", reserved_ok=True)


def _furnish(loaded: Settings, fleet: Fleet) -> None:
    """Servers, a group and products, as an operator would have made them; what a kept home has already stays."""
    from hostdeck.core.intents import fleet as wishes
    from hostdeck.core.intents.forms import ProductForm
    from hostdeck.core.intents.products import add_product
    from hostdeck.core.intents.vanity import put_vanity
    from hostdeck.core.queries import fleet as known
    from hostdeck.core.store.db import connection

    with connection():
        if known.products():
            return
        door = _door()
        wishes.add_group(door, GROUP)
        key = _throwaway_key()
        for form in fleet.forms(HOSTS, GROUP, key):
            wishes.add_server(door, form)
        wishes.attach_dns(door, GROUP, [name for name in fleet.nodes if name.startswith("ns")])
        put_vanity(door, GROUP, PARENT, "mx01", PROVIDER)
        _configure(door)
        for product, mode in PRODUCTS.items():
            add_product(door, ProductForm(product, GROUP, mode, ("web", "mail", "dns")))
        wishes.refresh_servers(door, ())


def _configure(door: Door) -> None:
    """What the group's servers shall have alike; nobody has applied it yet, so that the drift board has something to
    show."""
    from hostdeck.core.domain.vocabulary import Target
    from hostdeck.core.intents.group_config import put_file, set_config, set_variables

    set_config(door, GROUP, Target.ALL, {"THEME": "flat"})
    set_config(door, GROUP, Target.WEB, {"POLICY_SYNC_SKELETON": "no"})
    set_config(door, GROUP, Target.MAIL, {"FROM_NAME": "Demo Hosting"})
    set_variables(door, GROUP, {"brand": "Demo Hosting"})
    put_file(door, GROUP, "/var/www/html/index.html", "<h1>{brand}</h1>\n", Target.WEB)


def _throwaway_key() -> str:
    """A private key of its own: the simulated nodes let anybody in, a login needs one all the same."""
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    openssh = (forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption())
    return Ed25519PrivateKey.generate().private_bytes(*openssh).decode()


def _order(loaded: Settings) -> tuple[int, ...]:
    from hostdeck.core.intents.services import place_order
    from hostdeck.core.queries.services import service
    from hostdeck.core.store.db import connection

    ids = []
    with connection():
        for domain, product in ORDERS.items():
            try:
                ids.append(service(domain).id)
            except NotFound:
                ids.append(place_order(_door(), _form(domain, product)))
                _say(f"ordered {domain}")
    return tuple(ids)


def _form(domain: str, product: str) -> OrderForm:
    from hostdeck.core.intents.forms import OrderForm

    email = f"owner@{domain}"
    if PRODUCTS[product] == "vanity":
        return OrderForm("", product, email=email, fields={"vanity_name": SOLD})
    return OrderForm(domain, product, email=email)


def _follow(ids: tuple[int, ...], worker: Worker) -> int:
    """Every step as it happens, then the result. Certificates come when they come: nobody waits for them here."""
    from hostdeck.core.domain.vocabulary import ServiceStatus
    from hostdeck.core.queries.services import service
    from hostdeck.core.store.db import connection
    from hostdeck.tui.cli.waiting import ENDED, pulses
    from hostdeck.tui.cli.words import state_line

    seen: dict[int, str] = {}
    mourned = False
    with connection():
        for _ in pulses(TIMEOUT):
            rows = [service(number) for number in ids]
            for task in sorted((task for row in rows for task in row.tasks), key=lambda task: task.id):
                if seen.get(task.id, "waiting") != task.status and not (task.follow_up and task.status == "queued"):
                    output.text(state_line(task))
                seen[task.id] = task.status
            if all(row.status in ENDED for row in rows):
                break
            if worker.ended and not mourned:
                mourned = True
                output.note(f"the worker (pid {worker.pid}) has ended; start it again with: {worker.line}")
    output.text()
    output.listed(
        ("SERVICE", "STATUS", ">DONE", "WEB", "MAIL", "NAMESERVERS", "ERROR"),
        rows,
        lambda row: (
            row.domain,
            row.status,
            f"{row.progress.done}/{row.progress.total}",
            *(tuple(place.server for place in row.accounts if place.role == role) for role in ("web", "mail", "dns")),
            row.error or "",
        ),
        "nothing was ordered",
    )
    if all(row.status is ServiceStatus.ACTIVE for row in rows):
        return 0
    output.note(f"demo: not every service became active; the worker's last words: {worker.last_words()}")
    return 1


def _say(line: str) -> None:
    output.text(f"{datetime.now():%H:%M:%S}  {line}")
