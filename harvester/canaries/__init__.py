"""Canaries: answers that are known to be wrong, sent down the road that harvests take, which must refuse them.

A tour: :mod:`rows` the table of them · :mod:`flight` sends them and judges what became of each · :mod:`watch` does
so again and again, and stops publication for the whole installation once a wrong one was let in. They are asked at
a decoy of our own (``harvester.http.decoy``) through the same HTTP door, child and checks as every source; only the
answer, and the address that it comes from, are theirs. A new canary is a row.
"""

from harvester.canaries.flight import Flight, Outcome, fly
from harvester.canaries.rows import CANARIES, Canary, Fate
from harvester.canaries.watch import Watch

__all__ = ["CANARIES", "Canary", "Fate", "Flight", "Outcome", "Watch", "fly"]
