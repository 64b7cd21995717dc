"""Whatever a student does in whatever order, what is left is never less than the best that was trained."""

from __future__ import annotations

import json
import os
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import ps8
import pytest
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from ps8.artifacts import ASIDE, open_results, save_run
from torch import nn

EPOCHS = {"full": 4, "quick": 2}
stops = st.none() | st.integers(0, 3)


def interrupted(model: nn.Module, epochs: int, stop: int | None) -> tuple[nn.Module, list[float]]:
    """A training that is interrupted in epoch `stop`, which it does not know."""
    os.environ["STOP"] = str(stop)
    return train(model, epochs)


def train(model: nn.Module, epochs: int) -> tuple[nn.Module, list[float]]:
    """A training whose weight is the number of its epochs."""
    losses: list[float] = []
    with ps8.progress(epochs, "net") as bar:
        for epoch in bar:
            if str(epoch) == os.environ["STOP"]:
                raise KeyboardInterrupt
            with torch.no_grad():
                model.weight += 1
            losses.append(1.0 / (1 + epoch))
    return model, losses


class Student(RuleBasedStateMachine):
    """Profiles, data, seeds, interrupts, new sessions, in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        self.patch.chdir(self.folder.name)
        self.patch.setenv("PS8_PROFILE", "full")
        self.patch.setattr("ps8.trainings.checkpoints.DRIVE", Path("no drive"))
        for name in ("NBGRADER_EXECUTION", "PS8_WORK"):
            self.patch.delenv(name, raising=False)
        self.best: dict[tuple, int] = defaultdict(int)
        self.data, self.seed = "STL-10", 42
        self.open()

    def teardown(self) -> None:
        self.patch.undo()
        self.folder.cleanup()

    def open(self) -> None:
        ps8.seed_everything(self.seed)
        self.results = open_results(self.data)

    @property
    def key(self) -> tuple:
        return self.data, os.environ["PS8_PROFILE"], self.seed

    @rule(
        profile=st.sampled_from(["full", "quick"]),
        data=st.sampled_from(["STL-10", "photo sample"]),
        seed=st.sampled_from([42, 7]),
    )
    def another_session(self, profile: str, data: str, seed: int) -> None:
        self.patch.setenv("PS8_PROFILE", profile)
        self.data, self.seed = data, seed
        self.open()

    @rule(stop=stops, kept=st.booleans())
    def train(self, stop: int | None, kept: bool) -> None:
        """A training, interrupted or not; the session may end before its results are kept."""
        ps8.seed_everything(self.seed)
        net = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(net.weight)
        epochs = EPOCHS[os.environ["PS8_PROFILE"]]
        before = self.best[self.key]
        with ps8.resume("net", self.results):
            net, losses = interrupted(net, epochs, stop)
        assert len(losses) == net.weight.item() == max(before, min(epochs, epochs if stop is None else max(stop, before)))
        self.best[self.key] = len(losses)
        if kept and save_run(self.results, "net", net, losses=losses):
            assert self.results["trainings"]["net"]["interrupted"] == (len(losses) < epochs)

    @rule(stop=stops)
    def train_afresh(self, stop: int | None) -> None:
        """A training in a notebook of an earlier edition, which does not go on."""
        net = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(net.weight)
        net, losses = interrupted(net, EPOCHS[os.environ["PS8_PROFILE"]], stop)
        had = len(self.results.get("losses", []))
        assert save_run(self.results, "net", net, losses=losses) == (bool(losses) and len(losses) >= had)
        assert len(self.results.get("losses", [])) == max(had, len(losses))

    @invariant()
    def never_less(self) -> None:
        for (data, profile, seed), best in getattr(self, "best", {}).items():
            name = ps8.trainings.run_name({"data": data, "profile": profile, "seed": seed})
            heads = ps8.trainings.checkpoints.found(Path("checkpoints") / name, "net")
            assert max((head.epochs for head in heads), default=0) >= best

    @invariant()
    def weights_and_results_agree(self) -> None:
        for folder in [Path(), *Path(ASIDE).glob("*")] if hasattr(self, "best") else []:
            if (folder / "net.pth").is_file():
                found: dict[str, Any] = json.loads((folder / "results.json").read_text())
                weights = torch.load(folder / "net.pth", weights_only=True)
                assert weights["weight"].item() == len(found["losses"])


TestStudent = pytest.mark.slow(Student.TestCase)
Student.TestCase.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
