"""Reward codes: bearer handles of accounts that can be passed on, combined, divided and spent bit by bit.

Owns: code, code_batch, claim_link.
Invariants: the text of a code is found by a keyed hash that is unique in the installation and kept sealed for its row;
a code has an account of its own; merging, splitting, claiming and reissuing empty the old handle and fill a new one in
one entry; a replaced or claimed code never becomes usable again; a stranger cannot tell unknown, expired, blocked and
foreign codes apart; following a claim link uses nothing up.
Verbs: ``issue_code``, ``create_batch``, ``check_code``, ``claim_code``, ``split_code``, ``merge_codes``,
``reissue_code``, ``block_code``, ``unblock_code``, ``extend_code``, ``reveal_code``, ``deliver_code``,
``export_batch``, ``create_claim_link``, ``follow_claim_link``; for orders also ``living_accounts``.
"""
