"""How long a failed step waits: what is set for it alone, its own way, what is set for all."""

from __future__ import annotations

from hostdeck.core.domain.action_names import Action
from hostdeck.core.domain.actions import ACTIONS, RetryPolicy
from hostdeck.core.intents.base import Door
from hostdeck.core.intents.work import set_setting
from hostdeck.core.settings import Settings
from hostdeck.queue.policy import retry_policy


def test_an_action_of_its_own_outweighs_what_is_set_for_all(store: Settings, door: Door) -> None:
    set_setting(door, "retry.base", "7")
    set_setting(door, "retry.cap", "70")
    set_setting(door, "retry.base.dns.deployZone", "2")
    assert retry_policy(Action.DNS_DEPLOY_ZONE) == RetryPolicy(base=2, cap=70)
    assert retry_policy(Action.WEB_CREATE_USER) == RetryPolicy(base=7, cap=70)


def test_a_certificate_keeps_its_own_cadence_unless_it_is_set(store: Settings, door: Door) -> None:
    set_setting(door, "retry.base", "7")
    own = ACTIONS[Action.SSL_SEED].retry
    assert own is not None
    assert retry_policy(Action.SSL_SEED) == own
    set_setting(door, "retry.cap.ssl.seed", "60")
    assert retry_policy(Action.SSL_SEED) == RetryPolicy(base=own.base, cap=60)
