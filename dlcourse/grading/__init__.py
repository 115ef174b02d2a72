"""The grader's side: what `nbgrader …` does with a course whose nbgrader_config.py begins with `install.into(c)`.

A submission's way, and where each step stands:

    downloaded/ ── collect ──► submitted/
    autograde: one submission after the other, written whole or not at all
        desk/submissions, desk/reading   which file is which notebook, and what is in it
        desk/restoring                   its cells as they were released, around the answers
        execute, isolation/              run: answers as a stranger's program, tests with the student's names
        desk/inert                       nothing in it acts or reaches out when a teacher opens it
        desk/gradebook                   its points, in one transaction
    autograded/ ── generate_feedback, feedback ──► feedback/
    gradebook.db ── exports, report ──► grades.csv, report.html

Doors: what nbgrader and a course's settings name. Their paths stay.
    install            puts the following in nbgrader's place
    strict             an error in the settings ends the command
    collect            `nbgrader zip_collect`: downloads of Moodle, Canvas and others
    autograde          `nbgrader autograde`
    cells              its steps on cells, and that of the feedback
    execute            its step that runs a notebook
    generate_feedback  `nbgrader generate_feedback`: which pages are to be made
    feedback           one such page
    exports            `nbgrader export`: points for spreadsheets, Canvas and Moodle
    report             … and what the class has understood
    refusal            why grading stops: the line that the teacher reads

desk/: a submission's way in and out. It knows nbgrader and the course's folders.
    submissions        what a student handed in, and what became of it
    reading            a notebook from whatever stands in the file
    tidying            … with parts of the kinds that the format asks for
    cell_facts         what a cell defines, and whether it is still what was released
    restoring          the released cells around the answers
    written_answers    … in notebooks whose cells have lost their names
    inert              what acts or reaches out is taken out of a notebook
    markup             HTML, judged by its cost and then parsed where that can be ended
    hiding             what the feedback does not show
    course_material    what the notebooks need of the course
    gradebook          the points, read once and written once for each student
    database           what differs between SQLite and PostgreSQL
    assignment_state   whether points are those of what is handed in and released now
    lateness           when something was handed in, and what that costs
    times              times as people write them
    files              a course's folders, written by one grader at a time
    notes              what the teacher should know about a submission
    progress           how far a run is, and what became of everybody

isolation/: running a notebook. It knows neither nbgrader nor exercises: data comes in and goes out.
    pool               several notebooks at once, on this machine or on Dask's workers
    worker             a process of the grader's that can be ended
    notebook           one notebook: its cells, and what became of them
    session            the student's process and the time that is left for it
    course_cells       a cell of the course's, run on the grader's side
    proxies            the student's names as the tests see them
    sandbox            the prepared process from which students' processes come
    folders            where they work
    student_process    one of them, seen from the grader
    outputs            what it has shown, rebuilt
    wire               calls between the two sides
    encoding           the values in them
    forkserver, confine, student, shell
                       the student's side: these are copied there, with wire and encoding, and nothing else

display/: what of others' texts and pictures can be shown.
    characters         those that act, made visible
    pictures           what a page shows as a picture
    drawings           SVG, rebuilt
    album              how many pictures a page shows
    pictures_in_text   pictures where they stand in a text

Doors import from all rooms; the desk from isolation and display; isolation from display.
"""
