"""The secret of the assignment, from which every input of the grader follows."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

SETS = 8  # different sets of inputs in each round of grading; student and submission decide which one is met
FILE_VARIABLE = "NBJUDGE_SECRET_FILE"


def secret_file(path: Path) -> Path:
    """Where the secret of a course lies: there, or where the environment says."""
    return Path(os.environ.get(FILE_VARIABLE) or path)


def load_secret(path: Path) -> bytes:
    """A course's secret: 32 random bytes in `secret.key` in its directory, made when first needed, readable by its owner only.

    Keep the file with the gradebook: with it, grading again meets the same inputs.

    Raises:
        ValueError: if the file holds too little to be a secret.
    """
    path = secret_file(path)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process made it just now
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
    secret = bytes.fromhex(path.read_text().strip())
    if len(secret) < 16:
        raise ValueError(f"{path} holds {len(secret)} bytes, expected 32: delete it, a new one is made at the next grading")
    return secret


def challenge_set(secret: bytes, student: str, content: bytes, number: int) -> int:
    """Which set of inputs a submission meets: one of `SETS` that belong to a round of grading and to no other.

    Args:
        secret: the assignment's.
        student: whose submission it is.
        content: a digest of what it does.
        number: of the round, >= 0 (see `nbjudge.judge.rounds`).
    """
    name = student.encode("utf-8", "surrogateescape")
    return number * SETS + _mac(secret, b"set", name, content, str(number).encode())[0] % SETS


def seed(secret: bytes, question: str, number: int) -> int:
    """The seed of a question's inputs in a set, in [0, 2**63)."""
    return int.from_bytes(_mac(secret, b"seed", question.encode(), str(number).encode())[:8], "big") >> 1


def _mac(secret: bytes, *parts: bytes) -> bytes:
    digest = hmac.new(secret, digestmod=hashlib.sha256)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
