"""What several tests use.

books            copies of the project, to build books in
commands         nbgrader's commands, in this process or in one that can be stopped
judging          answers judged as the tests of the checks do
cells            the cells and exercises of a page, as its reader uses them
loaded           Jupyter Book in a process that is copied for every build
mutants          model answers that are changed in one place
oracles          values that are found in another way than by the code under test
postgres_server  a server of PostgreSQL for a test
unguarded        the hostile class where nothing guards: there its probes reach their aim
ways_to_write_values  values of answers, each written in many ways
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
