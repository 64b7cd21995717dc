"""nbgrader's converters, run from within: what they log is kept, and said only if they fail."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from nbgrader.converters import BaseConverter, NbGraderException


@contextmanager
def quiet(converter: BaseConverter) -> Iterator[None]:
    """Runs a converter without its chatter.

    Raises:
        RuntimeError: in place of nbgrader's exception, with the errors that it logged.
    """
    lines: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = converter.log
    handlers, propagate = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [handler], False
    try:
        yield
    except NbGraderException as error:
        raise RuntimeError("\n".join(lines) or str(error)) from error
    finally:
        logger.handlers, logger.propagate = handlers, propagate
