"""The receipt that `ps8.submit` gave, worked out again from the files that were found."""

from __future__ import annotations

from pathlib import Path

from nbjudge.ground.foreign_names import shown_file
from nbjudge.ground.listing import listed
from nbjudge.repair.intake import artifacts
from ps8.handing_in import receipt

PATTERNS = (receipt.FILE, "*.ipynb", "*.json", "*.safetensors", "*.pth")
MAX_BYTES = 2**16
MAX_NAMED = 5


def receipt_of(folder: Path) -> tuple[str, bool]:
    """What is to be said of a submission's receipt, and whether it is as it should be. Nothing where there is none.

    Args:
        folder: of the submission; archives in it are looked into. No link is followed, and nothing raises.
    """
    found = artifacts(folder, PATTERNS, (receipt.FILE,)).files
    text = found.pop(receipt.FILE, b"")[:MAX_BYTES].decode("utf-8", "replace")
    named = receipt.read_receipt(text)
    if not named:
        return "", True
    code = receipt.code(named.values())
    there = {receipt.digest(data) for data in found.values()}
    lost = [shown_file(name) for name, digest in named.items() if digest not in there]
    if not lost:
        return f"Receipt {code}: all files are as ps8.submit() packed them.", True
    missing = f"{listed(lost, MAX_NAMED)} is missing, or was changed since ps8.submit() packed it"
    return f"The receipt {code} is not of these files: {missing}.", False
