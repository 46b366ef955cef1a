"""Paging a real list by key, with cursors that nobody can steer."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from rewards_service.kit.crypto import DataKey
from rewards_service.kit.paging import CursorInvalid, Listing, Page, encode_cursor, fetch_page
from rewards_service.kit.signing import Signer

BY_VERSION = Listing("data_keys", keys=(DataKey.kek_version, DataKey.id))
NEWEST = Listing("newest_data_keys", keys=(DataKey.id,), descending=True)
ROWS = 7


@pytest.fixture
def signer() -> Signer:
    return Signer([b"k" * 32])


@pytest.fixture
def rows(session: Session) -> None:
    session.execute(
        insert(DataKey),
        [{"id": n, "organization_id": 1, "kek_version": n % 3, "wrapped": b""} for n in range(1, ROWS + 1)],
    )


def walk(session: Session, listing: Listing, signer: Signer, *, limit: int) -> list[list[int]]:
    """Return the ids of every page, following the cursors."""
    pages: list[list[int]] = []
    cursor: str | None = None
    while not pages or cursor:
        page = fetch_page(session, select(*listing.keys), listing=listing, signer=signer, cursor=cursor, limit=limit)
        pages.append([row.id for row in page.items])
        cursor = page.next_cursor
    return pages


@pytest.mark.usefixtures("rows")
class TestFetchPage:
    def test_follows_an_order_of_several_columns(self, session: Session, signer: Signer):
        assert walk(session, BY_VERSION, signer, limit=3) == [[3, 6, 1], [4, 7, 2], [5]]

    def test_goes_backwards_too(self, session: Session, signer: Signer):
        assert walk(session, NEWEST, signer, limit=4) == [[7, 6, 5, 4], [3, 2, 1]]

    def test_ends_without_an_empty_page(self, session: Session, signer: Signer):
        assert walk(session, NEWEST, signer, limit=ROWS) == [[7, 6, 5, 4, 3, 2, 1]]

    def test_never_returns_less_than_one_row_or_more_than_the_limit(self, session: Session, signer: Signer):
        assert len(walk(session, NEWEST, signer, limit=0)) == ROWS
        assert len(walk(session, NEWEST, signer, limit=10**9)) == 1

    def test_of_an_empty_list_is_empty(self, session: Session, signer: Signer):
        nothing = select(DataKey.id).where(DataKey.id < 0)
        assert fetch_page(session, nothing, listing=NEWEST, signer=signer) == Page(items=[], next_cursor=None)

    def test_refuses_the_cursor_of_another_list(self, session: Session, signer: Signer):
        foreign = encode_cursor(signer, listing="members", position=[3])
        with pytest.raises(CursorInvalid) as refused:
            fetch_page(session, select(DataKey.id), listing=NEWEST, signer=signer, cursor=foreign)
        assert refused.value.problems[0].pointer == "/cursor"

    def test_refuses_a_cursor_of_another_shape(self, session: Session, signer: Signer):
        foreign = encode_cursor(signer, listing=NEWEST.name, position=[3, 4])
        with pytest.raises(CursorInvalid):
            fetch_page(session, select(DataKey.id), listing=NEWEST, signer=signer, cursor=foreign)
