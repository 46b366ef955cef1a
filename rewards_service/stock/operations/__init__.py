"""Writes of the stock: vouchers come in from a file, and go out one by one."""

from rewards_service.stock.operations.handing_out import HandedOut, hand_out_voucher, void_vouchers_of_line
from rewards_service.stock.operations.importing import StockImported, import_stock
from rewards_service.stock.operations.revealing import Credentials, reveal_voucher
from rewards_service.stock.operations.thresholds import set_low_stock_threshold

__all__ = [
    "Credentials",
    "HandedOut",
    "StockImported",
    "hand_out_voucher",
    "import_stock",
    "reveal_voucher",
    "set_low_stock_threshold",
    "void_vouchers_of_line",
]
