"""How reading an answer fails: the answer is no XML that may be read, or the child died of it."""

from __future__ import annotations

import signal
from enum import StrEnum

from harvester.errors import ProtocolFailure, TransportFailure
from registry.model.issue import Issue, Text


class AnswerRefused(ProtocolFailure):
    """The answer, from some place on, is no XML that may be read (ill-formed, DOCTYPE, encoding).

    ``issue`` says why and where; what stood before that place has been handed out.
    """

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message)
        self.issue = issue


class Cause(StrEnum):
    """Why a child died."""

    MEMORY = "memory"  # it ran into its memory limit
    CPU = "cpu"  # it used more processor time than an answer may
    SILENCE = "silence"  # it showed no progress and was ended
    GARBAGE = "garbage"  # it said something that is not in the wire format, or not true
    SIGNAL = "signal"  # the kernel or somebody else ended it
    CRASH = "crash"  # a failure in our code, or in a library's


_TEXTS = {
    Cause.MEMORY: Text("超出内存限制", "ran into its memory limit"),
    Cause.CPU: Text("超出处理器时间限制", "used more processor time than an answer may"),
    Cause.SILENCE: Text("长时间没有进展，已被终止", "showed no progress and was ended"),
    Cause.GARBAGE: Text(
        "返回了无法采信的数据，已被终止", "said something that cannot be trusted and was ended"
    ),
    Cause.SIGNAL: Text("被信号终止", "was ended by a signal"),
    Cause.CRASH: Text("因内部错误退出", "ended with an internal failure"),
}


class ChildDied(TransportFailure):
    """The child that read an answer died of it. Only this answer is concerned: the next one gets a new
    child. An answer that kills two children is poison and need not be tried a third time."""

    def __init__(self, cause: Cause, detail: str = "") -> None:
        text = _TEXTS[cause]
        suffix = f" ({detail})" if detail else ""
        super().__init__(
            Text(f"解析进程{text.zh}{suffix}", f"The process that read the answer {text.en}{suffix}")
        )
        self.cause = cause
        self.detail = detail


def from_exit(status: int, memory_status: int, last_words: str = "") -> ChildDied:
    """The death that ``status`` (as of ``Popen.returncode``) and the child's last line tell of."""
    if status == memory_status:
        return ChildDied(Cause.MEMORY)
    if status == -signal.SIGXCPU:
        return ChildDied(Cause.CPU)
    if status < 0:
        return ChildDied(Cause.SIGNAL, signal.Signals(-status).name)
    return ChildDied(Cause.CRASH, f"exit status {status}" + (f": {last_words}" if last_words else ""))
