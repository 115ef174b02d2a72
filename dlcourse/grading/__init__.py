"""The grader's side: what `nbgrader …` does with a course whose nbgrader_config.py calls `install.isolated_grading(c)`.

A submission's way, and where each step stands:

    downloaded/ ── collect ──► submitted/
    autograde: one submission after the other, written whole or not at all
        desk/submissions, desk/reading   which file is which notebook, and what is in it
        desk/tidying, nbgrader's ClearOutput   what is no part of the work: outputs, odd settings of cells
        desk/restoring                   its cells as they were released, around the answers
        execute, isolation/              run: answers as a stranger's program, tests with the student's names
        desk/inert                       nothing in it acts or reaches out when a teacher opens it
        desk/gradebook                   its points, in one transaction
    autograded/ ── generate_feedback, feedback ──► feedback/
    gradebook.db ── exports, marks/, report ──► grades.csv, report.html

Doors: what nbgrader and a course's settings name. Their paths stay.
    install            puts the following in nbgrader's place
    absent             … where the grading's packages are not installed
    strict             an error in the settings ends the command
    generate_assignment `nbgrader generate_assignment`: … and whether the solution passes
    collect            `nbgrader zip_collect`: downloads of learning platforms
    autograde          `nbgrader autograde`
    cells              its steps on cells, and that of the feedback
    execute            its step that runs a notebook
    generate_feedback  `nbgrader generate_feedback`: which pages are to be made
    feedback           one such page
    exports            `nbgrader export`: points for spreadsheets and learning platforms
    report             … and what the class has understood
    gradescope         all of this as an autograder there
    refusal            why grading stops: the line that the teacher reads

Rooms: the __init__.py of each says what is in it.
    desk/              a submission's way in and out. It knows nbgrader and the course's folders.
    isolation/         running a notebook. It knows neither nbgrader nor exercises: data comes in and goes out.
    platforms/         what comes from learning platforms: rosters, downloads, whose each file is.
    marks/             … and the marks as they take them.
    display/           what of others' texts and pictures can be shown.

Doors import from all rooms; marks from platforms; both from the desk; the desk from isolation and display; isolation
from display.
"""
