"""Whether the books are right: each invariant of the accounting model that has something to say about them.

Numbers are those of its section 4. Every check is a handful of statements over whole tables; nothing is written.
"""

from rewards_service.finance.verify.registry import CHECKS, CheckResult, verify_books

__all__ = ["CHECKS", "CheckResult", "verify_books"]
