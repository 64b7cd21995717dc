"""What each cell of a source is to a student, and what it is called."""

from __future__ import annotations

from nbrepair.plan import Plan, Role


class TestPlan:
    def test_what_each_cell_is_and_is_called(self, plan: Plan) -> None:
        assert [slot.index for slot in plan.slots] == list(range(18))
        assert [(slot.key, slot.role, slot.label) for slot in plan.slots[:7]] == [
            ("text-1", Role.TEXT, "A small course"),
            ("bet", Role.FREE, "`bet`"),
            ("given-setup", Role.GIVEN, "`setup`"),
            ("text-2", Role.TEXT, "1.1"),
            ("double-answer", Role.ANSWER, "1.1 (Double)"),
            ("double", Role.TEST, "1.1 (Double)"),
            ("given-table", Role.GIVEN, "`table`"),
        ]
        labels = {slot.key: slot.label for slot in plan.slots}
        assert labels["shift-methods"] == "2.1 (keeps_mean)" and labels["shift"] == "2.1 (shift, keeps_mean)"
        assert labels["report"] == "Report" and plan.by_key["report"].role is Role.WRITTEN

    def test_answers_their_names_and_their_tests(self, plan: Plan) -> None:
        assert {name: slot.key for name, slot in plan.owners.items()} == {
            "Double": "double-answer",
            "halve": "halve-answer",
            "shift": "shift-answer",
            "keeps_mean": "shift-methods",
        }
        tests = [plan.test_of(slot) for slot in plan.answers]
        assert [test.key for test in tests if test] == ["double", "halve", "shift", "shift"]
        assert plan.test_of(plan.slots[-1]) is None
        assert not plan.by_key["double"].names and plan.by_key["shift-answer"].names == {"shift"}

    def test_what_students_were_given_holds_no_solution_and_no_hidden_test(self, plan: Plan) -> None:
        assert "NotImplementedError" in plan.by_key["double-answer"].released
        assert not any("SOLUTION" in slot.released or "HIDDEN" in slot.released for slot in plan.slots)
        assert "assert Double(5)(1) == 5" in plan.by_key["double"].cell.source
        assert plan.by_key["double"].cell.metadata.nbgrader.checksum
