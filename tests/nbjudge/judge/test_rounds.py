from __future__ import annotations

import json
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


def test_a_process_that_begins_later_goes_on_from_the_last_round_of_anybody(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path / "graded" / "rounds")
    for number in range(3):
        rounds.of("ada", "ps8", bytes([number]))
    assert rounds.of("grace", "ps8", b"") == 3  # in the round that has begun
    (rounds.folder / module.LAST).unlink()
    assert Rounds(rounds.folder).of("grace", "ps8", b"new") == 4


def test_a_round_is_noted_before_anything_is_asked_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops a grading in the middle has used the round up all the same."""
    written = []
    monkeypatch.setattr(module, "write_whole", lambda path, text: written.append((path.name, json.loads(text))))
    assert Rounds(tmp_path).of("ada", "ps8", b"\xab") == 1
    (last, noted), (student, asked) = written
    assert (last, noted) == (module.LAST, {"": {"": 1}})
    assert student != last and asked == {"ps8": {"ab": 1}}


def test_a_round_lasts_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    rounds = Rounds(tmp_path)
    assert rounds.of("ada", "ps8", b"") == 1
    now[0] += module.LONGEST
    assert rounds.of("grace", "ps8", b"") == 1
    now[0] += 0.1
    assert rounds.of("alan", "ps8", b"") == 2
    now[0] += module.LONGEST
    assert rounds.of("kurt", "ps8", b"") == 2


def test_a_note_keeps_what_is_whole_in_it(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path)
    rounds.of("ada", "ps8", b"\1")
    (path,) = (path for path in tmp_path.iterdir() if path.name != module.LAST)
    path.write_text(json.dumps({"ps8": {"01": 1, "02": "x", "03": 0, "04": 1}, "nce": 3}))
    assert module._read(path) == {"ps8": {"01": 1, "04": 1}}
    assert module._read(tmp_path / "none.json") == {}


def test_a_course_has_one_round_at_a_time_in_a_process(tmp_path: Path) -> None:
    assert module.rounds_of(tmp_path) is module.rounds_of(tmp_path)
    assert module.rounds_of(tmp_path).folder == tmp_path / "graded" / "rounds"
    assert module.rounds_of(tmp_path) is not module.rounds_of(tmp_path / "other")
