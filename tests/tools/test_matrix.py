"""`make test-matrix`, with a uv that downloads nothing: what is asked of it, and that nothing untested counts as passed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import matrix

# Notes how it was called; fails where WORD is among its words; its environments' Python fails where it is told to.
UV = """\
#!/bin/sh
echo "$@" >> "{folder}/asked"
case "$*" in *"{word}"*) echo "no such thing here" >&2; exit 2;; esac
if [ "$1" = venv ]; then
    for last in "$@"; do :; done
    mkdir -p "$last/bin"
    printf '#!/bin/sh\\necho "$@" >> "{folder}/tests"\\nexit {code}\\n' > "$last/bin/python"
    chmod +x "$last/bin/python"
fi
[ "$2" != freeze ] || printf 'torch==2.3.0\\nnumpy==1.23.0\\n'
"""


@pytest.fixture
def uv(tmp_path, monkeypatch):
    """Puts such a uv before all others, and the environments into a folder of the test's."""
    monkeypatch.setattr(matrix.Environment, "folder", property(lambda each: tmp_path / each.python))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))

    def put(word: str = "nothing like it", code: int = 0) -> Path:
        program = tmp_path / "bin" / "uv"
        program.parent.mkdir()
        program.write_text(UV.format(folder=tmp_path, word=word, code=code))
        program.chmod(0o755)
        return tmp_path

    return put


def test_both_ends_are_made_and_tested(uv, capsys):
    folder = uv()
    assert matrix.main() == 0
    asked = (folder / "asked").read_text().split("\n")
    assert ["--python 3.10" in line for line in asked if line.startswith("venv")] == [True, False]
    kit = [line for line in asked if "--resolution" in line]
    assert "lowest-direct torch>=" in kit[0] and "highest torch>=" in kit[1]
    assert "tests/ps8" in (folder / "tests").read_text() and "test_new_student" in (folder / "tests").read_text()
    assert capsys.readouterr().out.count("passed (torch 2.3.0, torchvision is missing, numpy 1.23.0") == 2


@pytest.mark.parametrize("word", ["venv --quiet --clear --python 3.13", "--resolution lowest-direct", "./nbjudge"])
def test_an_environment_that_cannot_be_had_fails_and_says_why(uv, word, capsys):
    uv(word)
    assert matrix.main() == 1
    said = capsys.readouterr().err
    assert "NOT TESTED, its environment cannot be made here." in said and "no such thing here" in said
    assert ("passed" in said) == (word != "./nbjudge")  # the other one is tested all the same


def test_a_test_that_fails_fails(uv, capsys):
    uv(code=1)
    assert matrix.main() == 1
    assert capsys.readouterr().err.count("FAILED") == 2


def test_without_uv_it_says_where_it_comes_from(monkeypatch, capsys):
    monkeypatch.setattr(matrix.shutil, "which", lambda *_, **__: None)
    assert matrix.main() == 1
    assert "make setup" in capsys.readouterr().err
