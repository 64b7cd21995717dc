from __future__ import annotations

import pytest

from assignment.builder.global_names import Use, undefined


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("x = y", [("y", 0)]),
        ("y = 1\nx = y", []),
        ("x = x + 1", [("x", 0)]),
        ("x += 1", [("x", 0)]),
        ("import torch.nn as nn\nnn.Linear", []),
        ("import torch.nn\ntorch.nn", []),
        ("for n in range(3):\n    print(n)", []),
        ("with open('f') as f:\n    f.read()", []),
        ("try:\n    a = 1\nexcept ValueError as e:\n    print(e)", []),
        ("[n for n in range(3) if n > k]", [("k", 0)]),
        ("n_sum = sum(n for n in range(3))", []),
        ("def f(a, *b, c=1, **d):\n    return a, b, c, d, g()", [("g", 1)]),
        ("def f():\n    return g()\ndef g():\n    return f()", []),
        ("def f(n):\n    return f(n - 1)", []),
        ("def f(a=late):\n    return a\nlate = 1", [("late", 0)]),
        ("def f(a: Tensor) -> Later: ...\nLater = int", [("Later", 0), ("Tensor", 0)]),
        ("@wrap\ndef f(): ...", [("wrap", 0)]),
        ("class A(Base):\n  x = value\n  def m(self):\n    return A(), other", [("Base", 0), ("other", 3), ("value", 1)]),
        ("class A:\n    x = 1\n    y = x", []),
        ("class A:\n    memory: Tensor\n", [("Tensor", 1)]),
        ("def f():\n    global made\n    made = 1\nf()\nprint(made)", []),
        ("def f():\n    x = 1\n    def g():\n        return x\n    return g", []),
        ("%matplotlib inline\n!pip install ps8\nx = 1", []),
        ("display(In, get_ipython, __name__)", []),
        ("f'{a:{b}}'", [("a", 0), ("b", 0)]),
        ("if (n := 3) > 2:\n    print(n)", []),
        ("a, *b = [1, 2]\nprint(a, b)", []),
        ("from __future__ import annotations\nx = 1", []),
        ("match 3:\n    case k:\n        print(k)", []),
        ("async def f():\n    await g", [("g", 1)]),
        ("x = lambda a: a + b", [("b", 0)]),
    ],
)  # fmt: skip
def test_names_that_nothing_defines(source, missing):
    assert undefined(source, set()) == sorted(Use(line, name) for name, line in missing)


def test_what_a_cell_defines_is_there_for_the_next():
    defined: set[str] = set()
    assert undefined("import math\nclass A: ...\ndef f(): ...\nx = y = 1", defined) == []
    assert defined == {"math", "A", "f", "x", "y"}
    assert undefined("print(math, A, f, x, y)", defined) == []


def test_what_is_not_python_is_no_matter_of_names():
    with pytest.raises(SyntaxError):
        undefined("x = = 1", set())
