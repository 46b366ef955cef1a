"""Members' value: wallets, awards, and value that waits for somebody to sign in.

Owns: wallet, award.
Invariants: a member has one wallet per unit of a program; value for an address that nobody has registered waits in a
pending wallet, one per address and unit, until a member proves the address; an award's external id is unique in its
program for ever.
Verbs: ``award_value``, ``welcome_member``, ``merge_members``, ``adjust_wallet``, ``cancel_award``, ``reverse_award``,
``expire_chunk``.
"""
