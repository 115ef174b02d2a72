"""Zip files so that the same files always give the same bytes."""

import zipfile
from pathlib import Path

PLAIN, PROGRAM = 0o100644, 0o100755
OLDEST = "315532800"  # SOURCE_DATE_EPOCH: 1980, the first moment that a zip can name


def archive(target: Path, files: dict[str, Path]) -> None:
    """Write the zip `target` from `files` (name → path)."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name)  # dated 1980, whenever the file was written
            entry.create_system = 3  # Unix, whichever system this is: the modes below are its
            entry.external_attr = (PROGRAM if name.endswith(".py") else PLAIN) << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
