"""The canaries, sent once down the road that harvests take on this machine."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.canaries import Flight, Outcome
from harvester.diagnosis.finding import NOTHING, Check, Finding, State
from harvester.diagnosis.patient import Patient
from registry.model.issue import Text

_RIGHT = Text("{count} 只金丝雀都得到应有的处理", "all of {count} canaries ended as they must")
_LET_IN = Text("接受了必须拒绝的应答：{what}", "let in what must be refused: {what}")
_STOPPED = Text(
    "已停止全部发布；请检查本机的 lxml、libxml2 等依赖和本程序是否被改动，更新后再恢复",
    "publication is stopped; see whether lxml, libxml2 or this program were changed on this machine, mend that",
)
_NOT_TAKEN = Text("拒绝了正常的应答：{what}（{why}）", "refused a good answer: {what} ({why})")
_NOTHING_COMES = Text(
    "本机无法采集任何来源；请检查环回网络、资源限制和依赖",
    "no source can be harvested on this machine; check its loopback network, its limits and its libraries",
)
_OTHERWISE = Text(
    "{what}被拒绝，但不是由应有的关卡（{why}）", "{what} was refused, but not by its guard ({why})"
)
_REPORT = Text(
    "一道关卡可能已失效，其余关卡仍挡住了它；请报告此问题",
    "one guard may be gone, though another one held; please report it",
)
_NOT_ASKED = Text("来不及检查：{what}", "there was no time for {what}")
_AGAIN = Text("请在负载较低时再运行一次", "run it again when this machine is less busy")
_CANNOT = Text("金丝雀无法送出：{why}", "the canaries could not be sent: {why}")

_TOLD: dict[Outcome, tuple[State, Text, Text]] = {
    Outcome.LET_IN: (State.FAILED, _LET_IN, _STOPPED),
    Outcome.NOT_TAKEN: (State.FAILED, _NOT_TAKEN, _NOTHING_COMES),
    Outcome.OTHERWISE: (State.WARNING, _OTHERWISE, _REPORT),
    Outcome.NOT_ASKED: (State.WARNING, _NOT_ASKED, _AGAIN),
}


def canaries(patient: Patient) -> Iterator[Finding]:
    """Send them; one that is let in stops publication."""
    assert patient.watch is not None
    try:
        flights = patient.watch.look()
    except OSError as error:
        why = error.strerror or type(error).__name__
        yield Finding(Check.CANARIES, State.FAILED, _CANNOT.format(why=why), _NOTHING_COMES)
        return
    odd = [each for each in flights if each.outcome is not Outcome.RIGHT]
    yield from map(_told, odd)
    if not odd:
        yield Finding(Check.CANARIES, State.WELL, _RIGHT.format(count=len(flights)), NOTHING)


def _told(flight: Flight) -> Finding:
    state, text, way_out = _TOLD[flight.outcome]
    what, message = flight.canary.text, flight.message
    zh = text.zh.format(what=what.zh, why=message.zh or flight.ending)
    en = text.en.format(what=what.en, why=message.en or flight.ending)
    return Finding(Check.CANARIES, state, Text(zh, en), way_out, flight.canary.code)
