"""Whether isolation changes an honest score: `python benchmarks/scores.py [assignment …]`.

For every assignment a class hands in that together uses every accepted answer and makes every listed mistake. It is
graded twice, by stock nbgrader and by the course's settings, and every exercise of every student is compared.
"""

import os
import sys
import tempfile
from pathlib import Path

from press import ROOT
from rehearsal import stock_nbgrader
from rehearsal.course import Course
from rehearsal.sample_class import Assignment, Student, encoded, right_in_other_styles, wrong_answers


def graded(folder, name, config):
    """(student, exercise) → points, and the class."""
    course = Course(folder, name, config)
    (folder / "nbgrader_config.py").write_text(f"{stock_nbgrader.CONFIG}c.Execute.timeout = 30\n")  # nbgrader's own
    # released by the course's own settings both times: the same notebook
    Course.nbgrader(course, "generate_assignment", name)
    assignment = Assignment(course.released, course.solution)
    students = [
        Student("模範解答", "", encoded(assignment.notebook())),
        *right_in_other_styles(assignment),
        *wrong_answers(assignment),
    ]
    for student in students:
        student.hand_in(folder / "submitted", name)
    course.nbgrader("autograde", name, "--create")
    return {
        (student, exercise): points
        for student, grades in course.scores().items()
        for exercise, (points, _) in grades.items()
    }


def main():
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    differences = 0
    chosen = set(sys.argv[1:])
    for source in sorted(ROOT.glob("solutions/*/*.ipynb")):
        if chosen and source.stem not in chosen:
            continue
        with tempfile.TemporaryDirectory() as place:
            stock = graded(Path(place, "stock"), source.stem, Path(place, "stock"))
            ours = graded(Path(place, "ours"), source.stem, ROOT)
        other = sorted(key for key in stock.keys() | ours.keys() if stock.get(key) != ours.get(key))
        differences += len(other)
        print(
            f"{source.stem:28} {len({student for student, _ in ours}):3} 名 {len(ours):5} 件の採点、違い {len(other)}"
            " / scores compared, different",
            flush=True,
        )
        for key in other:
            print(f"    {' '.join(key)}: nbgrader {stock.get(key)}, dlcourse {ours.get(key)}")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
