"""Messages to people: filed with what they are about, sent by a job, kept with what the other side said.

Owns: message, message_attempt, message_receipt.

Invariants: a message is filed in the transaction of what it tells; its row holds references, never a secret; links and
typed codes are made at the moment of sending; all repeats carry one Message-ID; attempts and receipts are only added.

Verbs: ``queue_message``, ``resend_message``, ``record_receipt``; reads in ``queries``. Kinds of messages are listed in
``kinds``; where links lead in ``links``.
"""
