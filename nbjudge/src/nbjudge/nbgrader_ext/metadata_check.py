"""nbgrader's check of the cells' metadata, with its schema looked over once and not again for every cell."""

from __future__ import annotations

import functools

from jsonschema.validators import validator_for
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from nbjudge.nbgrader_ext import doors


class CheckCellMetadata(doors.CheckCellMetadata):
    """As nbgrader's own, a tenth of the time: what is not plainly right is left to that, with its words and its error."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        version, check = _checker()
        marked = [cell.metadata["nbgrader"] for cell in nb.cells if "nbgrader" in cell.metadata]
        if all(data.get("schema_version") == version and check.is_valid(data) for data in marked):
            return nb, resources
        return super().preprocess(nb, resources)


@functools.cache
def _checker():  # type: ignore[no-untyped-def]
    """The version of nbgrader's format, and what checks a cell's metadata against it."""
    ours = MetadataValidator()
    kind = validator_for(ours.schema)
    kind.check_schema(ours.schema)
    return ours.schema_version, kind(ours.schema)
