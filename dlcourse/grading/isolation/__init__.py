"""Running a notebook. It knows neither nbgrader nor exercises: data comes in and goes out.

pool               several notebooks at once, on this machine or on Dask's workers
worker             a process of the grader's that can be ended
notebook           one notebook: its cells, and what became of them
session            the student's process and the time that is left for it
course_cells       a cell of the course's, run on the grader's side
proxies            the student's names as the tests see them
sandbox            the prepared process from which students' processes come, and what they may import
folders            where they work
student_process    one of them, seen from the grader
outputs            what it has shown, rebuilt
wire               calls between the two sides
encoding           the values in them
forkserver, confine, student, shell
                   the student's side: these are copied there, with wire and encoding, and nothing else
"""
