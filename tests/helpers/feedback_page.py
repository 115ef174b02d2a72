"""How nbgrader's command makes a feedback page, for pages made without it."""

from pathlib import Path

import nbgrader
from traitlets.config import Config

# nbgrader's own template, as `nbgrader generate_feedback` names it
TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
TEMPLATE = Config({"HTMLExporter": {
    "template_name": "feedback", "extra_template_basedirs": [str(TEMPLATES / "templates")],
    "extra_template_paths": [str(TEMPLATES / "static" / "node_modules" / "bootstrap" / "dist" / "css")],
}})  # fmt: skip
NUMBERS = {"notebook": "ch1", "score": 1, "max_score": 2, "late_penalty": 0}
