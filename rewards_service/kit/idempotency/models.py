"""Tables of stored answers."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from rewards_service.kit.database import KEY, Base, UtcDateTime


class StoredAnswer(Base):
    """What a keyed request was answered; written in the transaction of its effect, so neither exists alone."""

    __tablename__ = "stored_answer"

    id: Mapped[int] = mapped_column(KEY, primary_key=True)
    organization_id: Mapped[int] = mapped_column(
        BigInteger, doc="Whose data key seals it; bare, as the kit knows none."
    )
    key_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True, doc="SHA-256 of the key and all of its scope.")
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary, doc="Keyed hash of the request's content.")
    status: Mapped[int | None] = mapped_column(Integer, doc="None only inside the transaction that makes the answer.")
    headers: Mapped[str | None] = mapped_column(String, doc="JSON list of name and value.")
    body: Mapped[bytes | None] = mapped_column(LargeBinary, doc="As sent; without its secret where it had one.")
    sealed_body: Mapped[bytes | None] = mapped_column(LargeBinary, doc="As sent, sealed, until it is wiped.")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class StoredAnswerSecret(Base):
    """One thing whose secret a sealed answer holds: when that is wiped, so is the answer."""

    __tablename__ = "stored_answer_secret"
    __table_args__ = (Index("ix_stored_answer_secret_reference", "reference"),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("stored_answer.id"), primary_key=True)
    reference: Mapped[str] = mapped_column(String(80), primary_key=True, doc="Public id of the code or voucher.")
