"""Zip files so that the same files always give the same bytes."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

PLAIN, PROGRAM = 0o100644, 0o100755
OLDEST = "315532800"  # SOURCE_DATE_EPOCH: 1980, the first moment that a zip can name


def archive(target: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write the zip `target` from `files` (name → path, or what is in it)."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, given in sorted(files.items(), key=lambda file: file[0]):
            entry = zipfile.ZipInfo(name)  # dated 1980, whenever the file was written
            entry.create_system = 3  # Unix, whichever system this is: the modes below are its
            entry.external_attr = (PROGRAM if name.endswith(".py") else PLAIN) << 16
            content = given if isinstance(given, bytes) else given.read_bytes()
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED)
