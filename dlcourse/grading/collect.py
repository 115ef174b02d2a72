"""From what a learning platform lets a teacher download to submitted/STUDENT/ASSIGNMENT/: `nbgrader zip_collect`.

A course asks for it by naming these two in its settings. What they do stands in platforms/: whose a file is, and
which of several.
"""

from pathlib import Path

from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.plugins.zipcollect import ExtractorPlugin, FileNameCollectorPlugin

from dlcourse.grading.platforms.archives import UNREADABLE, Downloads
from dlcourse.grading.platforms.collecting import Collecting, write


class Collector(FileNameCollectorPlugin):
    """Collects by the course's roster, from any platform."""

    @staticmethod
    def run(app: ZipCollectApp) -> int:
        """What nbgrader does one file at a time, for all of them (see install.start_collecting); the exit code."""
        return Collecting(app).run()


class Extractor(ExtractorPlugin):
    """For courses with a collector of their own: unpacks zip files with Japanese names, in their folder alone."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        with Downloads(Path(archive_path), lambda place, words: self.log.warning("%s: %s", place, words)) as downloads:
            for entry in downloads.entries():
                place = Path(extracted_path, entry.item, entry.path)
                try:
                    if place.exists():
                        raise FileExistsError("同じ名前のものがあります")
                    place.parent.mkdir(parents=True, exist_ok=True)
                    write(entry, place)
                except UNREADABLE as error:
                    self.log.warning("%s: 取り出せません(%s)。 / unreadable", entry.shown, error)
