"""A submission's way in and out. It knows nbgrader and the course's folders.

submissions        what a student handed in, and what became of it
reading            a notebook from whatever stands in the file
tidying            … with parts of the kinds that the format asks for
cell_facts         what a cell defines, and whether it is still what was released
restoring          the released cells around the answers
languages          … in the language in which the notebook was handed out
written_answers    … in notebooks whose cells have lost their names
inert              what acts or reaches out is taken out of a notebook
markup             HTML, judged by its cost and then parsed where that can be ended
hiding             what the feedback does not show
course_material    what the notebooks need of the course
solution_check     whether the course's own solution passes its tests here
gradebook          the points, read once and written once for each student
database           what differs between SQLite and PostgreSQL
assignment_state   whether points are those of what is handed in and released now
lateness           when something was handed in, and what that costs
times              times as people write them
files              a course's folders, written by one grader at a time
notes              what the teacher should know about a submission
progress           how far a run is, and what became of everybody
"""
