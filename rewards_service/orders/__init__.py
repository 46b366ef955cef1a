"""Orders: from a basket to value set aside for each line, and on to what became of it.

Owns: basket, basket_line, customer_order, order_line, order_tender, order_line_recovery, order_event.
Invariants: an order's external id is unique in its program for ever; a line is one unit with a snapshot of what was
agreed; every line is covered by its tenders, all lines or none; a cancelled or failed line has given back exactly what
came from each tender, a refunded one never more; an order's state follows from its lines, in one place; its timeline is
only added to.
Verbs: ``quote_order``, ``place_order``, ``cancel_order``, ``refund_line``; for fulfillment ``lock_line``,
``issue_line``, ``fail_line``; for the shop ``put_in_basket``, ``empty_basket``; ``merge_members_with_baskets``.
"""
