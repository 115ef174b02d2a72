"""The isolated grading put under a course of nbgrader's, by one line at the end of its nbgrader_config.py:

    from dlcourse.grading import install; install.isolated_grading(c)

It sets what grading needs and nothing of the course's own: folders, releases, late plugin, exports and the steps that
the course has added stay. Without the line nbgrader is again what it was. The loop that grades refuses to do so under
settings that do not isolate, and whatever is wrong with these ends the command (see strict.py).
"""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from nbgrader import converters
from nbgrader.apps.baseapp import NbGrader
from nbgrader.apps.dbapp import DbBaseApp, DbStudentImportApp
from nbgrader.apps.exportapp import ExportApp
from nbgrader.apps.zipcollectapp import ZipCollectApp
from traitlets.config.loader import LazyConfigValue

from dlcourse import foreign
from dlcourse.grading import absent, strict
from dlcourse.grading.desk import database, times
from dlcourse.grading.desk.files import shared_with_group
from dlcourse.grading.refusal import Halt

try:
    from dlcourse.grading.autograde import Autograde
    from dlcourse.grading.generate_assignment import GenerateAssignment
    from dlcourse.grading.generate_feedback import GenerateFeedback
except ModuleNotFoundError as error:
    # misc: to mypy these names are classes, and stay the ones that are imported above.
    GenerateAssignment = converters.GenerateAssignment  # type: ignore[misc]  # the release needs none of our packages
    Autograde, GenerateFeedback = absent.without(error), absent.without(error)  # type: ignore[misc]  # as above

REPLACED: dict[Any, list[str]] = {
    # The loop around nbgrader's steps opens the gradebook nine times for a student, and for ever passes by a student
    # with whom it was killed.
    Autograde: ["nbgrader.apps.autogradeapp.Autograde", "nbgrader.apps.api.Autograde"],
    # It does not know whether the solution passes the tests where these are run.
    GenerateAssignment: ["nbgrader.apps.generateassignmentapp.GenerateAssignment",
                         "nbgrader.apps.api.GenerateAssignment"],
    # It keeps a page although the points on it have changed, and takes a student's name for a pattern.
    GenerateFeedback: ["nbgrader.apps.generatefeedbackapp.GenerateFeedback", "nbgrader.apps.api.GenerateFeedback"],
    # It reads JST, and +0900 behind a blank, as other times than they are.
    times.parse_utc: ["nbgrader.utils.parse_utc", "nbgrader.coursedir.parse_utc", "nbgrader.apps.api.parse_utc",
                      "nbgrader.apps.zipcollectapp.parse_utc", "nbgrader.exchange.default.collect.parse_utc"],
    # It fails on an address with a % in it, as passwords have them.
    database.upgrade: ["nbgrader.dbutil.upgrade"],
}  # fmt: skip
nbgraders_start = NbGrader.start
nbgraders_collecting = ZipCollectApp.start
nbgraders_exporter = ExportApp.init_plugin


def start(app: NbGrader) -> None:
    """As NbGrader.start, unless the gradebook's server cannot be reached: some commands say that in a hundred lines."""
    if app.subapp is None and (problem := database.problem(app.coursedir.db_url)):
        raise Halt(problem)
    with shared_with_group(app.coursedir):
        nbgraders_start(app)


def start_collecting(app: ZipCollectApp) -> None:
    """As ZipCollectApp.start, unless the course's collector is ours: that looks at all files before it takes one."""
    run = getattr(app.collector_plugin, "run", None)
    if run is None:
        nbgraders_collecting(app)
        return
    NbGrader.start(app)
    sys.exit(run(app))


def start_importing(app: DbStudentImportApp) -> None:
    """In place of the import, which reads only nbgrader's headings, in UTF-8 without a mark, and empties cells."""
    DbBaseApp.start(app)
    if not app.extra_args:
        app.fail("名簿のファイルを書いてください: nbgrader db student import 名簿.xlsx / no file given")
    from dlcourse.grading.platforms import roster  # packages that a student's environment need not have

    if code := roster.import_files(app, app.extra_args):
        sys.exit(code)


