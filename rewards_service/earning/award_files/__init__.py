"""Files of awards as senders make them: read without a mapping, every guess shown."""
