"""A training that was cut short comes to the same numbers, whatever the student's loop keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps8.trainings.training import NotResumed

from tests.ps8.trainings.loops import EPOCHS, UNFORESEEN, files, run, source

BATCHES = 3


@pytest.mark.parametrize("what", UNFORESEEN)
def test_it_comes_to_the_same_numbers(
    what: str, work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    code = source(**UNFORESEEN[what])
    monkeypatch.setenv("PS8_WORK", str(work / "another"))
    whole = run(code)
    monkeypatch.delenv("PS8_WORK")
    for stop in (2 * BATCHES + 2, BATCHES + 1):  # within the third epoch, and then within the second of what is left
        run(code, stop=stop)
    capsys.readouterr()
    assert run(code) == whole
    assert f"Going on after 3 of {EPOCHS} epochs" in capsys.readouterr().out
    assert len(list(files(work / "checkpoints"))) == 1


def test_one_that_is_whole_is_loaded(capsys: pytest.CaptureFixture) -> None:
    code = source()
    whole = run(code)
    capsys.readouterr()
    assert run(code, stop=1) == whole  # not a batch is trained
    out = capsys.readouterr().out
    assert "This training is whole, with 5 epochs, and was read from checkpoints" in out and f"{EPOCHS}/{EPOCHS}" in out
    assert "To train afresh, delete that file and run this cell again." in out


def test_it_can_go_on_for_longer_and_begin_afresh(work: Path) -> None:
    code = source()
    short = run(code, epochs=2)
    longer = run(code, epochs=4)
    assert longer[0][:2] == short[0] and len(longer[0]) == 4
    assert run(code, epochs=2) == longer  # never less than what was trained
    for path in files():
        path.unlink()
    assert run(code, epochs=2) == short


@pytest.mark.parametrize(
    ("then", "named"),
    [
        ({"step": "optimizer.zero_grad(); loss.backward(); optimizer.step(); optimizer.step()"}, "train()"),
        ({"forward": "x = x + 1"}, "Net.forward()"),
        ({"setup": "optimizer.param_groups[0]['lr'] = 0.5"}, "train()"),
        ({"setup": "model.seen = 3"}, "train()"),
    ],
)
def test_other_code_begins_at_the_beginning_and_finds_its_way_back(
    then: dict[str, str], named: str, capsys: pytest.CaptureFixture
) -> None:
    first = source()
    run(first, stop=2 * BATCHES + 1)
    capsys.readouterr()
    other = run(source(**then))
    out = capsys.readouterr().out
    assert "this has changed: " in out and named in out and "starts at the beginning" in out
    assert len(list(files())) == 2
    capsys.readouterr()
    assert run(first) != other
    assert f"Going on after 2 of {EPOCHS} epochs" in capsys.readouterr().out


def test_comments_and_docstrings_are_no_other_code(capsys: pytest.CaptureFixture) -> None:
    run(source(), stop=2 * BATCHES + 1)
    run(source().replace("losses = []", "losses = []  # of the epochs\n\n").replace("def train(", "# here\ndef train("))
    assert "Going on after 2" in capsys.readouterr().out


@pytest.mark.parametrize("setting", ["rate = 1e-3", "rate = 1e-4"])
def test_other_settings_are_named(setting: str, capsys: pytest.CaptureFixture) -> None:
    code = source(setup="optimizer.param_groups[0]['lr'] = rate")
    run(code, stop=BATCHES + 1, rate=1e-3)
    run(code, stop=BATCHES + 1, rate=float(setting.split()[-1]))
    out = capsys.readouterr().out
    assert ("Going on after 1" in out) == (setting == "rate = 1e-3")
    assert ("this has changed: optimizer.param_groups.0.lr, rate" in out) == (setting != "rate = 1e-3")


def test_what_cannot_be_written_is_said_before_it_trains(capsys: pytest.CaptureFixture) -> None:
    code = source(
        setup="endless = (x for x in itertools.count())", step="next(endless); " + "loss.backward(); optimizer.step()"
    )
    assert len(run(code)[0]) == EPOCHS
    out = capsys.readouterr().out
    assert out.count("cannot be gone on with if it is cut short: endless, a generator, cannot be written to a file") == 1
    assert not list(files())


HOSTILE = """class Odd:
    def __init__(self):
        self.armed = {armed}
    def __getstate__(self):
        raise RuntimeError("not for you")
    def __setstate__(self, state):
        pass
    def __eq__(self, other):
        raise RuntimeError("not like this")
    __hash__ = None
