"""Answering a keyed request once, and giving the same answer to its repeats."""

import hashlib
import hmac
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy import Engine, Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from rewards_service.kit.crypto import Vault
from rewards_service.kit.database import db, transact
from rewards_service.kit.errors import RateLimited, Refusal
from rewards_service.kit.failpoints import pass_failpoint
from rewards_service.kit.idempotency import turn_postgresql, turn_sqlite
from rewards_service.kit.idempotency.errors import IdempotencyMismatch
from rewards_service.kit.idempotency.models import StoredAnswer, StoredAnswerSecret
from rewards_service.kit.statements import Statement

KEPT_FOR = timedelta(days=30)
SECRET_KEPT_FOR = timedelta(hours=24)
PURGE_MAX = 1000
PURPOSE = "stored_answer"
FAULTS_OF_CALLERS = range(400, 500)
"""HTTP's class of client errors; beyond it the failures are ours."""

_ANSWER = cast("Table", StoredAnswer.__table__)
_KEEP = Statement(
    update(_ANSWER)
    .where(_ANSWER.c.id == bindparam("answer_id"))
    .values(
        status=bindparam("the_status"),
        headers=bindparam("the_headers"),
        body=bindparam("the_body"),
        sealed_body=bindparam("the_sealed_body"),
    )
)
_DIALECTS = {"sqlite": turn_sqlite, "postgresql": turn_postgresql}


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that may be sent again.

    Attributes:
        key: what the caller calls it; see ``read_key``.
        credential: who asks, e.g. ``api_key:key_…``; another caller's key of the same text is another key.
        method, route: what is asked; the route is the concrete path.
        content: everything that makes it this request and no other: the body's bytes, for instance.
        organization_id: whose data key seals a secret answer.
    """

    key: str
    credential: str
    method: str
    route: str
    content: bytes
    organization_id: int

    @property
    def digest(self) -> bytes:
        """The 32 bytes that stand for the key within its scope."""
        return hashlib.sha256(json.dumps([self.credential, self.method, self.route, self.key]).encode()).digest()


@dataclass(frozen=True, slots=True)
class AnswerSecret:
    """That a body holds a secret: whose (public ids), and the body that is given once the secret is wiped."""

    references: tuple[str, ...]
    body_without: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered: bytes, so that a repeat gets the very same. A body with a secret is UTF-8."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    secret: AnswerSecret | None = None
    is_replay: bool = False


class _Undone(Exception):
    """A refusal whose transaction is to be undone as a whole, its claim of the key included."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__()
        self.refusal = refusal


def answer_once(
    request: KeyedRequest,
    *,
    produce: Callable[[Session], Answer],
    refuse: Callable[[Refusal], Answer],
    vault: Vault,
    now: datetime,
    refused: Callable[[Session, Refusal], None] | None = None,
) -> Answer:
    """Answer ``request`` by ``produce`` in one transaction, or as it was answered before.

    ``produce`` is run again when the database gave the transaction up, so it has no effect but through its session. A
    refusal of its is turned into the answer by ``refuse`` and stored like any other; ``refused`` then writes what
    outlives it (a wrong try, the audit), as in ``transact``. Too many tries and failures of ours (5xx) are raised and
    never stored.

    Raises:
        IdempotencyInProgress: the same request is being answered and took more than two seconds.
        IdempotencyMismatch: the key was used with other content.
    """
    engine: Engine = db.engine
    with _DIALECTS[engine.dialect.name].hold_turn(engine, request.digest):
        try:
            answer = transact(partial(_answer, request=request, vault=vault, now=now, produce=produce))
        except _Undone as undone:
            keep = partial(_keep_refusal, request=request, vault=vault, now=now, refuse=refuse, refused=refused)
            answer = transact(partial(keep, refusal=undone.refusal))
    pass_failpoint("after_answer", request.route)
    return answer


def wipe_answers(session: Session, *, references: Collection[str]) -> int:
    """Wipe the secret of every answer that holds that of one of ``references``, and return how many did."""
    holders = select(StoredAnswerSecret.answer_id).where(StoredAnswerSecret.reference.in_(references))
    wiped = update(StoredAnswer).where(StoredAnswer.id.in_(holders), StoredAnswer.sealed_body.is_not(None))
    return len(session.scalars(wiped.values(sealed_body=None).returning(StoredAnswer.id)).all())


def purge_answers(session: Session, *, now: datetime) -> int:
    """Wipe secrets after a day, forget at most ``PURGE_MAX`` answers of over thirty, and return how many."""
    session.execute(
        update(StoredAnswer)
        .where(StoredAnswer.created_at <= now - SECRET_KEPT_FOR, StoredAnswer.sealed_body.is_not(None))
        .values(sealed_body=None)
    )
    old = session.scalars(
        select(StoredAnswer.id).where(StoredAnswer.created_at <= now - KEPT_FOR).limit(PURGE_MAX)
    ).all()
    session.execute(delete(StoredAnswerSecret).where(StoredAnswerSecret.answer_id.in_(old)))
    session.execute(delete(StoredAnswer).where(StoredAnswer.id.in_(old)))
    return len(old)


