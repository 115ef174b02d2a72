"""Learning platforms: what comes from them, and what goes back. It knows nbgrader and the desk.

systems        how each of them names what it lets a teacher download: the table to add to
names          names of people as different systems write them, made comparable
people         the students of a course by all that a platform may call them
archives       the files in a folder of downloads, and in zip archives
tables         lists of people as Excel and the platforms write them
lists          … those that lie beside the submissions
handing_in     when something was handed in
owners         whose each file is
which          which of several files is the one to grade
collecting     one run of `nbgrader zip_collect`
known          what is known of the students besides nbgrader's own columns
"""
