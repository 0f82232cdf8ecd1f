"""Where hostile bytes are parsed: a disposable child process, and the parent's side of it.

A tour: :mod:`limits` what a child may use · :mod:`seccomp` what it may ask of the kernel · :mod:`wire` what
the two say to each other · :mod:`answer` the road of an answer, the same with and without a process ·
:mod:`batch` that of its records · :mod:`oversize` which of them are too large · :mod:`child` the process ·
:mod:`warm` what it loads before it gives up opening files · :mod:`explaining` why a record is refused, by a
second process · :mod:`tabulating` tables as documents, by a third · :mod:`workbook` what that one warms up on ·
:mod:`process` their pipes · :mod:`trust` what the parent checks of their words ·
:mod:`errors` how they die · :mod:`conversation` what the parent says to one about an answer · :mod:`parent`
:class:`Sandbox`, :class:`Sandboxes`, :class:`InlineSandbox`.
"""

from harvester.sandbox.errors import AnswerRefused, Cause, ChildDied
from harvester.sandbox.limits import SandboxLimits
from harvester.sandbox.parent import AnswerReader, InlineSandbox, Sandbox, Sandboxes
from harvester.sandbox.tabulating import Tabulator
from harvester.sandbox.wire import Reading

__all__ = [
    "AnswerReader",
    "AnswerRefused",
    "Cause",
    "ChildDied",
    "InlineSandbox",
    "Reading",
    "Sandbox",
    "SandboxLimits",
    "Sandboxes",
    "Tabulator",
]
