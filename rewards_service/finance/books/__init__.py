"""The books of an organization in formats that other programs read and check.

Each entry is exported in the signed view, positive = debit. Balances of holders are the stored ones and those of the
house come from their day sums, and both are asserted in the file: a program that accepts it has checked one against
the other.
"""

from rewards_service.finance.books.export import BOOK_FORMATS, ExportedBooks, export_books

__all__ = ["BOOK_FORMATS", "ExportedBooks", "export_books"]
