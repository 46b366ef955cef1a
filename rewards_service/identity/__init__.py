"""People and machines that may come in: members, staff with roles, sign-in sessions, sign-in messages, API keys.

Owns: member, staff, staff_role, sign_in_session, proved_code, login_request, api_key.
Invariants: an address belongs to one member of a program; nothing that opens a door is stored, only its SHA-256 or the
public id it is derived from; a sign-in message opens one session, once, in the browser that asked for it; asked for by
somebody who is signed in, it proves another address instead.
Verbs: ``register_member``, ``prove_address``, ``request_login``, ``complete_login_by_link``,
``complete_login_by_code``, ``open_session``, ``close_session``, ``prove_code``, ``register_staff``, ``grant_role``,
``create_api_key``, ``revoke_api_key``.
"""
