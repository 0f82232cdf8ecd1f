"""Structured logging: one event name a line, its facts as ``key=value`` or as JSON, on standard error.

    log = structlog.get_logger()
    log.info("run.published", run=17, register="330000", sequence=20411)

An event is named ``noun.verb_in_the_past``. Never logged: secrets, raw records, personal data.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import Processor

from config.settings import Log, LogFormat

_NOISY = (
    "urllib3", "apscheduler", "alembic.runtime.migration", "waitress.queue", "xmlschema", "celery", "kombu", "amqp",
)  # fmt: skip


def configure(settings: Log, stream: TextIO | None = None) -> None:
    """Send every log line, ours and the libraries', to ``stream`` (standard error) in the chosen format."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _renderer(settings.format),
            _visibly,
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _renderer(chosen: LogFormat) -> Processor:
    if chosen is LogFormat.JSON:
        return structlog.processors.JSONRenderer(serializer=_json)
    return structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])


def _visibly(_logger: Any, _method: str, line: Any) -> str:
    """A line with what a terminal would obey (strangers' words are in it) as JSON spells it."""
    text = str(line)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _json(line: dict[str, Any], **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=str).decode()
