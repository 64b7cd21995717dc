from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ps8.data import DownloadError, layout
from ps8.data import __main__ as command
from ps8.data.__main__ import main
from ps8.data.sample import photo_sample

from .conftest import SMALL  # type: ignore[import-not-found]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "photo_sample", lambda root, progress: photo_sample(root, **SMALL))


def test_sample_then_verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ["--root", str(tmp_path)]
    assert main(["sample", *root]) == 0
    assert str(tmp_path) in capsys.readouterr().out
    assert main(["verify", *root]) == 0
    os.truncate(tmp_path / "photo_sample" / layout.FOLDER / "train_X.bin", 5)
    assert main(["verify", *root]) == 1
    assert "wrong sha256" in capsys.readouterr().out


def test_verify_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--md5", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().out.count(" missing ") == 5


def test_download_passes_what_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def note(*given: Any, **named: Any) -> Path:
        calls.append((given, named))
        return tmp_path

    monkeypatch.setattr(command, "download", note)
    assert main(["download", "--root", str(tmp_path), "--mirror", "a", "--mirror", "b", "--keep-archive"]) == 0
    assert main(["download", "--root", str(tmp_path)]) == 0
    assert calls[0] == ((tmp_path, ("a", "b")), {"keep_archive": True})
    assert calls[1] == ((tmp_path, command.MIRRORS), {"keep_archive": False})


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (DownloadError("no mirror had it"), 1, "no mirror had it"),
        (PermissionError(13, "Permission denied"), 1, "Cannot write to"),
        (KeyboardInterrupt(), 130, "kept"),
    ],
)
def test_errors_are_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    error: BaseException, code: int, said: str,
) -> None:  # fmt: skip
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(command, "download", fail)
    assert main(["download", "--root", str(tmp_path)]) == code
    assert said in capsys.readouterr().err


def test_as_a_module(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "ps8.data", "verify", "--root", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1 and "unlabeled_X.bin" in run.stdout and not run.stderr
