"""Runs jobs: claims them, prepares, performs and settles them, keeps the timetable, and takes over what others lost.

Invariants: nothing talks to the network inside a transaction; a job is settled in the transaction of its effect, by
whoever holds its lease; a database that is away is waited for; stopping finishes what was begun and gives back the
rest.

``Worker`` is used by ``rewards worker``; ``Worker.drain`` runs what is due and returns.
"""

from rewards_service.worker.dispatcher import Worker

__all__ = ["Worker"]
