"""What happens to a code is kept: the trail that support tells its story from."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from rewards_service.codes.models import Code, CodeBatch
from rewards_service.kit.actor import Actor
from rewards_service.kit.audit import record_audit


def audit_code(
    session: Session,
    *,
    code: Code | CodeBatch,
    action: str,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Record that ``actor`` did ``action`` (``blocked``) to a code or a batch, and why."""
    object_type = "code" if isinstance(code, Code) else "code_batch"
    record_audit(
        session,
        organization_id=code.organization_id,
        actor=actor,
        action=f"{object_type}.{action}",
        object_type=object_type,
        object_id=code.public_id,
        now=now,
        reason=reason,
        detail=dict(detail or {}),
    )
