"""The data keys of organizations, each wrapped by a key-encryption key that the database does not hold."""

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.kit.database import KEY, Base


class DataKey(Base):
    """One 256-bit key that seals the secrets of one organization; the newest row seals, all rows open."""

    __tablename__ = "data_key"

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    """The key id that the header of an envelope names."""
    organization_id: Mapped[int] = mapped_column(BigInteger, index=True)
    """Whose secrets; bare, because the kit knows no organizations."""
    kek_version: Mapped[int]
    """The version of the key-encryption key that wraps it: says what a rotation still has to re-wrap."""
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    """The key in an envelope of its own, bound to the organization."""
