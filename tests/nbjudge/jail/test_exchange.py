"""Files from a hostile folder (attack 24, and evidence of attack 14)."""

from __future__ import annotations

import os

import pytest
from nbjudge.jail import BadEvidenceFile, Exchange


@pytest.fixture
def exchange(tmp_path) -> Exchange:
    for name in ("challenge", "evidence"):
        (tmp_path / name).mkdir()
    return Exchange(tmp_path / "challenge", tmp_path / "evidence")


def test_there_and_back(exchange):
    exchange.put("encoder", b"asked")
    assert (exchange.challenge / "encoder").read_bytes() == b"asked"
    assert os.listdir(exchange.challenge) == ["encoder"]
    assert exchange.take("encoder", 100) is None
    (exchange.evidence / "encoder").write_bytes(b"answered")
    assert exchange.take("encoder", 8) == b"answered"
    exchange.drop("encoder")
    exchange.drop("encoder")
    assert exchange.take("encoder", 8) is None


def test_putting_again_replaces(exchange):
    exchange.put("encoder", b"first")
    exchange.put("encoder", b"second")
    assert (exchange.challenge / "encoder").read_bytes() == b"second"


def test_a_link_is_not_followed(exchange, tmp_path):
    (tmp_path / "secret").write_text("of ada")
    (exchange.evidence / "encoder").symlink_to(tmp_path / "secret")
    with pytest.raises(BadEvidenceFile):
        exchange.take("encoder", 100)
    exchange.drop("encoder")
    assert (tmp_path / "secret").exists()


def test_a_pipe_does_not_hang(exchange):
    os.mkfifo(exchange.evidence / "encoder")
    with pytest.raises(BadEvidenceFile, match="not a file"):
        exchange.take("encoder", 100)


def test_a_folder_is_no_evidence(exchange):
    (exchange.evidence / "encoder").mkdir()
    with pytest.raises(BadEvidenceFile):
        exchange.take("encoder", 100)


def test_too_much(exchange):
    with open(exchange.evidence / "encoder", "wb") as file:
        file.truncate(1 << 40)  # a sparse terabyte
    with pytest.raises(BadEvidenceFile, match="more than 100 bytes"):
        exchange.take("encoder", 100)


@pytest.mark.parametrize("name", ["", ".", "..", "../evidence/x", "a/b", "/etc/passwd", "a\0b"])
def test_only_plain_names(exchange, name):
    for call in (lambda: exchange.put(name, b""), lambda: exchange.take(name, 1), lambda: exchange.drop(name)):
        with pytest.raises(ValueError, match="plain file name"):
            call()


def test_through_a_jail(start):
    """Student code reads the challenge, cannot change it, and what it writes comes back."""
    box = start()
    exchange = box.manager.exchange
    exchange.put("encoder", b"asked")
    answer = box.run(
        "import os\n"
        "said = open('/exchange/challenge/encoder', 'rb').read()\n"
        "open('/exchange/evidence/encoder', 'wb').write(said[::-1])\n"
        "os.symlink('/etc/passwd', '/exchange/evidence/link'); os.mkfifo('/exchange/evidence/pipe')\n"
        "open('/exchange/challenge/encoder', 'wb')"
    )
    assert answer.error.startswith("OSError")
    assert exchange.take("encoder", 100) == b"deksa"
    for name in ("link", "pipe"):
        with pytest.raises(BadEvidenceFile):
            exchange.take(name, 100)


def test_a_file_is_lent_whole_and_never_over_another(exchange):
    exchange.lend("encoder.seed", b"17")
    assert (exchange.evidence / "encoder.seed").read_bytes() == b"17"
    for taken in ("encoder.seed", "link"):
        if taken == "link":
            (exchange.evidence / "link").symlink_to(exchange.challenge / "elsewhere")
        with pytest.raises(BadEvidenceFile, match=taken):
            exchange.lend(taken, b"18")
    assert os.listdir(exchange.challenge) == []
