"""JSON that is whole, and cells of JSON that is not."""

from __future__ import annotations

import pytest
from nbjudge.repair import lenient_json


class TestLoader:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ('{"cells": [', "it ends too early"),
            ('{"cells": "ab', "it ends too early"),
            ('{"cells": [1,,2], "a": 1, "b": 2}', "line 1 is not valid JSON: expecting value"),
            ('{\n"a" 1, "b": 2222222}', "line 2 is not valid JSON: expecting ':' delimiter"),
            ("[1]", "its JSON is not an object"),
            ("[" * 200_000, "its JSON is nested too deeply"),
        ],
    )
    def test_what_is_wrong_with_a_file(self, text: str, problem: str) -> None:
        assert lenient_json.Loader().whole(text, []) == (None, problem)

    def test_what_stands_behind_the_end_is_ignored_and_said(self) -> None:
        remarks: list[str] = []
        assert lenient_json.Loader().whole('  {"a": 1}  \n', remarks) == ({"a": 1}, "") and remarks == []
        assert lenient_json.Loader().whole('{"a": 1} x', remarks) == ({"a": 1}, "")
        assert remarks == ["There was something behind the notebook's end: ignored."]

    def test_outputs_are_dropped_and_fields_that_are_there_twice_noted(self) -> None:
        one = lenient_json.Loader()
        node, _ = one.whole('{"outputs": [{"output_type": "stream"}], "b": {"output_type": 1, "cell_type": 2}}', [])
        assert node == {"outputs": [None], "b": {"output_type": 1, "cell_type": 2}} and not one.doubled
        one.whole('{"a": 1, "a": 2}', [])
        one.whole("{}", [])
        assert one.doubled

    def test_whole_cells_of_a_broken_file_are_read(self) -> None:
        cell = '{"cell_type": "code", "source": "%d"}'
        text = f'{{"cells": [{cell % 1}, {{"cell_type": oops, {cell % 2} , {cell % 3}], "metadata": {{"source": 1}}'
        assert [each["source"] for each in lenient_json.Loader().rescued(text)] == ["1", "2", "3"]
        assert [each["source"] for each in lenient_json.Loader().rescued("x " + cell % 7)] == ["7"]
        assert lenient_json.Loader().rescued("nothing") == []
        many = '{"cells": [' + ", ".join(['{"cell_type": oops'] * (lenient_json.MAX_FAILURES + 1)) + ", " + cell % 1
        assert lenient_json.Loader().rescued(many) == []

    def test_cells_of_every_version(self) -> None:
        assert lenient_json.cells_of({"cells": [1]}) == [1] and lenient_json.cells_of({"cells": []}) == []
        assert lenient_json.cells_of({"worksheets": [{"cells": [1]}, {"cells": 2}, 3, {"cells": [4]}]}) == [1, 4]
        assert lenient_json.cells_of({"worksheets": 1}) is lenient_json.cells_of([1]) is lenient_json.cells_of({}) is None

    def test_of_two_versions_the_one_with_more_python_is_worth_more(self) -> None:
        def file(*sources: str, end: str = "]}") -> str:
            return '{"cells": [' + ", ".join(f'{{"cell_type": "code", "source": "{source}"}}' for source in sources) + end

        assert lenient_json.readable_worth(file("x = 1", "y = (")) == (1, 0, True, 10)
        assert lenient_json.readable_worth(file("raise NotImplementedError", end="")) == (1, -1, False, 25)
        assert lenient_json.readable_worth("") == (0, 0, False, 0)
