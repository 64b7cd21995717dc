"""What hostile submissions achieve in a course that knows nothing of us."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbjudge.jail import reasons_unavailable

from trials.foreign.example_course import ASSERTED, JUDGED
from trials.foreign.three_graders import Ended, battle
from trials.foreign.translated_attacks import ATTACKS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(reasons_unavailable()), reason="; ".join(reasons_unavailable()))]
FEW = ("lying-list", "ast-transformer", "records", "linked-files", "active-page")
FORGED = {"lying-list", "ast-transformer"}  # by what stands in the same process as the assertions


def fought(folder: Path, lines: str, names: tuple[str, ...] = ()) -> Ended:
    ended = battle(folder, lines, [attack for attack in ATTACKS if not names or attack.id in names])
    assert (ended.harm, ended.stopped) == ([], [])
    assert not {id: outcome["leaked"] for id, outcome in ended.achieved.items() if outcome["leaked"]}
    return ended


def test_with_a_judge_of_ten_lines_nothing_is_gained(tmp_path: Path) -> None:
    ended = fought(tmp_path, JUDGED, FEW)
    assert {id: outcome["gained"] for id, outcome in ended.achieved.items()} == dict.fromkeys(FEW, 0)
    assert all(outcome["graded"] for outcome in ended.achieved.values())


@pytest.mark.parametrize("lines", [ASSERTED, JUDGED], ids=["asserted", "judged"])
def test_all_of_them(lines: str, tmp_path: Path) -> None:
    ended = fought(tmp_path, lines)
    gaining = {id for id, outcome in ended.achieved.items() if outcome["gained"]}
    assert gaining == set() if lines == JUDGED else gaining >= FORGED
