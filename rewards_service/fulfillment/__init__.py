"""Each order line is fulfilled once, by the strategy of its kind.

Owns no table: a line's state is the order's, what was handed over is the strategy's.
Invariants: every kind of the catalog has exactly one strategy; what a line got, the capture of what was held for it,
its state, its event and the message about it are one transaction, or none of it; a line that cannot be fulfilled gives
its value back in the same way.
Verbs: ``reveal_line``; the job ``fulfillment.fulfil_line`` does the rest.
"""
