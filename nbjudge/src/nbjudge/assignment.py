"""What the grader has to be told of an assignment. `Assignment` itself says nothing: any of nbgrader's, as it is.

A course's `nbgrader_config.py` names its own with `configure(get_config(), MINE)`; whatever is not named is graded by the
assertions in its test cells, in the jail. A judge outside the student's process is a subclass that answers `judge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from nbjudge.grade.tasks import Task
    from nbjudge.gradescope.course_code import CourseCode
    from nbjudge.jail.policy import JailSettings, Limits
    from nbjudge.jail.requirements import MachineCheck
    from nbjudge.judge.figure import Figure
    from nbjudge.judge.verdict import Verdict
    from nbjudge.workspace import Workspace


class Refusal(RuntimeError):
    """What the course says of itself cannot be used. The text says what, and what to do."""


def plain_title(question: str) -> str:
    """A question by the name of its test cell alone."""
    return question.replace("_", " ").capitalize()


class Facts(Protocol):
    """What pages and reports say of the course, and the rules that hold in it.

    Attributes:
        name: of the course; may be empty.
        term: in which it is given; may be empty.
        title: of the assignment.
        deadline: with its offset from UTC; None if there is none.
        points: question -> most it can earn, in the order of the tables; empty where the source notebooks alone say it.
        bonus: questions on top of the total.
        feedback_level: `full`, `reason`, or `auto`, which is the second until the deadline.
    """

    @property
    def name(self) -> str: ...
    @property
    def term(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def deadline(self) -> datetime | None: ...
    @property
    def points(self) -> Mapping[str, float]: ...
    @property
    def bonus(self) -> Sequence[str]: ...
    @property
    def feedback_level(self) -> str: ...


@dataclass(frozen=True)
class PlainFacts:
    """The facts of a course that says nothing more."""

    title: str
    name: str = ""
    term: str = ""
    deadline: datetime | None = None
    points: Mapping[str, float] = field(default_factory=dict)
    bonus: Sequence[str] = ()
    feedback_level: str = "auto"

    def __post_init__(self) -> None:
        if self.deadline is not None and self.deadline.tzinfo is None:
            raise ValueError(f"the deadline {self.deadline} has no zone: give it one, such as tzinfo=timezone.utc")


@dataclass(frozen=True)
class Answer:
    """All there is of one answer.

    Attributes:
        text: what stands in its cells.
        seed: what the inputs of its probe followed from; None for one that is read, and not run.
        evidence: the bytes that its probe wrote, which may hold anything; None if there are none.
        problem: why there are none; may be empty.
    """

    text: str
    seed: int | None = None
    evidence: bytes | None = None
    problem: str = ""


class Judge(Protocol):
    """Who decides on answers, outside the student's process."""

    @property
    def secret(self) -> bytes:
        """From which every input follows."""
        ...

    def seeds(self, number: int) -> Mapping[str, int | None]:
        """Each judged question, with the seed of its inputs in a set; None for one that is read, and not run."""
        ...

    def verdict(self, question: str, answer: Answer) -> Verdict:
        """The verdict on one answer, whatever state it is in."""
        ...

    def figure(self, question: str, answer: Answer) -> Figure | None:
        """A picture of what is wrong with an answer; None if none says it."""
        ...


@dataclass(frozen=True)
class Mistake:
    """A known mistake, as the class report lists it: the question it belongs to, its name, and the points it loses."""

    question: str
    name: str
    costs: float


@dataclass(frozen=True)
class Seen:
    """One notebook of a submission after it was run and judged.

    Attributes:
        workspace: where it is graded.
        student: whose.
        notebook: its name.
        submission: the folder of what was handed in.
        source: the instructor's notebook. Not to be changed.
        evidence: question -> the bytes that its probe wrote.
        verdicts: on its questions, in their order.
    """

    workspace: Workspace
    student: str
    notebook: str
    submission: Path
    source: NotebookNode
    evidence: Mapping[str, bytes]
    verdicts: Sequence[Verdict]


