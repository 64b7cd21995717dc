"""`ps8.update`: a corrected release, with the student's work in it; shown before it is written."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from ps8.atomic_write import reason, write_whole
from ps8.probes import Namespace
from ps8.runtime import is_grading

from .merging import Merged, merge
from .student_notebook import NoNotebook, find, hand_over, read_student_notebook

SECONDS = 60
MAX_BYTES = 64 * 2**20


def update(
    new: str | Path, *, write: bool = False, notebook: str | Path | None = None, namespace: Namespace | None = None
) -> None:
    """Shows what a corrected release would change in your notebook, and with `write=True` writes the notebook that comes of it.

    Your answers, boxes and own cells are kept. Your notebook stays as it is: the new one is another file.

    Args:
        new: the corrected release, a file or an address that begins with https://.
        write: whether to write; without it, all is only shown.
        notebook: yours; by default the one of this session, as it was saved last.
        namespace: of the session; by default the caller's globals.

    Raises:
        NoNotebook: if one of the two cannot be found or read.
    """
    if is_grading():
        return
    if namespace is None:
        namespace = sys._getframe(1).f_globals
    mine = read_student_notebook(Path(notebook) if notebook is not None else find(namespace))
    release = _release(new)
    merged = merge(json.loads(mine.data), release)
    print("\n".join(merged.lines()))
    target = _free(mine.path)
    if not write:
        call = f"ps8.update({str(new)!r}, write=True)"
        print(f"\nNothing is written yet. {call} writes {target}, and leaves {mine.path} as it is.")
    elif _written(merged, target):
        print(f"\n{target} is written: open it and go on there. {mine.path} stays as it was.")
        hand_over(target)


def _release(new: str | Path) -> dict[str, Any]:
    """The corrected release, from a file or the web."""
    if not str(new).startswith(("https://", "http://")):
        release: dict[str, Any] = json.loads(read_student_notebook(Path(new)).data)
        return release
    try:
        with urlopen(str(new), timeout=SECONDS) as answer:
            found = json.loads(answer.read(MAX_BYTES))
    except (OSError, URLError) as error:
        raise NoNotebook(f"{new} cannot be fetched: {getattr(error, 'reason', error)}. Are you online?") from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        raise NoNotebook(f"{new} is no notebook. On GitHub, use the address that the button Raw leads to.")
    return found


def _free(path: Path) -> Path:
    """A name beside the notebook that no file has."""
    names = (path.with_name(f"{path.stem}-updated{more}.ipynb") for more in ("", *(f"-{n}" for n in range(2, 10_000))))
    return next(name for name in names if not name.exists())


def _written(merged: Merged, target: Path) -> bool:
    text = json.dumps(merged.notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    try:
        write_whole(target, lambda partial: partial.write_text(text, encoding="utf-8"))
    except OSError as error:
        print(f"{target} could not be written: {reason(error)}.", file=sys.stderr)
        return False
    return True
