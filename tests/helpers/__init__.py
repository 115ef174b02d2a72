"""What several tests use.

books                 copies of the project, to build books in
cells                 the cells and exercises of a page, as its reader uses them
class_report          a class report whose numbers are known
commands              nbgrader's commands, in this process or in one that can be stopped
downloads             downloads of learning platforms, and what the collector sees in them
editions              the editions of a site, in their languages
editors               notebooks as programs save them
feedback_page         how nbgrader makes a feedback page
gradebooks            gradebooks made in a moment
imitations            classes of people whose names and files imitate each other
importers             what platforms make of a file of marks, rule by rule
judging               answers judged as the tests of the checks do
loaded                Jupyter Book in a process that is copied for every build
mutants               model answers that are changed in one place
oracles               values that are found in another way than by the code under test
own_assignment        cells of an assignment that a teacher has made
parts                 tests that are many of a kind, of which some stand for the others
postgres_server       a server of PostgreSQL for a test
searching             asking the search of the site
short_assignment      a part of the assignment, which a class takes little time for
side_by_side          pages opened a few at a time
unguarded             the hostile class where nothing guards: there its probes reach their aim
users                 other users, by their numbers alone
ways_to_write_values  values of answers, each written in many ways
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
