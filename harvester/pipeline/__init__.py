"""The walk over one source: ask, fetch, read, hand over; again with the next token, until the list ends.

    protocol.ask(window, token) -> Request          no I/O
    open_answer(Request) -> chunks of bytes         the only I/O (``harvester.http``, or a folder)
    reader.read(chunks) -> checked records          in the child; known bytes stop there
    sink.take(pages)                                one transaction, the checkpoint moves with it

The ends are arguments: with a register's sink this is a harvest, with a comparing one a trial, with a sampling
one a probe. A tour: :mod:`road` what a walk needs · :mod:`progress` where it stands · :mod:`intake` the records
of an answer · :mod:`pages` on their way to the sink · :mod:`behind` a sink that takes them while the walk goes on ·
:mod:`copying` the bytes of one that cannot be read ·
:mod:`course` what all parts of a walk share · :mod:`asking` a question and its answer · :mod:`walking` the walk
itself · :mod:`upward` the one over a register's log · :mod:`faults` what can be wrong with a list.
"""

from harvester.pipeline.behind import taking_behind
from harvester.pipeline.intake import drain
from harvester.pipeline.road import OpenAnswer, Road, WalkLimits
from harvester.pipeline.upward import walk_register
from harvester.pipeline.walking import walk

__all__ = ["OpenAnswer", "Road", "WalkLimits", "drain", "taking_behind", "walk", "walk_register"]
