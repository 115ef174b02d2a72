"""Make every page again when the code that makes pages has changed.

Sphinx compares the pages' own files and the settings; a change in these extensions, in a style or in
the reader of the exercises would leave the old pages in the site. So their content becomes a setting.
"""

import hashlib
from pathlib import Path

PATTERNS = [
    "book/_ext/*.py",
    "book/_ext/*.js",
    "book/_static/**/*",
    "book/_templates/**/*.html",
    "tools/exercise_source.py",
    "tools/fences.py",
]


def record(app, config):
    digest = hashlib.sha256()
    for pattern in PATTERNS:
        for file in sorted(Path(app.srcdir).glob(pattern)):
            if file.is_file():
                digest.update(file.read_bytes())
    config.site_code = digest.hexdigest()


def setup(app):
    app.add_config_value("site_code", "", "env")
    app.connect("config-inited", record)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
