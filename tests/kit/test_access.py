"""Who may call what is said once, and by everybody."""

import pytest

from rewards_service.kit.access import AccessRule, TenantScope, UndeclaredAccessError, access_rule, declare_access


class TestDeclareAccess:
    def test_may_say_the_same_again_and_nothing_else(self, monkeypatch):
        monkeypatch.setattr("rewards_service.kit.access.ACCESS_RULES", {})
        rule = AccessRule("orders.read", TenantScope.PROGRAM)
        assert declare_access("orders.list", rule) == declare_access("orders.list", rule) == rule
        with pytest.raises(ValueError, match=r"orders\.list is already declared"):
            declare_access("orders.list", AccessRule("orders.write", TenantScope.PROGRAM))
        assert access_rule("orders.list") == rule


class TestAccessRule:
    def test_is_missing_where_nobody_declared_one(self):
        with pytest.raises(UndeclaredAccessError, match="nowhere"):
            access_rule("nowhere")
