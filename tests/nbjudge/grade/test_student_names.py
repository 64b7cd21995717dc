from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbjudge.grade.student_names import find_students, refusal, shown_student, student_key

BYTES = st.binary(min_size=1, max_size=255).map(lambda raw: os.fsdecode(raw.replace(b"\0", b"").replace(b"/", b"") or b"x"))
ALIKE = [
    "ada",
    "Ada",
    "ADA",
    "ada ",
    " ada",
    "ada  b",
    "ada b",
    "\xe9",
    "e\u0301",
    "\\n",
    "\n",
    "\\xe9",
    "caf\udce9",
    "\\",
    "\\\\",
]
ALIKE += [
    "\x85",
    "\udc85",
    "\xa0",
    "a\u200bda",
    "con",
    "x" * 255,
    "x" * 254 + "y",
    "y" + "x" * 254,
    ".lock",
    "\uac00",
    "\u1100\u1161",
]


@given(BYTES)
def test_any_name_is_shown_harmless_and_stored_in_bounds(name: str) -> None:
    assert shown_student(name).isprintable() and shown_student(name).encode()
    assert len(shown_student(name, 40)) <= 40
    assert (
        student_key(name).isascii()
        and len(student_key(name)) <= 100
        and student_key(name) == student_key(name).lower()
        and not student_key(name).startswith(".")
    )


@given(BYTES, BYTES)
def test_different_names_are_shown_and_stored_differently(one: str, other: str) -> None:
    assert (shown_student(one) == shown_student(other)) == (student_key(one) == student_key(other)) == (one == other)


@pytest.mark.parametrize(
    "by",
    [
        shown_student,
        student_key,
        lambda name: unicodedata.normalize("NFC", shown_student(name)),
        lambda name: shown_student(name, 40),
    ],
)
def test_names_that_look_alike_are_told_apart(by) -> None:
    assert len({by(name) for name in ALIKE}) == len(ALIKE)


def test_an_ordinary_name_is_shown_and_stored_as_it_is() -> None:
    assert (shown_student("student07"), student_key("student07")) == ("student07", "student07")
    assert shown_student("M\xfcller, J\xf6rg \u5c71\u7530") == "M\xfcller, J\xf6rg \u5c71\u7530"


def test_devices_of_windows_are_no_file_names() -> None:
    assert all(student_key(name) != name for name in ("con", "nul", "com1", "lpt9"))


def test_only_what_the_gradebook_cannot_hold_is_refused() -> None:
    assert "UTF-8" in refusal(os.fsdecode(b"caf\xe9"))
    assert not any(refusal(name) for name in ALIKE if not any("\udc80" <= char <= "\udcff" for char in name))


def test_students_are_chosen_as_they_are_called_or_shown() -> None:
    known = ["ada", "Doe, Jane", "a\nb", "caf\udce9"]
    assert find_students(["Doe, Jane", r"a\nb,ada", "ada", r"caf\xe9"], known) == (
        ["Doe, Jane", "a\nb", "ada", "caf\udce9"],
        [],
    )
    assert find_students(["eve,ada"], known) == (["ada"], ["eve"])
