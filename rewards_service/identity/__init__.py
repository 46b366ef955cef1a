"""People and machines that may come in: members, staff with roles, sign-in sessions, sign-in messages, API keys.

Invariants: an address belongs to one member of a program; nothing that opens a door is stored, only its SHA-256 or
what derives it; a sign-in message opens one door once, in the browser that asked for it.

Public verbs: ``register_member``, ``prove_address``, ``request_login``, ``complete_login``, ``open_session``,
``touch_session``, ``close_session``, ``prove_code``, ``register_staff``, ``create_api_key``, ``revoke_api_key``.
"""
