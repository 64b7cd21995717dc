"""nbgrader's converters, run from within: what they log is kept, and said only if they fail."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from nbgrader.converters import BaseConverter, NbGraderException


class NotConverted(RuntimeError):
    """nbgrader gave up. The text is why, in short; what it comes of is the exception's cause.

    Attributes:
        log: all errors that nbgrader wrote into its log.
    """

    def __init__(self, why: str, log: str = "") -> None:
        super().__init__(why)
        self.log = log


@contextmanager
def quiet(converter: BaseConverter) -> Iterator[None]:
    """Runs a converter without its chatter.

    Raises:
        NotConverted: in place of nbgrader's exception, which says only that there was another one.
    """
    lines: list[str] = []
    causes: list[BaseException] = []

    def emit(record: logging.LogRecord) -> None:
        lines.append(record.getMessage())
        if error := sys.exc_info()[1]:  # nbgrader logs an exception while it handles it, and throws it away then
            causes.append(error)

    handler = logging.Handler(logging.ERROR)
    handler.emit = emit  # type: ignore[method-assign]
    logger = converter.log
    handlers, propagate = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [handler], False
    try:
        yield
    except NbGraderException as error:
        cause = causes[0] if causes else error
        why = str(cause) if isinstance(cause, NbGraderException) else f"{type(cause).__name__}: {cause}"
        raise NotConverted(why, "\n".join(lines)) from cause
    finally:
        logger.handlers, logger.propagate = handlers, propagate
