"""Roles and permissions, as the table says."""

import pytest

from rewards_service.identity.policy import (
    API_SCOPES,
    API_SCOPES_BY_DEFAULT,
    PERMISSIONS,
    ROLES_BY_PERMISSION,
    Role,
    permissions_of,
)

CHANGES = {name for name in PERMISSIONS if not name.endswith(".read")} - {"console.enter"}


class TestRoles:
    def test_an_owner_holds_everything_but_a_bearers_own_act(self):
        assert permissions_of(frozenset({Role.OWNER})) == PERMISSIONS - {"codes.spend"}

    def test_an_auditor_reads_and_changes_nothing(self):
        assert permissions_of(frozenset({Role.AUDITOR})) & CHANGES == set()

    def test_support_resends_and_reissues_and_sees_no_secret(self):
        held = permissions_of(frozenset({Role.SUPPORT_AGENT}))
        assert {"messages.resend", "codes.reissue"} <= held
        assert "orders.reveal" not in held

    def test_the_platform_operator_sees_no_codes(self):
        assert not any(name.startswith("codes.") for name in permissions_of(frozenset({Role.PLATFORM_OPERATOR})))

    @pytest.mark.parametrize("role", Role)
    def test_everybody_with_a_role_may_enter_the_console(self, role: Role):
        assert "console.enter" in permissions_of(frozenset({role}))

    def test_several_roles_add_up(self):
        both = permissions_of(frozenset({Role.FINANCE, Role.DEVELOPER}))
        assert {"ledger.read", "keys.manage"} <= both

    def test_without_a_role_nothing_is_allowed(self):
        assert permissions_of(frozenset()) == frozenset()


class TestScopes:
    def test_are_permissions(self):
        assert API_SCOPES <= PERMISSIONS

    def test_never_let_a_key_make_keys_or_enter_the_console(self):
        assert API_SCOPES & {"console.enter", "keys.manage", "staff.manage"} == set()

    def test_hand_out_vouchers_only_when_asked_for_by_name(self):
        assert {"orders.reveal"} == API_SCOPES - API_SCOPES_BY_DEFAULT

    def test_every_permission_says_what_and_how(self):
        assert all(name.count(".") == 1 for name in ROLES_BY_PERMISSION)
