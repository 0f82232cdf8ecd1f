"""What a person decided is published here, and the registers above follow: at once, or by the process that serves."""

from __future__ import annotations

from registry.commands.output import remark
from registry.commands.session import Session
from registry.model.issue import Text

_WAITS = Text(
    zh="上级登记册的更新由正在运行的 mulu serve 完成。",
    en="the registers above wait for the `mulu serve` that is running.",
)


def carry_upward(session: Session, register_id: int) -> None:
    """Settle and publish what is decided in a register, and have the registers above read it; says so where
    they wait for another process."""
    if not session.harvester.settle(session, register_id):
        remark(session, _WAITS)
