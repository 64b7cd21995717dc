from __future__ import annotations

from pathlib import Path

import pytest
from nbjudge.judge import rounds as module
from nbjudge.judge.rounds import Rounds


def test_all_that_is_new_in_one_grading_is_of_one_round(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path)
    assert {rounds.of(student, "ps8", b"answers") for student in ("ada", "grace", "\udcff")} == {1}
    assert rounds.of("ada", "nce", b"more") == 1


def test_the_next_grading_asks_what_is_new_something_new_and_what_is_known_the_same(tmp_path: Path) -> None:
    assert Rounds(tmp_path).of("ada", "ps8", b"first") == 1
    again = Rounds(tmp_path)
    assert again.of("ada", "ps8", b"first") == 1
    assert again.of("grace", "ps8", b"first") == 2
    assert again.of("ada", "ps8", b"second") == 2
    assert Rounds(tmp_path).of("ada", "ps8", b"second") == 2


def test_nobody_meets_one_round_with_two_answers(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path)
    assert [rounds.of("ada", "ps8", bytes([number])) for number in range(16)] == list(range(1, 17))
    assert [rounds.of("ada", "ps8", bytes([number])) for number in range(16)] == list(range(1, 17))


def test_a_process_that_stays_begins_a_new_round_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = Rounds(tmp_path)
    assert rounds.of("ada", "ps8", b"") == 1
    monkeypatch.setattr(module, "LONGEST", -1.0)
    assert rounds.of("grace", "ps8", b"") == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"ps8": 3}', '{"ps8": {"00": "x"}}', '{"ps8": {"00": -4}}'])
def test_a_damaged_note_begins_a_new_round_and_never_an_old_one(damage: str, tmp_path: Path) -> None:
    rounds = Rounds(tmp_path)
    for number in range(3):
        rounds.of("ada", "ps8", bytes([number]))
    for path in tmp_path.iterdir():
        if path.name != module.LAST:
            path.write_text(damage)
    assert Rounds(tmp_path).of("ada", "ps8", b"new") == 4
