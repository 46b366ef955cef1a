"""How value is earned: files of awards, imported row by row, each row once.

Owns no table yet: an award is ``wallets``', and its reference in the sender's system is what makes it one.
Invariants: a row that was imported and comes again changes nothing; a reference never means two awards; a row either
becomes an award whole or is named with its column, what was found and what was expected.
Verbs: ``import_award_rows``; a file is opened with ``award_files.open_award_file``.
"""
