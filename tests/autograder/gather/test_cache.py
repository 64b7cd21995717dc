from __future__ import annotations

from pathlib import Path

from nbformat.v4 import new_output

from autograder.gather.cache import Cache, key
from autograder.gather.run import Gathered
from autograder.jail import Limits


def gathered() -> Gathered:
    return Gathered(
        evidence={"encoder": b"\x00\x01", "nce": b""},
        problems={"decoder": "stopped after 10 seconds"},
        outputs={3: [new_output("stream", text="hello")]},
        remarks=["cell 4: it died"],
        seconds={"all": 1.5},
    )


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "evidence")
    assert cache.load("ab" * 32) is None
    cache.keep("ab" * 32, gathered())
    assert cache.load("ab" * 32) == gathered()


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.keep("ab" * 32, gathered())
    path = cache.path("ab" * 32)
    whole = path.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert cache.load("ab" * 32) is None
    cache.keep("ab" * 32, gathered())
    assert cache.load("ab" * 32) == gathered()
    assert list(path.parent.glob("*.part")) == []


def test_the_key_follows_all_that_evidence_depends_on() -> None:
    keys = {
        key(b"one", {"encoder": 1}, Limits()),
        key(b"two", {"encoder": 1}, Limits()),
        key(b"one", {"encoder": 2}, Limits()),
        key(b"one", {"encoder": 1, "nce": 1}, Limits()),
        key(b"one", {"encoder": 1}, Limits(seconds_per_cell=7)),
    }
    assert len(keys) == 5
    assert key(b"one", {"encoder": 1}, Limits()) in keys