"""


def test_objects_that_cannot_be_looked_at_cost_no_training(capsys: pytest.CaptureFixture) -> None:
    for parts in ({"setup": "odd = Odd()"}, {"after": "model.odd = Odd()"}):
        assert len(run(source(before=HOSTILE.format(armed=True), **parts))[0]) == EPOCHS
        assert capsys.readouterr().out.count("cannot be gone on with if it is cut short") == 1
        assert not list(files())


def test_what_is_left_over_and_cannot_be_written_does_no_harm(capsys: pytest.CaptureFixture) -> None:
    code = source(after="lock = __import__('threading').Lock()")
    whole = run(code)
    for path in files():
        path.unlink()
    run(code, stop=2 * BATCHES + 1)
    assert run(code) == whole and "Going on after 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: data[:-9] + b"123456789"]
)
def test_a_damaged_file_is_said_and_left(damage: object, capsys: pytest.CaptureFixture) -> None:
    whole = run(source())
    (path,) = files()
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    damaged = path.read_bytes()
    assert run(source()) == whole
    assert path.read_bytes() == damaged and len(list(files())) == 2
    assert not damaged or "cannot be read (it was cut short or changed), and stays as it is" in capsys.readouterr().out


def test_what_cannot_be_put_in_place_is_said_and_ends_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    run(source(), stop=2 * BATCHES + 1)
    (path,) = files()
    before = path.read_bytes()

    def fails(*_: object) -> None:
        raise KeyError("of a kind that nobody thought of")

    monkeypatch.setattr("ps8.trainings.snapshot.put", fails)
    with pytest.raises(NotResumed, match=f"{path}.*Delete that file or move it away") as caught:
        run(source())
    assert caught.value._render_traceback_() == [str(caught.value)] and path.read_bytes() == before


def test_a_file_of_another_edition_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(source())
    (path,) = files()
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 0', 1))
    before = path.read_bytes()
    assert run(source()) == whole and path.read_bytes() == before and len(list(files())) == 2


def test_a_full_disk_costs_no_training(capsys: pytest.CaptureFixture) -> None:
    Path("checkpoints").write_text("in the way")
    assert len(run(source())[0]) == EPOCHS
    assert capsys.readouterr().out.count("cannot be gone on with") == 1


def test_nothing_is_written_while_a_submission_is_graded(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS8_PROFILE", "grade")
    run(source())
    assert not list(work.iterdir())


def test_a_mounted_drive_keeps_them(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drive = work / "drive"
    drive.mkdir()
    monkeypatch.setattr("ps8.trainings.checkpoints.DRIVE", drive)
    run(source())
    assert len(list(files(drive / "ps8" / "checkpoints" / "noise-full-7"))) == 1 and not Path("checkpoints").exists()


def test_files_of_other_code_do_not_pile_up() -> None:
    for n in range(8):
        run(source(step=f"loss = loss * {n}; loss.backward(); optimizer.step()"), epochs=2 if n else 3)
    assert sorted(int(path.read_bytes()[11:12]) for path in files()) == [2, 2, 2, 2, 3]


def test_the_doctor_does_not_begin_anew(capsys: pytest.CaptureFixture) -> None:
    code = source(step="loss = loss * 0; loss = loss / loss if epoch else loss")
    run(code, stop=2 * BATCHES + 1)
    run(code)
    assert capsys.readouterr().out.count("loss is nan") == 1
