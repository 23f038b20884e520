"""Logs: one line an event, JSON for machines or colours for people, the standard library's loggers included."""

import logging
import sys
from typing import Any

import structlog

# Chatty at `info` about every packet or job, and of WebSockets with their whole query; their warnings are wanted.
_QUIETED = (
    "uvicorn.error",
    "apscheduler",
    "engineio",
    "engineio.server",
    "socketio",
    "socketio.server",
    "httpx",
    "pymongo",
)


def configure_logs(*, as_json: bool, level: str) -> None:
    """Set up structlog, and route the standard library (uvicorn, pymongo, …) through it."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, *_rendering(as_json)],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(as_json)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(threshold, logging.INFO))
    for name in _QUIETED:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering(as_json: bool) -> list[Any]:
    # Tracebacks without local variables: those hold tokens and connection strings.
    if as_json:
        traces = structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        )
        return [traces, structlog.processors.JSONRenderer()]
    return [
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    ]
