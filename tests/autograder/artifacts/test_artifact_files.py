"""Which files count, and under which names."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path

import pytest

from autograder.artifacts.artifact_files import ArtifactFolder, Files, known, take


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted" / "ada" / "ps8"
    folder.mkdir(parents=True)
    (folder / "ps8.ipynb").write_bytes(b"{}")
    return folder


def test_a_notebook_alone(folder: Path) -> None:
    assert take(folder) == Files()
    assert not take(folder)


def test_an_ordinary_submission(folder: Path) -> None:
    (folder / "results.json").write_bytes(b"{}")
    (folder / "ae.pth").write_bytes(b"weights")
    assert take(folder) == Files(b"{}", {"ae.pth": b"weights"})


def test_names_as_browsers_and_drives_write_them(folder: Path) -> None:
    (folder / "results (1).json").write_bytes(b"{}")
    (folder / "Probe_CMC (2).pth").write_bytes(b"weights")
    (folder / "Copy of encoder_cmc.pth").write_bytes(b"more")
    assert take(folder) == Files(b"{}", {"probe_cmc.pth": b"weights", "encoder_cmc.pth": b"more"})


def test_of_two_files_for_one_name_the_right_name_wins(folder: Path) -> None:
    (folder / "ae (1).pth").write_bytes(b"older")
    (folder / "ae.pth").write_bytes(b"weights")
    files = take(folder)
    assert files.weights == {"ae.pth": b"weights"}
    assert files.remarks == ("There were several files for ae.pth: ae (1).pth was left out.",)


def test_other_weights_are_not_looked_at() -> None:
    files = known({"resnet50.pth": b"weights"})
    assert not files
    assert "resnet50.pth" in files.remarks[0]


def test_within_an_archive(folder: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("submission/results.json", b"{}")
        archive.writestr("../ae.pth", b"out")
    (folder / "submission.zip").write_bytes(file.getvalue())
    files = take(folder)
    assert files.results == b"{}"
    assert files.weights == {}


def test_links_and_pipes_are_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"secret")
    (folder / "results.json").symlink_to(tmp_path / "secret.key")
    os.link(tmp_path / "secret.key", folder / "ae.pth")
    os.mkfifo(folder / "probe_cmc.pth")
    files = take(folder)
    assert not files
    assert len(files.remarks) == 3


def test_a_digest_tells_names_and_contents_apart() -> None:
    digests = {
        Files(b"{}").digest(),
        Files().digest(),
        Files(None, {"ae.pth": b"{}"}).digest(),
        Files(None, {"encoder_cmc.pth": b"{}"}).digest(),
        Files(b"", {"ae.pth": b"{}"}).digest(),
        Files(b"{}", remarks=("ae.pth is a link.",)).digest(),
    }
    assert len(digests) == 6


def test_a_submission_is_read_late_here_and_at_once_when_sent(folder: Path) -> None:
    submission = ArtifactFolder(folder)
    (folder / "results.json").write_bytes(b"{}")
    assert submission.files() == Files(b"{}")
    sent = pickle.loads(pickle.dumps(submission))
    (folder / "results.json").unlink()
    assert sent.files() == Files(b"{}")
