"""The whole examination of one submission's artifacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from nbjudge.jail import JailSettings
from ps8.artifacts import RESULTS
from ps8.data import DataError
from ps8.settings import settings
from torch import nn

from autograder.artifacts import plausible
from autograder.artifacts.artifact_files import PROBES as PROBE_FILES
from autograder.artifacts.artifact_files import Files
from autograder.artifacts.findings import AccuracyFinding, Findings
from autograder.artifacts.held_out_images import HeldOut, held_out
from autograder.artifacts.jailed_unpickling import unpack_in_jail
from autograder.artifacts.layer_matching import CannotMeasure, fill
from autograder.artifacts.networks import ROWS, trained
from autograder.artifacts.reevaluation import measure
from autograder.artifacts.results import read_results
from autograder.artifacts.words import named

NOTHING = f"Neither {RESULTS} nor weights were handed in: the numbers of the report could not be measured again."
DAMAGED = "The accuracies were not measured again: the grader's images are damaged. `python -m ps8.data verify` says which."
SOURCES = {"ae.pth": "autoencoder", "encoder_cmc.pth": "cmc"}  # what was trained -> the row whose probe holds it, frozen


def examine(files: Files, data: Path, jail: JailSettings | None = None) -> Findings:
    """Reads the numbers, unpacks the weights in a jail, measures again, and says what does not fit together.

    Args:
        files: the submission's artifacts; whatever is in them becomes a remark, never an exception.
        data: the instructor's data, a folder laid out like `data_cache/`.
        jail: what the jails of this grader have in common.

    Raises:
        JailUnavailable: if this machine cannot jail, and nobody agreed to go without.
    """
    if not files:
        return Findings(notes=(NOTHING, *files.remarks))
    return _Examination(files, data, jail).findings()


@dataclass
class _Examination:
    files: Files
    data: Path
    jail: JailSettings | None
    remarks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)  # row -> why it is not measured

    def __post_init__(self) -> None:
        self.results = None if self.files.results is None else read_results(self.files.results)
        self.profile = plausible.profile_of(self.results)

    def findings(self) -> Findings:
        reported = self.results.accuracy if self.results else {}
        images = self._images()
        networks = self._networks(len(images.data.classes)) if images else {}
        measured = measure(networks, reported, images, self.profile) if images and networks else {}
        self._about_the_numbers(images)
        lines = [
            AccuracyFinding(row, reported.get(row), measured.get(row), self.why.get(row, ""))
            for row in ROWS
            if self._concerns(row)
        ]
        for line in lines:
            if line.agrees is False:
                assert line.measured is not None
                self.remarks.append(
                    f"results.json says {line.reported:.3f} for {line.row}, the weights give {line.measured.accuracy:.3f}. "
                    "They may be from different runs, or from a network that computes something else than the assignment's."
                )
        said = f"{images.count(self.profile):,} test images ({images.data.name})" if images and measured else ""
        notes = (*self.notes, *self.files.remarks)
        return Findings(tuple(lines), said, tuple(self.remarks), notes, self.results)

    def _concerns(self, row: str) -> bool:
        return bool(self.results and row in self.results.accuracy) or f"probe_{row}.pth" in self.files.weights

    def _images(self) -> HeldOut | None:
        """The instructor's test images, if there is something to measure on them."""
        if not self.files.weights:
            self.notes.append("No weights were handed in: the accuracies could not be measured again.")
            return None
        try:
            images = held_out(self.data)
        except DataError:  # whose text names the instructor's folders
            self.notes.append(DAMAGED)
            return None
        if self.results and self.results.data != images.data.name:
            theirs = named(self.results.data) if self.results.data else "an unnamed data set"
            self.notes.append(
                f"results.json is from {theirs}, the grader has {named(images.data.name)}: the accuracies cannot be compared."
            )
            return None
        return images

    def _networks(self, classes: int) -> dict[str, nn.ModuleDict]:
        """The rows' encoders and classifiers, as far as the weights fit."""
        unpacked = unpack_in_jail(self.files.weights, self.jail)
        networks = {}
        for file, row in PROBE_FILES.items():
            if file not in self.files.weights:
                self.why[row] = f"{file} is missing"
                continue
            network = ROWS[row].network(classes)
            if self._filled(network, file, unpacked.states, unpacked.problems):
                networks[row] = network.eval()
            else:
                self.why[row] = "see the remark"
        self._compare_with_sources(networks, unpacked.states, unpacked.problems)
        return networks

    def _filled(
        self, network: nn.Module, file: str, states: Mapping[str, dict[str, np.ndarray]], problems: Mapping[str, str]
    ) -> bool:
        """Puts a file's weights into a network; says why if it cannot."""
        try:
            if file in problems:
                raise CannotMeasure(problems[file])
            fill(network, states[file])
        except CannotMeasure as reason:
            self.remarks.append(f"{file}: {reason}. It cannot be measured.")
            return False
        return True

    def _compare_with_sources(
        self, networks: Mapping[str, nn.ModuleDict], states: Mapping[str, dict[str, np.ndarray]], problems: Mapping[str, str]
    ) -> None:
        """Whether the probes of the trained encoders hold these very encoders, which were to stay frozen."""
        for file, row in SOURCES.items():
            if file not in self.files.weights:
                self.notes.append(f"{file} was not handed in.")
                continue
            source = trained("Autoencoder" if row == "autoencoder" else "EncoderCMC")
            if not self._filled(source, file, states, problems) or row not in networks:
                continue
            frozen = networks[row].get_submodule("encoder" if row == "autoencoder" else "encoder.encoder")
            start = source.get_submodule("encoder" if row == "autoencoder" else "")
            if not all(a.equal(b) for a, b in zip(frozen.state_dict().values(), start.state_dict().values(), strict=True)):
                self.remarks.append(
                    f"probe_{row}.pth holds another encoder than {file}: it was trained again since, or did not stay frozen."
                )

    def _about_the_numbers(self, images: HeldOut | None) -> None:
        """What `results.json` says by itself."""
        if self.results is None:
            self.notes.append(f"{RESULTS} was not handed in: there is nothing to compare the weights with.")
            return
        self.remarks += self.results.problems
        cfg = settings(self.profile)
        tested = images.count(self.profile) if images else cfg.n_test
        trained_on = min(cfg.n_unlabeled, len(images.data.unlabeled)) if images else cfg.n_unlabeled
        self.remarks += plausible.plausibility_remarks(self.results, tested, trained_on)
        self.notes += filter(None, [plausible.epochs(self.results)])