def _answer(
    session: Session, *, request: KeyedRequest, vault: Vault, now: datetime, produce: Callable[[Session], Answer]
) -> Answer:
    """Claim the key and produce its answer, or return the one it has."""
    answer_id = _claim(session, request, vault, now)
    if answer_id is None:
        return _replay(session, request, vault, now)
    try:
        answer = produce(session)
    except Refusal as refusal:
        if not _is_stored(refusal):
            raise
        raise _Undone(refusal) from refusal
    _keep(session, answer_id, request, answer, vault)
    pass_failpoint("before_answer", request.route)
    return answer


def _keep_refusal(
    session: Session,
    *,
    refusal: Refusal,
    request: KeyedRequest,
    vault: Vault,
    now: datetime,
    refuse: Callable[[Refusal], Answer],
    refused: Callable[[Session, Refusal], None] | None,
) -> Answer:
    """Store the answer that a refusal makes; a twin that got in between has answered for both."""
    answer_id = _claim(session, request, vault, now)
    if refused is not None:
        refused(session, refusal)
    if answer_id is None:
        return _replay(session, request, vault, now)
    answer = refuse(refusal)
    _keep(session, answer_id, request, answer, vault)
    return answer


def _is_stored(refusal: Refusal) -> bool:
    """Tell whether a refusal is the answer for good: a fact of business, not of our load or theirs."""
    return refusal.status in FAULTS_OF_CALLERS and not isinstance(refusal, RateLimited)


def _claim(session: Session, request: KeyedRequest, vault: Vault, now: datetime) -> int | None:
    """Take the key for this transaction and return its row, or ``None`` when it was answered before."""
    row = {
        "organization_id": request.organization_id,
        "key_digest": request.digest,
        "fingerprint": vault.lookup(PURPOSE, _content_digest(request)),
        "created_at": now,
    }
    answer_id: int | None = _DIALECTS[session.get_bind().dialect.name].claim_key(session, row)
    return answer_id


def _replay(session: Session, request: KeyedRequest, vault: Vault, now: datetime) -> Answer:
    """Return the stored answer to a repeat of ``request``.

    Raises:
        IdempotencyMismatch: it is no repeat.
    """
    stored = session.scalars(select(StoredAnswer).where(StoredAnswer.key_digest == request.digest)).one()
    _require_same(request, stored.fingerprint, vault)
    assert stored.status is not None, "a committed claim has its answer"
    headers = tuple((name, value) for name, value in json.loads(stored.headers or "[]"))
    answer = Answer(status=stored.status, headers=headers, body=stored.body or b"", is_replay=True)
    if stored.sealed_body is None or now - stored.created_at >= SECRET_KEPT_FOR:
        return answer
    opened = vault.open(session, ciphertext=stored.sealed_body, **_seal_of(request))
    return replace(answer, body=opened.encode())


def _require_same(request: KeyedRequest, fingerprint: bytes, vault: Vault) -> None:
    """Refuse a request whose content is not that of the first, whichever key that was hashed with."""
    candidates = [candidate for _, candidate in vault.lookups(PURPOSE, _content_digest(request))]
    if not any(hmac.compare_digest(candidate, fingerprint) for candidate in candidates):
        raise IdempotencyMismatch


def _keep(session: Session, answer_id: int, request: KeyedRequest, answer: Answer, vault: Vault) -> None:
    """Write the answer into the row of its key."""
    assert answer.status < FAULTS_OF_CALLERS.stop, "what failed is not an answer"
    values: dict[str, Any] = {
        "answer_id": answer_id,
        "the_status": answer.status,
        "the_headers": json.dumps(answer.headers),
        "the_body": answer.body,
        "the_sealed_body": None,
    }
    if answer.secret is not None:
        sealed = vault.seal(session, plaintext=answer.body.decode(), **_seal_of(request))
        values |= {"the_body": answer.secret.body_without, "the_sealed_body": sealed}
        rows = [{"answer_id": answer_id, "reference": reference} for reference in set(answer.secret.references)]
        session.execute(insert(StoredAnswerSecret), rows)
    _KEEP.run(session.connection(), values)


def _seal_of(request: KeyedRequest) -> dict[str, Any]:
    """Return what a sealed answer is bound to."""
    return {"organization_id": request.organization_id, "purpose": PURPOSE, "reference": request.digest.hex()}


def _content_digest(request: KeyedRequest) -> str:
    """Return the content as text of a fixed length, fit for the keyed hash."""
    return hashlib.sha256(request.content).hexdigest()
