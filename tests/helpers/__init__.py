"""What several tests use.

books             copies of the project, to build books in
class_report      a class report whose numbers are known
commands          nbgrader's commands, in this process or in one that can be stopped
editors           notebooks as programs save them
feedback_page     how nbgrader makes a feedback page
gradebooks        gradebooks made in a moment
loaded            Jupyter Book in a process that is copied for every build
mutants           model answers that are changed in one place
oracles           values that are found in another way than by the code under test
postgres_server   a server of PostgreSQL for a test
short_assignment  a part of the assignment, which a class takes little time for
unguarded         the hostile class where nothing guards: there its probes reach their aim
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
