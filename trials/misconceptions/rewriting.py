"""Right answers written differently: the hand-written ones of each question, and what systematic rewriting makes of them.

The grader must give each of them full marks. They are programs as students write them: other layers, other loops, other names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ps8.probes import Namespace
from ps8.questions import ROOMS

from autograder.judge import reference
from autograder.questions import FOLDER, QUESTIONS

FILE = "right_answers.py"


def _module(name: str) -> str:
    """The module of the reference that defines a name."""
    return next(
        module for module in reference.MODULES if name in map(_defined, ast.parse(reference.solution_source(module)).body)
    )


_CELL = re.compile(r"^# %% (?P<id>\w+): .*\n", re.MULTILINE)


@dataclass(frozen=True)
class RightAnswer:
    """A right answer.

    Attributes:
        id: such as `encoder.lazy.renamed`.
        question: the question it answers.
        text: its Python code, as a notebook's cell would hold it.
    """

    id: str
    question: str
    text: str

    @property
    def asks_for_gpu(self) -> bool:
        """Whether it names CUDA as its device, so that it runs on a CPU only where the grader sees to that."""
        return ".cuda(" in self.text or '"cuda' in self.text or "'cuda" in self.text

    def namespace(self) -> Namespace:
        """A notebook's globals with this answer in place of the reference's."""
        names = reference.namespace()
        exec(compile(self.text, f"<{self.id}>", "exec", dont_inherit=True), names)
        return names


def written_by_hand(question: str) -> list[RightAnswer]:
    """The cells of a question's `right_answers.py`."""
    pieces = _CELL.split((FOLDER / question / FILE).read_text())
    return [
        RightAnswer(f"{question}.{name}", question, text.strip() + "\n")
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def from_reference(question: str) -> RightAnswer:
    """The reference's own answer, as a cell."""
    return RightAnswer(f"{question}.reference", question, cell_of(question, reference.solution_source(ANSWERS[question][0])))


def cell_of(question: str, text: str) -> str:
    """A question's answer in the text of its module, as one cell."""
    return cell(ast.parse(text), ANSWERS[question][1])


def cell(tree: ast.Module, names: tuple[str, ...]) -> str:
    """The definitions of these names, as one cell."""
    body = [node for node in tree.body if _defined(node) in names]
    text = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    return f"from __future__ import annotations\n\n{text}\n"


def _defined(node: ast.stmt) -> str:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return target.id if isinstance(target, ast.Name) else ""


# Question -> module of the reference, and the names that its answer cells define.
ANSWERS = {name: (_module(ROOMS[name].defines[0]), ROOMS[name].defines) for name in QUESTIONS}


def right_answers() -> list[RightAnswer]:
    """Every right answer that is not the reference itself, each text once."""
    answers: dict[str, RightAnswer] = {}
    for question in ANSWERS:
        for base in [from_reference(question), *written_by_hand(question)]:
            written = [RightAnswer(f"{base.id}.{name}", question, rewrite(base.text)) for name, rewrite in FORMS.items()]
            if not base.id.endswith(".reference"):
                written.insert(0, base)
            for answer in written:
                answers.setdefault(answer.text, answer)
    return list(answers.values())


def renamed(text: str) -> str:
    """Other names for all local variables, and every result through one of them before it is returned."""
    tree = ast.parse(text)
    for function in _functions(tree):
        _Rename(_own_names(function)).visit(function)
        _through_a_variable(function)
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def chatty(text: str) -> str:
    """A docstring and a print in every function, no annotations, and independent lines the other way round."""
    tree = _NoAnnotations().visit(ast.parse(text))
    for function in _functions(tree):
        for body in _bodies(function):
            _swap_neighbours(body)
        words = f"My own {function.name}."
        start = 1 if ast.get_docstring(function) is not None else 0
        note = ast.Expr(ast.Call(ast.Name("print", ast.Load()), [ast.Constant(f"in {function.name}")], []))
        function.body[:start] = [ast.Expr(ast.Constant(words)), note]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


FORMS: dict[str, Callable[[str], str]] = {"renamed": renamed, "chatty": chatty}


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    """Functions and methods at the outside: what is defined inside them is rewritten with them."""
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            found.append(node)
        elif isinstance(node, ast.ClassDef):
            found += _functions(node)
    return found


def _own_names(function: ast.FunctionDef) -> dict[str, str]:
    """New names for what a function assigns; its arguments, and those of functions in it, keep theirs."""
    arguments = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    inner = {node.name for node in ast.walk(function) if isinstance(node, ast.FunctionDef)}
    stored = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    names = sorted(set(stored) - arguments - inner - {"_"})
    return {name: f"my_{name.strip('_')}_{number}" for number, name in enumerate(names)}


class _Rename(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node


class _NoAnnotations(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        return ast.Assign([node.target], node.value) if node.value is not None else node


def _through_a_variable(function: ast.FunctionDef) -> None:
    last = function.body[-1]
    if isinstance(last, ast.Return) and last.value is not None:
        function.body[-1:] = [
            ast.Assign([ast.Name("my_result", ast.Store())], last.value),
            ast.Return(ast.Name("my_result", ast.Load())),
        ]


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for child in ast.walk(node):
        for field in ("body", "orelse"):
            body = getattr(child, field, None)
            if isinstance(body, list):
                yield body


def _swap_neighbours(body: list[ast.stmt]) -> None:
    """Exchanges neighbouring assignments where neither needs the other."""
    k = 0
    while k + 1 < len(body):
        if independent(body[k], body[k + 1]):
            body[k], body[k + 1] = body[k + 1], body[k]
            k += 1
        k += 1


def independent(one: ast.stmt, two: ast.stmt) -> bool:
    """Whether two statements are assignments of which neither needs the other."""
    first, second = _names(one), _names(two)
    return bool(first and second and not (first[0] & (second[0] | second[1]) or second[0] & first[1]))


def _names(statement: ast.stmt) -> tuple[set[str], set[str]] | None:
    """What an assignment to plain names or attributes of self sets, and what it reads; None for anything else."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    if not all(isinstance(p, ast.Name) or (isinstance(p, ast.Attribute) and isinstance(p.value, ast.Name)) for p in parts):
        return None
    sets = {ast.unparse(p) for p in parts}
    reads = {ast.unparse(n) for n in ast.walk(statement.value) if isinstance(n, (ast.Name, ast.Attribute))}
    return sets, reads
