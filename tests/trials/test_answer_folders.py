"""The table of answers in a folder: what is read, what is told of each, and the numbers at its end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trials import answer_folders

HEAD = "# what: {what}\n# fair: {least} to {most} points\n# %% answer\n"
LOSS = "class SoftmaxLoss(nn.Module):\n    def forward(self, x):\n        return {value}\n"
RIGHT = LOSS.format(value="F.cross_entropy(x[:, :, 0], torch.zeros(len(x), dtype=torch.long))")
SUMMED = RIGHT.replace("torch.long))", "torch.long), reduction='sum')")
MADE = {
    "right/softmax_loss/plain.py": (HEAD.format(what="as asked", least=10, most=10), RIGHT),
    "wrong/softmax_loss/summed.py": (HEAD.format(what="the sum over the batch", least=7, most=9), SUMMED),
    "wrong/softmax_loss/harsh.py": (HEAD.format(what="the sum, called unfair", least=0, most=1), SUMMED),
    "odd/softmax_loss/raises_first.py": (
        HEAD.format(what="a cell before raises", least=10, most=10).replace(
            "# %% answer", "# %% own cell before\n1 / 0\n# %% answer"
        ),
        RIGHT,
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, (head, code) in MADE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + code, encoding="utf-8")
    return tmp_path


def test_an_answer_is_read_with_its_kind_its_fair_range_and_its_cells(folder: Path) -> None:
    read = {answer.name: answer for answer in answer_folders.read(folder)}
    assert read.keys() == {"plain", "summed", "harsh", "raises_first"}
    summed = read["summed"]
    assert (summed.kind, summed.question, summed.fair, summed.what) == (
        "wrong",
        "softmax_loss",
        (7, 9),
        "the sum over the batch",
    )
    assert len(read["raises_first"].cells) == 2


@pytest.mark.parametrize("text", ["# what: no range\n# %% answer\npass\n", "# what: no cell\n# fair: 1 to 2 points\n"])
def test_a_file_of_another_form_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong" / "nce" / "bad.py"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(ValueError, match=r"bad\.py: expected a line like"):
        answer_folders.read(tmp_path)


def test_what_is_told_of_an_answer(folder: Path) -> None:
    told = {answer.name: answer_folders.tell(answer) for answer in answer_folders.read(folder)}
    assert (told["plain"].score, told["plain"].checked, told["plain"].reasons) == (10, "passed", ())
    assert told["raises_first"].score == 10, "as in a notebook, a cell that raises does not stop the next"
    summed = told["summed"]
    assert (summed.score, summed.mistakes, summed.checked) == (8, ("softmax_loss.sum_for_mean",), "softmax_loss.sum_for_mean")
    assert summed.within and not told["harsh"].within


def test_the_table_and_its_numbers(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "told.json"
    assert answer_folders.main([str(folder), "--workers", "1", "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "! wrong softmax_loss.harsh: 8/10 fair 0-1" in printed
    assert "4 answers: 1 right, 2 wrong" in printed and "outside the fair range: 1" in printed
    assert {told["name"] for told in json.loads(out.read_text())} == {"plain", "summed", "harsh", "raises_first"}


def test_a_right_answer_that_loses_points_fails_the_command(folder: Path) -> None:
    wrong = folder / "wrong" / "softmax_loss" / "summed.py"
    wrong.rename(folder / "right" / "softmax_loss" / "summed.py")
    assert answer_folders.main([str(folder), "--workers", "1", "--question", "softmax_loss"]) == 1


@pytest.mark.slow
def test_a_jailed_kernel_gives_the_same(folder: Path) -> None:
    for answer in answer_folders.read(folder):
        assert answer_folders.tell(answer, kernel=True).score == answer_folders.tell(answer).score


def test_the_profile_of_whoever_calls_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS8_PROFILE", "quick")
    answer_folders.tell(answer_folders.AnswerFile("right", "softmax_loss", "raises", "", (0, 10), ("1 / 0",)))
    assert os.environ["PS8_PROFILE"] == "quick"