class Assignment:
    """One assignment. Override what there is to say, in a module of the course's: a cluster's workers import it by name.

    Args:
        id: nbgrader's name of it, the folder of its notebooks. The notebook of that name is its main one.
        limits: what one submission may use, such as `Limits(cpu_seconds_per_cell=60)`; by default 5 seconds of CPU a cell.

    Attributes:
        optional: names of notebooks that nobody needs to hand in; of the others a blank one is graded where one is missing.
        modules: names of modules whose code a score depends on, with all that they import.
        distribution: of the course, and its extras, whose needs the doctor looks at besides ours.
        libraries: distributions whose version a score, or the evidence for it, depends on; None for all that are installed.
        carried: patterns of names: which files beside the notebooks, of the instructor's folder and of the submission, its code
            finds in its working directory. All, as with nbgrader alone.
    """

    optional: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    distribution: tuple[str, ...] = ()
    libraries: tuple[str, ...] | None = None
    carried: tuple[str, ...] = ("*",)

    def __init__(self, id: str, limits: Limits | None = None) -> None:
        self.id, self._limits = id, limits

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:  # so that what is worked out for it once holds for its copy in another process, too
        return hash((type(self), self.id))

    # ---- what is said of it

    def facts(self) -> Facts:
        """Of the course."""
        return PlainFacts(self.id)

    def title(self, question: str) -> str:
        """What a question is called."""
        return plain_title(question)

    def section(self, question: str, notebook: str) -> str:
        """The address at which one reads on about a question; empty if there is none."""
        return ""

    def mistakes(self) -> Mapping[str, Mistake]:
        """The known mistakes that verdicts name, by their ids."""
        return {}

    def mistake(self, id: str) -> str:
        """The address at which a known mistake is explained; empty if there is none."""
        return ""

    def bonus_cap(self) -> float | None:
        """The most points that what is on top of the total may bring; None: as many as it has."""
        return None

    # ---- how its submissions are run

    def limits(self) -> Limits:
        """What one submission may use."""
        from nbjudge.jail.policy import Limits

        return self._limits or Limits()

    def jail(self) -> JailSettings:
        """What a kernel is given."""
        from nbjudge.jail.policy import JailSettings

        return JailSettings().with_choices(None)  # where the environment may opt out of a jail

    def make_ready(self) -> None:
        """Sees to what the kernels are shown. Called before any is started; what fails is said there and stops nothing."""

    # ---- how they are judged

    def judge(self, secret: bytes) -> Judge | None:
        """Who judges it; None if its tests' own assertions do."""
        return None

    def adjusted(
        self, student: str, nb: NotebookNode, facts: Facts
    ) -> Callable[[Verdict, float, Sequence[Verdict]], Verdict] | None:
        """What makes of a verdict, the points of its cell and the verdicts above it the verdict that counts; None: nothing."""
        return None

    def look(self, nb: NotebookNode, seen: Seen) -> list[str]:
        """Looks at a notebook as a whole: may add cells for who grades by hand, and returns remarks."""
        return []

    def added(self, cell: NotebookNode, after: NotebookNode | None) -> str:
        """What `look` has added: `shown` on the student's page, `hidden` from it; empty of any other cell."""
        return ""

    def of_no_concern(self, remark: str) -> bool:
        """Whether a remark costs nothing and need not be looked at by anybody but the student."""
        return False

    # ---- how a class is graded

    def code(self) -> CourseCode | None:
        """What grading imports or reads, to be taken to another machine; None: what lies beside `nbgrader_config.py`."""
        return None

    def check(self, workspace: Workspace) -> str:
        """Why a class cannot be graded as things stand, and what to do; empty if it can."""
        return ""

    def disagreement(self, workspace: Workspace) -> str:
        """Where what is known of the questions does not fit together; empty if it does."""
        return ""

    def said(self) -> str:
        """What decides a score and stands in no file: the values of an object that a configuration has made."""
        return ""

    def files(self) -> Iterable[Path]:
        """What a score depends on besides code that is imported; read as files."""
        return ()

    def tasks(self, workspace: Workspace, student: str) -> dict[str, Task]:
        """What has to be worked out for a student besides running the notebooks, by the name of its result in a cache."""
        return {}

    def summary(self, workspace: Workspace, students: Sequence[str]) -> str:
        """What to say at the end of a grading; may be empty."""
        return ""

    def findings(self, workspace: Workspace, student: str) -> str:
        """What `tasks` found for one student, for a terminal; empty if there is nothing to find."""
        return ""

    def doctor(self, workspace: Workspace) -> Iterable[MachineCheck]:
        """What grading needs of this machine besides a jail and nbgrader."""
        return ()

    def configure(self, c: Any) -> None:
        """Sets what the assignment's course wants of nbgrader besides what the grader sets."""


_named: dict[str, Assignment] = {}


def register_assignment(assignment: Assignment) -> None:
    """From now on this is the assignment of its id, in this process."""
    _named[assignment.id] = assignment


def forget_assignments() -> None:
    """Forgets all assignments: another course is read."""
    _named.clear()


def named(id: str) -> Assignment:
    """The assignment of an id: the one that the course's configuration names, or one of which nothing is known."""
    return _named.setdefault(id, Assignment(id))
