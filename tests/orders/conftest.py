import pytest

from tests.support.commerce import Commerce


@pytest.fixture
def shop(session, program, vault, now) -> Commerce:
    """The program ``demo`` with something to sell."""
    return Commerce(session, program, vault, now)


@pytest.fixture
def item(shop):
    """An item with plenty of stock."""
    item = shop.item()
    shop.stock(item, vouchers=30)
    return item
