"""What the grader writes down in a notebook's metadata, where no output of a student's can get; and reads again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from nbformat import NotebookNode

from nbjudge.ground.notebooks import from_dict

KEY = "nbjudge"


@dataclass
class Record:
    """Of one notebook.

    Attributes:
        repairs: what was put right before it was graded, a sentence each.
        lost: those of them that tell of answers that were not found, or could not be read.
        unreadable: whether nothing of a handed-in file could be read.
        remarks: all that is to be said of it besides the verdicts.
        verdicts: question -> its verdict, as `Verdict.as_dict` gives it.
    """

    repairs: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unreadable: bool = False
    remarks: list[str] = field(default_factory=list)
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, nb: Mapping[str, Any]) -> Record:
        """The record in a notebook, which may be a plain dictionary; an empty one if there is none.

        Raises:
            ValueError: if what stands there is none that the grader writes.
        """
        told = nb["metadata"].get(KEY, {})
        if not isinstance(told, Mapping):
            raise ValueError(f"{told!r} is no record of the grader's")
        return cls(
            repairs=_texts(told.get("repairs", [])),
            lost=_texts(told.get("lost", [])),
            unreadable=bool(told.get("unreadable")),
            remarks=_texts(told.get("remarks", [])),
            verdicts=dict(told.get("verdicts", {})),
        )

    def into(self, nb: NotebookNode) -> None:
        """Writes it down, in the place of an earlier one."""
        nb.metadata[KEY] = from_dict(asdict(self))


def _texts(values: Any) -> list[str]:
    """A list of texts, as the grader writes it."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{values!r} is no list of texts")
    return list(values)
