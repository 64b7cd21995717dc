"""Weights to arrays: nothing that a pickle holds is run, and one bad file does not take the others with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from nbjudge.evidence import BadEvidence
from nbjudge.jail import reasons_unavailable
from safetensors.numpy import save
from torch import nn

from autograder import grading_config
from autograder.artifacts import jailed_unpickling as module
from autograder.artifacts.jailed_unpickling import Unpacked, unpack_in_jail
from autograder.paths import COURSE, KIT

from .saving import saved


class Payload:
    """Unpickling it runs a command, unless the unpickler refuses."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> Any:
        return os.system, (self.command,)


def bad_files(mark: Path) -> dict[str, bytes]:
    """Every way of not being a state_dict, beside one that is."""
    return {
        "ae.pth": saved({"weight": torch.ones(2), "run": Payload(f"touch {mark}")}),
        "encoder_cmc.pth": saved(nn.Linear(2, 2)),
        "probe_random_rgb.pth": saved({"weight": torch.zeros(1).expand(10**9)}),
        "probe_autoencoder.pth": saved({"epoch": 3, "model": {"weight": torch.ones(2)}}),
        "probe_supervised.pth": saved([torch.ones(2)]),
        "probe_random_lab.pth": saved({f"layer{i}": torch.zeros(1) for i in range(151)}),
        "probe_cmc.pth": saved(OrderedDict([("z", torch.tensor([1.5, 2.5])), ("a", torch.ones(2, 3, dtype=torch.float16))])),
    }


def expect_reasons(problems: dict[str, str]) -> None:
    assert "more than tensors" in problems["ae.pth"]
    assert "more than tensors" in problems["encoder_cmc.pth"]
    assert problems["probe_random_rgb.pth"].startswith("could not be unpacked: weight has shape (1000000000,): more than can")
    assert "'epoch' is of type int, not a tensor" in problems["probe_autoencoder.pth"]
    assert "type list" in problems["probe_supervised.pth"]
    assert "151 entries" in problems["probe_random_lab.pth"]


def test_in_a_jail(tmp_path: Path) -> None:
    if reasons_unavailable():
        pytest.skip("; ".join(reasons_unavailable()))
    found = unpack_in_jail({**bad_files(tmp_path / "mark"), "none.pth": b""}, grading_config.jail_settings())
    assert found.problems.pop("none.pth") == "is empty"
    expect_reasons(found.problems)
    assert list(found.states) == ["probe_cmc.pth"]
    state = found.states["probe_cmc.pth"]
    assert list(state) == ["z", "a"]  # the order of the file
    assert state["z"].tolist() == [1.5, 2.5]
    assert state["a"].dtype == np.float32
    assert not (tmp_path / "mark").exists()


def test_damaged_pickles_cost_only_themselves() -> None:
    """Files that look right from outside, with a byte of the list of layers changed."""
    if reasons_unavailable():
        pytest.skip("; ".join(reasons_unavailable()))
    good = saved({"layer.weight": torch.ones(3)})
    at = good.index(b"layer.weight")
    files = {
        f"{shift}.pth": bytes([*good[: at - shift], good[at - shift] ^ 0xFF, *good[at - shift + 1 :]]) for shift in range(1, 12)
    }
    found = unpack_in_jail({**files, "good.pth": good}, grading_config.jail_settings())
    assert found.states["good.pth"]["layer.weight"].tolist() == [1, 1, 1]
    assert files.keys() <= found.states.keys() | found.problems.keys()
    assert found.problems
    assert not any(problem.startswith("was not tried") for problem in found.problems.values())  # no jail was lost


def test_the_unpickler_refuses_by_itself(tmp_path: Path) -> None:
    """What the jail would hold back must not even be tried: here there is no jail around it."""
    mark, files = tmp_path / "mark", bad_files(tmp_path / "mark")
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    places = {name: str(tmp_path / f"{name}.out") for name in files}
    code = f"from autograder.collector.weights import unpack; unpack({places!r})"
    env = {**os.environ, "PYTHONPATH": f"{KIT.parent}:{COURSE.parent}"}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, check=True, timeout=120)
    found = Unpacked()
    for name, place in places.items():
        module._read(name, Path(place).read_bytes(), found)
    expect_reasons(found.problems)
    assert not mark.exists()
    with pytest.raises(Exception, match="Weights only load failed"):
        torch.load(tmp_path / "ae.pth", weights_only=True)
    torch.load(tmp_path / "ae.pth", weights_only=False)  # and the payload is a real one
    assert mark.exists()


def test_a_file_that_ends_its_jail_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []

    async def jail(pending: dict[str, bytes], unpacked: Unpacked, *others: Any) -> str:
        runs.append(list(pending))
        for name in pending:
            if name == "probe_cmc.pth":
                return "more memory than the bound"
            unpacked.states[name] = {}
        return "nothing came of it"

    monkeypatch.setattr(module, "_in_a_jail", jail)
    good = saved({"a": torch.zeros(1)})
    found = unpack_in_jail({"ae.pth": good, "probe_cmc.pth": good, "probe_supervised.pth": good})
    assert runs == [["ae.pth", "probe_cmc.pth", "probe_supervised.pth"], ["probe_supervised.pth"]]
    assert set(found.states) == {"ae.pth", "probe_supervised.pth"}
    assert found.problems == {"probe_cmc.pth": "could not be unpacked: more memory than the bound"}


def test_a_submission_gets_a_few_jails_only(monkeypatch: pytest.MonkeyPatch) -> None:
    async def jail(*others: Any) -> str:
        return "it took too long"

    monkeypatch.setattr(module, "_in_a_jail", jail)
    found = unpack_in_jail(dict.fromkeys(("a.pth", "b.pth", "c.pth", "d.pth"), saved({"a": torch.zeros(1)})))
    assert [problem.startswith("was not tried") for problem in found.problems.values()] == [False, False, False, True]


def header(**entries: Any) -> bytes:
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        (2**60).to_bytes(8, "little"),
        header(a={"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 4]}) + bytes(4),
        header(
            a={"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, b={"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}
        )
        + bytes(6),
        header(a={"dtype": "F64", "shape": [1], "data_offsets": [0, 4]}) + bytes(4),
        save({"a": np.zeros(3, np.float32)})[:-4],
    ],
    ids=["empty", "endless header", "huge shape", "overlap", "wrong length", "cut off"],
)
def test_a_forged_answer_is_no_answer(blob: bytes) -> None:
    found = Unpacked()
    with pytest.raises(BadEvidence):
        module._read("ae.pth", blob, found)
    assert found == Unpacked()
