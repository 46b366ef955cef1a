"""What the stock refuses."""

from rewards_service.kit.errors import Conflict, NotFound, ValidationFailed


class OutOfStock(Conflict):
    """Every voucher of this item and face value has been handed out."""

    code = "out_of_stock"
    title = "This is out of stock"


class VoucherNotFound(NotFound):
    """The order line has no voucher from the stock."""

    title = "There is no voucher"


class ItemNotStockable(ValidationFailed):
    """The item is of a kind, or in a currency, of which this organization keeps no stock."""

    code = "item_not_stockable"
    title = "No stock can be kept of this item"


class ColumnsMissing(ValidationFailed):
    """No header of the file names a column that is needed."""

    code = "columns_missing"
    title = "A column is missing in this file"


class TooManyRows(ValidationFailed):
    """The file has more vouchers than one import takes; ``params["limit"]`` says how many."""

    code = "file_too_large"
    title = "This file has too many rows"


class ThresholdUnusable(ValidationFailed):
    """A threshold is a whole number that is not negative."""

    code = "threshold_unusable"
    title = "This is not a usable threshold"
