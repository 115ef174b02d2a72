"""The exercises: sources in solutions/, and the notebooks that are made from them.

first_cell  the beginning of a notebook: it finds dlcourse
source      reads a source; says where it is not as it should be
notebooks   make exercises: the teacher's and the students' notebooks
new         make new-exercise: the skeleton of an exercise
"""
