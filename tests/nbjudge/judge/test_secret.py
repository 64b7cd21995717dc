from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from nbjudge.judge.secret import FILE_VARIABLE, SETS, challenge_set, load_secret, secret_file, seed


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


def test_inputs_follow_from_secret_question_and_submission() -> None:
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


def test_the_environment_says_where_the_secret_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "course.key"
    assert secret_file(own) == own
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "elsewhere.key"))
    assert secret_file(own) == tmp_path / "elsewhere.key"
    assert load_secret(own) == load_secret(tmp_path / "other.key") and not own.exists()
    monkeypatch.setenv(FILE_VARIABLE, "")
    assert secret_file(own) == own


@pytest.mark.parametrize(("size", "enough"), [(15, False), (16, True)])
def test_how_short_a_secret_may_be(size: int, enough: bool, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("ab" * size)
    if enough:
        assert load_secret(tmp_path / "secret.key") == b"\xab" * size
    else:
        with pytest.raises(ValueError, match=f"holds {size} bytes, expected 32: delete it"):
            load_secret(tmp_path / "secret.key")


def test_a_secret_that_another_process_makes_meanwhile_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, opened = tmp_path / "secret.key", os.open

    def beaten(name: Path, *rest: int) -> int:
        Path(name).write_text("cd" * 32)
        return opened(name, *rest)

    monkeypatch.setattr(os, "open", beaten)
    assert load_secret(path) == b"\xcd" * 32


def test_what_a_set_follows_from_is_pinned() -> None:
    """The grade of a submission that is graded again hangs on it: these numbers stay what they are."""
    secret = bytes(range(32))
    assert [challenge_set(secret, "ada", b"x", number) for number in range(4)] == [4, 14, 18, 27]
    assert seed(secret, "encoder", 3) == 6515599188240631115
    assert all(0 <= seed(secret, "q", number) < 2**63 for number in range(50))
    assert max(seed(secret, "q", number) for number in range(50)) > 2**62


def test_where_one_part_ends_and_the_next_begins_counts() -> None:
    secret, numbers = b"1" * 32, range(200)
    same = [
        challenge_set(secret, "ab", b"c" + bytes([n]), 0) == challenge_set(secret, "a", b"bc" + bytes([n]), 0) for n in numbers
    ]
    assert not all(same)
