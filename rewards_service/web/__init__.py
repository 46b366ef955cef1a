"""Server-rendered pages: the shop of each program and the console of its staff.

Invariants: every page works without a script; no page holds an inline script or style; a GET changes nothing, consumes
nothing and reveals nothing; every route is in a table that says who may call it.
"""
