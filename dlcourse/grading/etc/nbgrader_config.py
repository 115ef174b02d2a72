"""Goes to etc/jupyter of the environment: nbgrader reads it before a course's own settings, which may have an error."""

from dlcourse.grading import strict

strict.errors_end_the_command()
