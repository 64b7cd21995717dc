"""What a cell defines and needs."""

from __future__ import annotations

import pytest
from nbrepair.definitions import names, needed, parse, same_code, segment, statements


@pytest.mark.parametrize(
    ("source", "defined", "assigned"),
    [
        ("class A: pass\ndef f(x): y = 1\nasync def g(): pass", {"A", "f", "g"}, set()),
        ("import a.b, c as d\nfrom e import f as g", {"a", "d", "g"}, set()),
        ("x = y = 1\n(a, b), *c = z\nn: int = 1\nk += 1", set(), {"x", "y", "a", "b", "c", "n", "k"}),
        ("for i in x:\n    j = [k for k in x]\nwith a as b: pass\nif (w := 1): pass", set(), {"i", "j", "b", "w"}),
        ("try:\n    def f(): pass\nexcept E:\n    f = None", {"f"}, {"f"}),
        ("%matplotlib inline\n!ls\nx = !ls\nfiles = %pwd\nclass A: pass", {"A"}, {"x", "files"}),
        ("%%time\nclass A: pass", {"A"}, set()),
        ("%%writefile a.py\nclass A: pass", set(), set()),
        ("class A(\n  def f(self): pass\nx = 1\ny == 2\n", {"A"}, {"x"}),
        ("print('%s'\n      % x)", set(), set()),
        ("", set(), set()),
    ],
)
def test_names(source, defined, assigned):
    assert names(source).defined == defined
    assert names(source).assigned == assigned


def test_needed():
    source = "class A(Base, metaclass=Meta):\n    x: T = default\n    @deco\n    def f(s, y=given):\n        return helper(y)"
    at_once, later = needed(source)
    assert at_once == {"Base", "Meta", "T", "default", "deco", "given"}
    assert later == {"helper"}


def test_needed_leaves_out_what_is_bound_inside():
    assert needed("import m\nf = lambda a: [m.x(b, a) for b in range(3)]\ntry: pass\nexcept E as e: print(e)") == ({"E"}, set())


def test_segments():
    source = "import x\n\n# about f\n# more\n@deco\ndef f():\n    return 1\n\n\nn = 3\n\ndef f():\n    return 2\n"
    assert segment(source, "n") == "n = 3"
    assert segment(source, "f") == "def f():\n    return 2"  # the one in force
    assert segment(source.rpartition("\n\n")[0], "f") == "# about f\n# more\n@deco\ndef f():\n    return 1"
    assert segment(source, "g") is None


def test_segments_of_broken_code():
    source = "class A:\n    x = (\n\nclass B:\n    y = 1\n\nz = 3"
    assert segment(source, "B") == "class B:\n    y = 1"
    assert segment(source, "z") == "z = 3"
    assert segment(source, "C") is None


def test_statements_only_define():
    source = "import a\nx = 1\ny = f()\nprint(x)\ng = lambda: f()\n\ndef h(): pass"
    assert [text for _, text in statements(source)] == ["import a", "x = 1", "g = lambda: f()", "def h(): pass"]


def test_same_code():
    assert same_code("x = 1  # one\n", "# a comment\nx  =  1")
    assert not same_code("x = 1", "x = 2")
    assert same_code("not python (", "not python (  \n")
    assert not same_code("# a", "# b")


def test_parse_gives_up_quietly(recwarn):
    assert parse("'\\d'") is not None and not recwarn.list
    assert parse("x" * 10**6) is None
    assert parse("-" * 10**5 + "1") is None
