"""Double-entry books of value and money: the one place where a unit changes hands.

Owns: account, entry, posting, lot, lot_movement, hold, hold_lot, account_day, roll_mark.
Invariants (accounting model, section 4): a posting is one movement between two accounts of one unit, so an entry
balances by its shape; entries, postings and lot movements are only ever added; a bearer's stored balance equals its
postings and the sum of its lots; what open lots carry is the money posted to the reward liability; a hold is resolved
exactly once; the same business fact is posted once.
Verbs: ``issue_value``, ``issue_to_new_bearers``, ``move_value``, ``open_holds``, ``capture_hold``, ``void_hold``,
``refund_capture``, ``cancel_value``, ``adjust_value``, ``expire_lot``, ``reverse_entry``, ``grant_budget``,
``post_money``, ``rebase_chunk``.
"""
