"""What a file of vouchers says: which column is what, and what each row means. Knows no database."""

from rewards_service.stock.voucher_file.columns import Field, read_columns
from rewards_service.stock.voucher_file.rows import Reading, RefusedRow, VoucherRow, read_vouchers

__all__ = ["Field", "Reading", "RefusedRow", "VoucherRow", "read_columns", "read_vouchers"]
