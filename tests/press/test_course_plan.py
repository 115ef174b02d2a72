"""The table of a course's classes: every exercise behind its matter, and once."""

import pytest

from press.directives import course_plan
from press.exercises import source


def exercise(name, minutes):
    return source.Exercise(id=name, title="", difficulty=1, minutes=minutes, line=1, question="")


EXERCISES = {one.id: one for one in (exercise("K1-1", 5), exercise("X1-1", 7), exercise("T1-2", 10))}
TEXTS = [
    "(sec-a)=\n# A\n```{exercise} K1-1\n```\n(sec-b)=\n## B\n```{exercise} X1-1\n```\n",
    "(sec-c)=\n# C\n```{exercise} T1-2\n```\n",
]


def test_a_class_leaves_for_home_what_stands_up_to_the_next_ones_place():
    plan = course_plan.classes(["sec-a | 話す", "", "sec-c | 試す"], TEXTS, EXERCISES)
    assert [[one.id for one in own.exercises] for own in plan] == [["K1-1", "X1-1"], ["T1-2"]]
    rows = course_plan.table(plan)[2:]
    assert "話す | [K1-1](#exercise-k1-1)(5分) | [X1-1](#exercise-x1-1)(7分) |" in rows[0]
    assert rows[1].endswith("[T1-2](#exercise-t1-2)(10分) |  |")


@pytest.mark.parametrize("lines, said", [
    (["sec-a"], "場所 | 授業"), (["sec-d | 話す"], "sec-d"), (["sec-c | 話す", "sec-a | 試す"], "本の順"),
    (["sec-a | 話す", "sec-a | 試す"], "本の順"), (["sec-b | 話す"], "K1-1"),
])  # fmt: skip
def test_what_is_wrong_with_a_line_is_said(lines, said):
    with pytest.raises(ValueError, match=said):
        course_plan.classes(lines, TEXTS, EXERCISES)