def choose_exporter(app: ExportApp) -> None:
    """As ExportApp.init_plugin, with `nbgrader export NAME` for those of ours."""
    if app.extra_args:
        from dlcourse.grading import exports  # packages that a student's environment need not have

        app.plugin_class = exports.named(app.extra_args[0])
    nbgraders_exporter(app)


def into(c: Any) -> None:
    """Make nbgrader ours. c: the settings that are being read, which times without a zone refer to.

    Raises
    ------
    dlcourse.foreign.Changed
        When nbgrader no longer has one of the names.
    """
    for ours, places in REPLACED.items():
        for place in places:
            module, _, name = place.rpartition(".")
            foreign.patch(importlib.import_module(module), name, ours)
    foreign.patch(NbGrader, "start", start)
    foreign.patch(ZipCollectApp, "start", start_collecting)
    foreign.patch(DbStudentImportApp, "start", start_importing)
    foreign.patch(ExportApp, "init_plugin", choose_exporter)
    times.settings = c
    strict.errors_end_the_command()
    # nbgrader calls `alembic` by its bare name when it makes the gradebook. Without this, `.venv/bin/nbgrader` outside
    # an activated environment stops there and leaves half a gradebook.
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])


# Steps of nbgrader's whose work ours does. RestoreCells: what a cell is, the gradebook says. RunIsolated starts no
# kernel. What SaveAutoGrades and AssignLatePenalties write, the loop writes, together with everything else.
IN_PLACE_OF = {
    "sanitize_preprocessors": (
        ["dlcourse.grading.cells.RestoreCells"],
        ["DeduplicateIds", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata"],
    ),
    "autograde_preprocessors": (
        ["dlcourse.grading.execute.RunIsolated", "dlcourse.grading.cells.Inert"],
        ["Execute", "IgnorePattern", "SaveAutoGrades", "AssignLatePenalties", "CheckCellMetadata"],
    ),
}
# HTML that may stay in the teacher's copy and in the feedback; whatever is not named is shown as text.
TAGS = """a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre
    s span strong sub summary sup table tbody td tfoot th thead tr u ul""".split()
ATTRIBUTES = {"a": ["href", "title"], "td": ["colspan", "rowspan"], "th": ["colspan", "rowspan", "scope"]}
# How the notebook was run stays in it; all other metadata goes, as nbgrader would have it.
KEPT_METADATA = {("language_info", "name"), ("grading",)}


def isolated_grading(c: Any) -> None:
    """Have a course graded apart from what its students have written. c: its settings, as nbgrader_config.py has them.

    Raises
    ------
    dlcourse.foreign.Changed
        When nbgrader no longer has what is replaced.
    """
    into(c)
    for name, (ours, theirs) in IN_PLACE_OF.items():
        usual = converters.Autograde.class_traits()[name].default()
        given = c.Autograde.get(name, usual)
        steps = given.get_value(list(usual)) if isinstance(given, LazyConfigValue) else list(given)
        c.Autograde[name] = with_ours(steps, ours, theirs)
    c.Inert.enabled = True
    c.Inert.setdefault("tags", TAGS)
    c.Inert.setdefault("attributes", ATTRIBUTES)
    c.ClearMetadataPreprocessor.setdefault("preserve_nb_metadata_mask", KEPT_METADATA)


def with_ours(steps: list[Any], ours: list[str], theirs: list[str]) -> list[Any]:
    """These steps with ours in the first place of those that ours replace; steps are classes or their names."""

    def name_of(step: Any) -> str:
        return (step if isinstance(step, str) else step.__name__).rpartition(".")[2]

    first = next((place for place, step in enumerate(steps) if name_of(step) in theirs), len(steps))
    kept = [[step for step in part if name_of(step) not in theirs] for part in (steps[:first], steps[first:])]
    return [*kept[0], *(step for step in ours if step not in steps), *kept[1]]
