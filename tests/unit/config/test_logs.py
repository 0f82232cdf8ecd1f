"""Log lines: one a line, in either format, ours and the libraries' alike."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import msgspec
import pytest
import structlog

from config.logs import configure
from config.settings import Log, LogFormat, LogLevel


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_key_value_lines_begin_with_time_level_and_event() -> None:
    stream = io.StringIO()
    configure(Log(), stream)
    structlog.get_logger().info("run.published", run=17, register="330000", title="两个 词")
    line = stream.getvalue()
    assert line.startswith("timestamp=")
    assert ' level=info event=run.published run=17 register=330000 title="两个 词"\n' in line


def test_json_lines_carry_the_same_facts() -> None:
    stream = io.StringIO()
    configure(Log(format=LogFormat.JSON), stream)
    structlog.get_logger().warning("source.failed", source="杭州")
    logging.getLogger("some.library").error("broken %s", "pipe")
    first, second = (msgspec.json.decode(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["level"], first["source"]) == ("source.failed", "warning", "杭州")
    assert (second["event"], second["level"]) == ("broken pipe", "error")


def test_the_level_silences_what_is_less_serious() -> None:
    stream = io.StringIO()
    configure(Log(level=LogLevel.WARNING), stream)
    structlog.get_logger().info("run.published")
    logging.getLogger("some.library").info("chatter")
    assert stream.getvalue() == ""


def test_an_exception_stays_on_its_own_line_of_the_log() -> None:
    stream = io.StringIO()
    configure(Log(), stream)
    try:
        raise ValueError("boom")
    except ValueError:
        structlog.get_logger().exception("run.failed")
    assert stream.getvalue().count("\n") == 1
    assert "ValueError: boom" in stream.getvalue()


@pytest.mark.parametrize("chosen", LogFormat)
def test_a_line_obeys_nobody(chosen: LogFormat) -> None:
    """Escape sequences, line ends and overrides of strangers are shown; in JSON they can be read back."""
    stream = io.StringIO()
    configure(Log(format=chosen), stream)
    words = "\x1b[31m红\x9b\u202e\u2028\n\U000e0041𠮷"
    structlog.get_logger().warning("source.failed", said=words)
    (line,) = stream.getvalue().splitlines()
    assert line.isprintable() and "红" in line and "𠮷" in line
    if chosen is LogFormat.JSON:
        assert msgspec.json.decode(line)["said"] == words
