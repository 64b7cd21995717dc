from __future__ import annotations

import stat
from pathlib import Path

import pytest
from nbjudge.judge.secret import SETS, challenge_set, load_secret, seed


def test_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "course" / "secret.key"
    secret = load_secret(path)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_secret(path) == secret
    assert load_secret(tmp_path / "other.key") != secret


def test_too_short_a_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("abcd\n")
    with pytest.raises(ValueError, match="expected 32"):
        load_secret(tmp_path / "secret.key")


def test_inputs_follow_from_secret_question_and_hand_in() -> None:
    one, two = b"1" * 32, b"2" * 32
    assert seed(one, "encoder", 0) == seed(one, "encoder", 0) >= 0
    assert len({seed(s, q, n) for s in (one, two) for q in ("encoder", "nce") for n in range(SETS)}) == 4 * SETS


def test_student_and_content_choose_among_the_sets_of_a_round() -> None:
    secret, numbers = b"1" * 32, range(400)
    assert {challenge_set(secret, "ada", str(i).encode(), 0) for i in numbers} == set(range(SETS))
    assert {challenge_set(secret, str(i), b"same", 0) for i in numbers} == set(range(SETS))
    assert challenge_set(secret, "\udcff\n", b"same", 0) in range(SETS)  # a folder's name may be no text


def test_no_set_belongs_to_two_rounds() -> None:
    rounds = [{challenge_set(b"1" * 32, str(i), b"same", number) for i in range(100)} for number in range(5)]
    assert len(set().union(*rounds)) == 5 * SETS
