"""Names that things have outside and rows do not hold."""

from typing import Protocol


class OfSource(Protocol):
    """An entry of the books, however it was read."""

    @property
    def source_type(self) -> str:
        """Which sort of thing it is about."""
        ...

    @property
    def source_ref(self) -> str:
        """That thing's own reference."""
        ...

    @property
    def kind(self) -> str:
        """What happened to it."""
        ...


def entry_reference(entry: OfSource) -> str:
    """Return what names an entry outside: unique within its organization, and nothing of the keys inside."""
    return f"{entry.source_type}:{entry.source_ref}:{entry.kind}"
