"""Which mailboxes Home tells of where there are more than it tells of: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.conftest import add_fleet

from hostdeck.core.domain.vocabulary import Mode, Role, ServiceStatus
from hostdeck.core.queries import attention
from hostdeck.core.settings import Settings
from hostdeck.core.store.figure_models import FullMailbox
from hostdeck.core.store.work_models import Product, Service

NOW = datetime(2026, 3, 14, 21, 12, tzinfo=UTC)


def test_the_fullest_mailboxes_are_told_of_first(any_store: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    add_fleet()
    for number, (used, quota) in enumerate([(91, 100), (999, 1000), (95, 100), (300, 300), (1, 0)]):
        service = Service.create(
            domain=f"s{number}.example.com", product=Product.get(), mode=Mode.SPLIT, roles=[Role.MAIL],
            status=ServiceStatus.ACTIVE, email="o@example.net", created_at=NOW,
        )  # fmt: skip
        FullMailbox.create(service=service, address=f"a@{service.domain}", used=used, quota=quota, at=NOW)
    monkeypatch.setattr(attention, "EACH_LIMIT", 3)
    said = [line.what for line in attention.attention((), True, NOW) if line.text.startswith("mailbox")]
    assert sorted(said) == ["s1.example.com", "s2.example.com", "s3.example.com"]
