from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

from nbformat.v4 import new_output
from nbjudge.assignment import Assignment
from nbjudge.gather.evidence_cache import EvidenceCache, environment, evidence_key
from nbjudge.gather.gathered import Gathered, Incident, OrdinaryTest
from nbjudge.jail import JailSettings, Limits


def gathered() -> Gathered:
    return Gathered(
        evidence={"encoder": b"\x00\x01", "nce": b""},
        problems={"decoder": "stopped after 10 seconds"},
        outputs={"own-1": [new_output("stream", text="hello")]},
        tests={"double": OrdinaryTest(True, share=2.5), "triple": OrdinaryTest(False, "AssertionError")},
        incidents=[Incident("own-2", "it died")],
        seconds={"all": 1.5},
    )


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    cache = EvidenceCache(tmp_path / "evidence")
    assert cache.load("ab" * 32) is None
    cache.keep("ab" * 32, gathered())
    assert cache.load("ab" * 32) == gathered()


def test_a_truncated_file_is_dropped(tmp_path: Path) -> None:
    cache = EvidenceCache(tmp_path)
    cache.keep("ab" * 32, gathered())
    path = cache.path("ab" * 32)
    whole = path.read_bytes()
    for size in (0, 10, 32, 33, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert cache.load("ab" * 32) is None
        assert not path.exists()
    cache.keep("ab" * 32, gathered())
    assert cache.load("ab" * 32) == gathered()
    assert list(path.parent.glob("*.part")) == []


def test_a_file_with_one_changed_bit_is_dropped(tmp_path: Path) -> None:
    cache, draw = EvidenceCache(tmp_path), random.Random(0)
    cache.keep("ab" * 32, gathered())
    whole = cache.path("ab" * 32).read_bytes()
    for _ in range(200):
        changed = bytearray(whole)
        changed[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        cache.path("ab" * 32).write_bytes(changed)
        assert cache.load("ab" * 32) is None
        assert not cache.path("ab" * 32).exists()


def test_evidence_under_another_name_is_dropped(tmp_path: Path) -> None:
    """One submission's evidence does not become another's by copying a file."""
    cache = EvidenceCache(tmp_path)
    cache.keep("ab" * 32, gathered())
    shutil.copy(cache.path("ab" * 32), cache.path("ab" * 31 + "ac"))
    assert cache.load("ab" * 31 + "ac") is None
    assert cache.load("ab" * 32) == gathered()


def test_the_key_follows_all_that_evidence_depends_on(tmp_path: Path) -> None:
    class Slow(Assignment):
        def limits(self) -> Limits:
            return Limits(seconds_per_cell=7)

    class Given(Assignment):
        def __init__(self, **settings: Any) -> None:
            super().__init__("ps8")
            self.settings = JailSettings(**settings)

        def jail(self) -> JailSettings:
            return self.settings

    def given(**settings: Any) -> str:
        environment.cache_clear()  # as in another process
        return evidence_key(b"one", {"encoder": 1}, Given(**settings))

    class Names(Assignment):
        libraries = ("numpy",)

    data, package = tmp_path / "data", tmp_path / "package"
    for folder in (data, package):
        folder.mkdir()
        (folder / "a.bin").write_bytes(b"1")
    plain = Assignment("ps8")
    keys = {
        evidence_key(b"one", {"encoder": 1}, plain),
        evidence_key(b"two", {"encoder": 1}, plain),
        evidence_key(b"one", {"encoder": 2}, plain),
        evidence_key(b"one", {"encoder": None}, plain),
        evidence_key(b"one", {"encoder": 1, "nce": 1}, plain),
        evidence_key(b"one", {"encoder": 1}, Slow("ps8")),
        evidence_key(b"one", {"encoder": 1}, Names("ps8")),
        given(env={"MORE": "1"}),
        given(preload=()),
        given(warm=False),
        given(data=data),
        given(data=data, data_variable="DATA"),
        given(readable=(data,)),
        given(readable=(package,)),
        given(packages={"package": package}),
        given(packages={"other": package}),
    }
    assert len(keys) == 16
    assert evidence_key(b"one", {"encoder": 1}, plain) in keys
    before = [given(data=data), given(readable=(data,)), given(packages={"package": package})]
    uncounted = given(data=data, data_counts=False)
    (data / "a.bin").write_bytes(b"2")
    (package / "a.bin").write_bytes(b"2")
    after = [given(data=data), given(readable=(data,)), given(packages={"package": package})]
    assert not set(before) & set(after) and before[0] in keys
    assert given(data=data, data_counts=False) == uncounted
    assert given(data=data, secret=(package,)) == given(data=data)  # it is nowhere to be seen
    (data / "__pycache__").mkdir()
    (data / "__pycache__" / "b.pyc").touch()
    assert given(data=data) == after[0]
