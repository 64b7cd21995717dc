"""Findings within a course: from the cache if the files, the images and the code are as they were, else made now and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from nbjudge.jail import JailSettings
from nbjudge.workspace import Workspace

from autograder import grading_config
from autograder.artifacts.artifact_files import ArtifactFolder, take
from autograder.artifacts.examination import examine
from autograder.artifacts.findings import Findings
from autograder.artifacts.findings_cache import FindingsCache, images_id, key
from autograder.artifacts.receipts import receipt_of
from autograder.paths import DATA


def data_folder() -> Path:
    """Where the instructor's images are."""
    return grading_config.jail_settings().data or DATA


def findings_of(folder: Path, cache: FindingsCache) -> Findings:
    """The findings of a submission's folder, and what its receipt says."""
    found = _looked_up(folder, cache)
    said, whole = receipt_of(folder)
    if not said:
        return found
    return replace(found, notes=(*found.notes, said)) if whole else replace(found, remarks=(*found.remarks, said))


def _looked_up(folder: Path, cache: FindingsCache) -> Findings:
    """The findings of a submission's artifacts."""
    files = take(folder)
    name = key(files, data_folder()) if files else ""
    found = cache.load(name) if files else None
    if found is None:
        found = examine(files, data_folder(), grading_config.jail_settings())
        if files:
            cache.keep(name, found)
    return found


def findings_of_class(students: Iterable[str], workspace: Workspace) -> Iterator[tuple[str, Findings]]:
    """Each student and the findings of what lies in `submitted/`, one after the other."""
    cache = FindingsCache(workspace.evidence)
    for student in students:
        yield student, findings_of(workspace.submitted(student), cache)


def examine_elsewhere(submission: ArtifactFolder, data: Path, jail: JailSettings | None, images: str) -> Findings | None:
    """`examine` on another process or machine; None if that one has other test images than those meant.

    Args:
        submission: with the artifacts.
        data: the images, a folder laid out like `data_cache/`.
        jail: what the jails of this grader have in common.
        images: `images_id` where the findings are wanted.
    """
    files = submission.files()
    return examine(files, data, jail) if images_id(files, data) == images else None
