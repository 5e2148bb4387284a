"""Checking what people type: pure functions that return the accepted value or raise Invalid."""

from hostdeck.core.domain.inputs.domains import (
    check_domain,
    refuse_node,
    refuse_parent_taken,
    refuse_taken,
    refuse_vanity_parent,
    unicode_form,
)
from hostdeck.core.domain.inputs.numbers import check_port, parse_quota
from hostdeck.core.domain.inputs.people import check_email, check_person_name, person_name_for_hestia
from hostdeck.core.domain.inputs.secrets import check_password
from hostdeck.core.domain.inputs.servers import (
    check_fingerprint,
    check_host,
    check_ip,
    check_private_key,
    check_ssh_user,
    public_key_of,
)
from hostdeck.core.domain.inputs.suffixes import parents_of, registrable
from hostdeck.core.domain.inputs.usernames import check_mailbox, check_name, check_username, refuse_foreign

__all__ = [
    "check_domain",
    "check_email",
    "check_fingerprint",
    "check_host",
    "check_ip",
    "check_mailbox",
    "check_name",
    "check_password",
    "check_person_name",
    "check_port",
    "check_private_key",
    "check_ssh_user",
    "check_username",
    "parents_of",
    "parse_quota",
    "person_name_for_hestia",
    "public_key_of",
    "refuse_foreign",
    "refuse_node",
    "refuse_parent_taken",
    "refuse_taken",
    "refuse_vanity_parent",
    "registrable",
    "unicode_form",
]
