"""The solved notebook with several seeds: what the lesson says to expect, and what the doctor said of right answers."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbjudge.ground.atomic_files import write_whole
from ps8.artifacts import RESULTS
from ps8.data import load_data
from ps8.settings import settings

from assignment.builder.book_notebooks import execute
from assignment.builder.checkout import LESSON
from assignment.builder.lesson_notebooks import solved_notebook
from autograder.paths import ASSIGNMENT
from benchmarks.results_file import machine

RUNS = LESSON / "runs"  # a file for each set and profile; the lesson's text takes its ranges from them
KEEPS = ("accuracy", "standardised", "ae_losses", "cmc_history")  # of results.json
DIGITS = 4

SETTINGS = "cfg = ps8.settings()"
SEEDED = "from dataclasses import replace\n\ncfg = replace(ps8.settings(), seed={seed})"
KEPT = "debug.json"
DEBUGGED = f"import json\n\nwith open({KEPT!r}, 'w') as file:\n    json.dump(few_history['loss'], file)"

# What `look_at_features` of the lesson prints.
VIEWS = re.compile(r"^(untrained|trained) +views of an image: mean cosine +(-?[\d.]+)", re.MULTILINE)
IMAGES = re.compile(r"^ +(L|ab) +of two images: mean cosine +(-?[\d.]+) +dead units +(\d+)%", re.MULTILINE)


def main(data: Path | None, profile: str, seeds: Sequence[int]) -> None:
    """Runs the notebook once for each seed; each is added to its file when it ends, so that a stop loses one run.

    Args:
        data: folder of images in STL-10's layout; the photo sample where it is None and STL-10 is not there.
        profile: full or quick.
        seeds: of the runs. One that its file has is run again.
    """
    found = load_data(data)
    path = RUNS / f"{'_'.join(re.findall('[a-z0-9]+', found.name.lower()))}-{profile}.json"
    for seed in seeds:
        run = run_notebook(found.folder, profile, seed)
        table = json.loads(path.read_text()) if path.exists() else {"runs": {}}
        runs = {**table["runs"], str(seed): run}
        table = {
            "data": found.name,
            "profile": profile,
            "epochs": {"ae": settings(profile).ae_epochs, "cmc": settings(profile).cmc_epochs},
            "machine": machine(),
            "runs": dict(sorted(runs.items())),
        }
        path.parent.mkdir(exist_ok=True)
        write_whole(path, json.dumps(table, indent=1) + "\n")
        print(f"{found.name}, {profile}, seed {seed}: {run['accuracy']}, doctor: {run['doctor'] or 'silent'}", flush=True)


def run_notebook(data: Path, profile: str, seed: int) -> dict[str, Any]:
    """What one run of the solved notebook gave."""
    notebook = with_seed(solved_notebook(ASSIGNMENT), seed)
    env = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}  # as many threads as cores
    env |= {"PS8_PROFILE": profile, "PS8_DATA": str(data)}
    with tempfile.TemporaryDirectory(prefix="ps8-seeds-") as name:
        printed = list(words(execute(notebook, ASSIGNMENT, Path(name), env).cells))
        results = json.loads((Path(name) / RESULTS).read_text())
        debug = json.loads((Path(name) / KEPT).read_text())
    kept = {key: results[key] for key in KEEPS} | {"debug_losses": debug}
    return {**rounded(kept), "features": features(printed), "doctor": doctor(printed)}


def with_seed(notebook: NotebookNode, seed: int) -> NotebookNode:
    """The notebook with another seed, as a student would set it, and with the losses of its debugging run kept.

    Raises:
        ValueError: if the notebook does not make its settings in one place, as this file knows it.
    """
    made = [cell for cell in notebook.cells if cell.cell_type == "code" and SETTINGS in cell.source]
    if len(made) != 1 or made[0].source.count(SETTINGS) != 1:
        raise ValueError(f"{len(made)} cells of the notebook have `{SETTINGS}`, expected one: does it read otherwise now?")
    made[0].source = made[0].source.replace(SETTINGS, SEEDED.format(seed=seed))
    notebook.cells.append(new_code_cell(DEBUGGED))
    return notebook


def words(cells: Iterable[NotebookNode]) -> Iterator[str]:
    """What each cell printed."""
    for cell in cells:
        outputs = cell.get("outputs", [])
        yield "".join(output.text for output in outputs if output.output_type == "stream")


def doctor(printed: Iterable[str]) -> list[str]:
    """What the training doctor said, each time as one line."""
    said = [re.findall(r"^Doctor.*(?:\n    .*)*", text, re.MULTILINE) for text in printed]
    return [" ".join(each.split()) for found in said for each in found]


def features(printed: Iterable[str]) -> dict[str, dict[str, float]]:
    """How alike features were, and which share of the units was dead, untrained and trained.

    Raises:
        ValueError: if the lesson's cell prints something else by now.
    """
    text = next((text for text in printed if VIEWS.search(text)), "")
    found = {}
    for match in VIEWS.finditer(text):
        lines = {view: (float(cosine), int(dead)) for view, cosine, dead in IMAGES.findall(text[match.end() :])[:2]}
        found[match[1]] = {"views": float(match[2])}
        for view, (cosine, dead) in lines.items():
            found[match[1]] |= {f"images_{view}": cosine, f"dead_{view}": dead / 100}
    if set(found) != {"untrained", "trained"} or any(len(each) != 5 for each in found.values()):
        raise ValueError(f"`look_at_features` printed what cannot be read here: {text!r}")
    return found


def rounded(value: Any) -> Any:
    """The same with numbers of a few digits."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, DIGITS) if isinstance(value, float) else value
