"""The organization's own vouchers: bought, sealed, handed out one by one.

Owns: stock_item, stock_import, voucher.
Invariants: a voucher is handed out to one order line, ever; its number and PIN are in the database only sealed for its
row; a number is in the stock of an item once; what vouchers not handed out cost is the balance of the item's stock
account; importing the same file again changes nothing.
Verbs: ``import_stock``, ``hand_out_voucher``, ``void_vouchers_of_line``, ``reveal_voucher``,
``set_low_stock_threshold``.
"""
