"""`ps8.submit`: a dry run of the grading, and the one file to hand in, with a receipt."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import torch

from ps8.atomic_write import reason, write_whole
from ps8.probes import Namespace
from ps8.runtime import is_grading

from . import receipt
from .answers import State
from .dry_run import DryRun, rehearse
from .parts import RESULTS, WEIGHTS
from .readable import readable
from .safetensors import as_safetensors
from .student_notebook import NAME, Notebook, find, hand_over, read_student_notebook

PACKED = "ps8_hand_in.zip"
OPTIONAL = "nce.ipynb"
BOX = "report_"


def submit(notebook: str | Path | None = None, namespace: Namespace | None = None) -> None:
    """Tries the saved notebook as the grader will, says what that will see, and packs all there is to hand in into one file.

    Args:
        notebook: the file; by default the one of this session, as it was saved last.
        namespace: of the session; by default the caller's globals.

    Raises:
        NoNotebook: if the notebook cannot be found or read.
    """
    if is_grading():
        return
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    found = read_student_notebook(Path(notebook) if notebook is not None else find(namespace))
    print(f"{found.path} is run as the grader does it, in a fresh session. This takes less than a minute ...")
    run = rehearse(found)
    if (optional := found.path.with_name(OPTIONAL)).is_file():
        run.add(rehearse(read_student_notebook(optional)))
    remarks = list(_remarks(found, namespace))
    told = "\n".join(
        ["What the grader will be able to see:", *run.lines(), *_written(found), *([""] if remarks else []), *remarks]
    )
    print(told)
    files = dict(_files(found))
    text = receipt.write(files, f"{datetime.now().astimezone():%Y-%m-%d %H:%M %z}\n\n{told}")
    to_read, missing = readable(found)
    if missing:
        print("", *missing, sep="\n")
    if _pack({**files, receipt.FILE: text.encode(), **to_read}):
        code = receipt.code(receipt.read_receipt(text).values())
        print(f"\n{summary(run)}\nHand in {PACKED}. Receipt: {code}; the grader prints it, too.")
        hand_over(Path(PACKED))


def summary(run: DryRun) -> str:
    """A dry run in a sentence."""
    count = sum(answer.state is State.PASSES for answer in run.answers.values())
    return f"{count} of {len(run.answers)} answers pass their checks. The grader looks closer, at other inputs."


def _remarks(notebook: Notebook, namespace: Mapping[str, Any]) -> Iterator[str]:
    """What a student may want to mend before handing in."""
    history = [text for text in namespace.get("In", []) if isinstance(text, str)]
    saved = {cell.source.strip() for cell in notebook.cells}
    stale = []
    for cell in notebook.cells:
        first = cell.source.strip().splitlines()[:1]
        if cell.is_code and cell.grade_id.endswith("-answer") and first:
            last = next((text for text in reversed(history) if text.strip().splitlines()[:1] == first), None)
            if last is not None and last.strip() not in saved:
                stale.append(cell.grade_id.removesuffix("-answer"))
    if stale:
        yield f"What you ran for {', '.join(stale)} is not what is in {notebook.path}: save the notebook, and submit again."
    if not notebook.ran:
        yield f"{notebook.path} was saved without outputs: run it, save it, and submit again."
    results = _results()
    if results is None:
        yield f"{RESULTS} is missing: run the cells that measure, or hand in without numbers."
    elif results.get("profile") != "full":
        yield f"{RESULTS} is from the profile {results.get('profile')!r}: the report asks for a run with 'full'."
    cut = [name for name, told in ((results or {}).get("trainings") or {}).items() if told.get("interrupted")]
    if cut:
        yield f"Interrupted, and so not trained to the end: {', '.join(cut)}."
    missing = [f"{name}.pth" for name in WEIGHTS if not Path(f"{name}.pth").is_file()]
    if missing:
        yield f"Without weights the grader cannot measure again: {', '.join(missing)} missing."


def _results() -> dict[str, Any] | None:
    try:
        found = json.loads(Path(RESULTS).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _written(notebook: Notebook) -> list[str]:
    """How much is written in the boxes of the report."""
    told = [
        f"  {name.removeprefix(BOX).capitalize()}: {f'{words} words' if words else 'empty'}" for name, words in notebook.boxes()
    ]
    return ["", "The report, which a person grades:", *told] if told else []


def _files(notebook: Notebook) -> Iterator[tuple[str, bytes]]:
    """What is graded or measured: name in the submission, and contents."""
    yield NAME, notebook.data
    beside = notebook.path.with_name(OPTIONAL)
    if beside.is_file():
        yield OPTIONAL, beside.read_bytes()
    if Path(RESULTS).is_file():
        yield RESULTS, Path(RESULTS).read_bytes()
    for name in WEIGHTS:
        path = Path(f"{name}.pth")
        if path.is_file():
            yield _weights(path)


def _weights(path: Path) -> tuple[str, bytes]:
    """A file of weights as safetensors; as it is, if it cannot be read: the grader says what it makes of it."""
    try:
        return f"{path.stem}.safetensors", as_safetensors(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # torch raises one of many kinds, for whatever the bytes may be
        print(f"{path} cannot be read ({reason(error)}) and is handed in as it is.")
        return path.name, path.read_bytes()


def _pack(files: Mapping[str, bytes]) -> bool:
    """Writes the submission; whether that could be done."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    try:
        write_whole(PACKED, lambda partial: partial.write_bytes(packed.getvalue()))
    except OSError as error:
        print(f"{PACKED} could not be written: {reason(error)}. Make room, and submit again.", file=sys.stderr)
        return False
    return True
