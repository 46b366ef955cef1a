"""What can be had: brands, items, denominations, countries; importing them from suppliers, and searching them.

The package stands alone. It knows SQLAlchemy and nothing of the application around it; the application hands in
connections, owner keys and supplier names, and joins its own tables to the same ``catalog.tables.metadata``.
"""
