"""REST v1: schema in, one operation, schema out.

Owns: the addresses below ``/api/v1``, their schemas, the one table that turns refusals into problem documents, and the
addresses that machines watch (``/healthz``, ``/readyz``, ``/metrics``).
Invariants: every address says who may call it and whose rows it may touch; whatever moves value is answered once per
Idempotency-Key; a row of another tenant answers as if it did not exist; no answer but a problem document says that
something went wrong.
"""
