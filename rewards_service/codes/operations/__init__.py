"""Writes of codes, each in the caller's transaction."""

from rewards_service.codes.operations.delivering import deliver_code
from rewards_service.codes.operations.issuing import CodeTerms, create_batch, issue_chunk, issue_code
from rewards_service.codes.operations.keeping import (
    ExportedCode,
    block_code,
    export_batch,
    extend_code,
    open_code,
    record_export,
    reveal_code,
    unblock_code,
)
from rewards_service.codes.operations.linking import (
    claim_token,
    create_claim_link,
    follow_claim_link,
    revoke_claim_links,
)
from rewards_service.codes.operations.moving import claim_code, merge_codes, reissue_code, split_code
from rewards_service.codes.operations.setting import CodeSettings, code_settings, set_code_settings

__all__ = [
    "CodeSettings",
    "CodeTerms",
    "ExportedCode",
    "block_code",
    "claim_code",
    "claim_token",
    "code_settings",
    "create_batch",
    "create_claim_link",
    "deliver_code",
    "export_batch",
    "extend_code",
    "follow_claim_link",
    "issue_chunk",
    "issue_code",
    "merge_codes",
    "open_code",
    "record_export",
    "reissue_code",
    "reveal_code",
    "revoke_claim_links",
    "set_code_settings",
    "split_code",
    "unblock_code",
]
