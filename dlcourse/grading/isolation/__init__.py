"""Running a notebook. It knows neither nbgrader nor exercises: data comes in and goes out.

pool               several notebooks at once, on this machine or on Dask's workers
worker             a process of the grader's that can be ended
notebook           one notebook: its cells, and what became of them
session            the student's process and the time that is left for it
course_cells       a cell of the course's, run on the grader's side
guard              what a test may not do with what students have written, and where its process may look

What a test sees of the student's process, and what it changes there:
names              the names of a cell: those of the course's own cells, then the student's
builtins_for_tests isinstance, type, eval, import and their kin
questions          what is asked of the student's process, and the errors that come back
proxies            the student's functions and objects
student_classes    … and classes
exposure           the test's own objects, as far as the student's code may use them
surroundings       modules, environment and random numbers that a test changes
shared_files       the files beside the notebook

engines            what starts students' processes, and which engine does here
sandbox            the Linux engine: a prepared process from which they come
portable/          the engine for any system: WebAssembly
students_library   what they may import
folders            where they work
processes          what processes are started with, on each system
student_process    one of them, seen from the grader
outputs            what it has shown, rebuilt

On both sides:
wire               calls between the two
line               what carries them
encoding           the values in them
further_values, pandas_values, sympy_values, parts
                   … of the standard library and others, taken apart and made again
changes            what a call has changed in them
special_methods    operations by their names

The student's side, copied there with these and with what of dlcourse students may use (students_library.FOR_STUDENTS):
forkserver         the prepared process of the Linux engine
confine            … rights that a process takes away from itself
shell              IPython and Matplotlib as a notebook has them
student            runs cells and answers the grader
student_objects    … about functions, classes and objects
student_surroundings
                   … about names, modules and files
objects_of_tests   what a test has handed over
"""
