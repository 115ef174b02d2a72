"""What several tests use.

books            copies of the project, to build books in
commands         nbgrader's commands, in this process or in one that can be stopped
mutants          model answers that are changed in one place
oracles          values that are found in another way than by the code under test
postgres_server  a server of PostgreSQL for a test
unguarded        the hostile class where nothing guards: there its probes reach their aim
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
