"""All sorts of jobs of one application, each known by one name."""

from collections.abc import Iterable, Iterator

from rewards_service.kit.jobs.kinds import JobKind
from rewards_service.kit.jobs.policy import QUEUE_DEFAULT, QUEUES


class UnknownJobKindError(LookupError):
    """A job names a kind that nobody registered: a slip in the program, never in what a caller sent."""


class JobRegistry:
    """The kinds of one application.

    Raises:
        ValueError: two kinds share a name, a queue does not exist, a limit is not positive, or a kind looks up what
            it never performs.
    """

    def __init__(self, kinds: Iterable[JobKind]) -> None:
        self._kinds: dict[str, JobKind] = {}
        for kind in kinds:
            _require_sound(kind)
            if self._kinds.setdefault(kind.name, kind) is not kind:
                raise ValueError(f"two job kinds are called {kind.name}")

    def __iter__(self) -> Iterator[JobKind]:
        """Go through all kinds in the order in which they were given."""
        return iter(self._kinds.values())

    def __contains__(self, name: str) -> bool:
        """Tell whether a kind of that name is registered."""
        return name in self._kinds

    def kind(self, name: str) -> JobKind:
        """Return the kind of that name.

        Raises:
            UnknownJobKindError: nobody registered it.
        """
        found = self._kinds.get(name)
        if found is None:
            raise UnknownJobKindError(name)
        return found

    def names(self, *, queue: str) -> list[str]:
        """Return, sorted, the names of the kinds of a queue."""
        return sorted(kind.name for kind in self if kind.queue == queue)


_installed: list[JobRegistry] = []


def install_registry(registry: JobRegistry) -> None:
    """Make ``registry`` the one by which this process files new jobs; a later call replaces it."""
    _installed[:] = [registry]


def queue_of(kind: str) -> str:
    """Return the queue of ``kind``; before a registry is installed the default one, which a worker sets right.

    Raises:
        UnknownJobKindError: a registry is installed and does not know the kind.
    """
    return _installed[0].kind(kind).queue if _installed else QUEUE_DEFAULT


def installed_kind(name: str) -> JobKind | None:
    """Return the kind of that name, or ``None`` where this process does not know it."""
    return _installed[0].kind(name) if _installed and name in _installed[0] else None


def _require_sound(kind: JobKind) -> None:
    """Refuse a kind that could not run."""
    if kind.queue not in QUEUES:
        raise ValueError(f"{kind.name}: there is no queue {kind.queue}")
    if kind.attempts_max < 1:
        raise ValueError(f"{kind.name}: a job is tried at least once")
    if kind.look_up is not None and kind.perform is None:
        raise ValueError(f"{kind.name}: what is never performed cannot be looked up")
