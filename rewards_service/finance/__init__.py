"""What an accountant asks of the books: whether they are right, and a copy for other programs.

Owns no table. Reads everything below it, writes nothing.
"""
