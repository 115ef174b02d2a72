"""A page asks only for the scripts and styles that it uses, and shows itself before any script runs.

The extensions that Jupyter Book 1 always loads put their files into every page. Thebe's even twice (an error in the
console of every page), with the names of outside servers; it has no switch, so its handlers are disconnected.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.events import EventListener
from sphinx.util.typing import ExtensionMetadata

from dlcourse import foreign
from press.pages import Context

if TYPE_CHECKING:  # Sphinx gives these names to none but itself
    from sphinx.builders.html._assets import _CascadingStyleSheet, _JavaScript

THEBE, THEBE_SHEET = "sphinx_thebe", "sphinx-thebe.css"
# What must be in a page for these files to be of use, or None when the book never uses them.
USES = {
    "togglebutton": None,  # cells and boxes fold with <details>
    "toggleHint": None,
    "toggleOpenOnPrint": None,
    "design-tabs": "sd-tab-set",
    "clipboard": 'class="highlight',
    "copybutton": 'class="highlight',
}

Item = TypeVar("Item")


def leave_thebe_out(app: Sphinx, config: Config) -> None:
    handlers = [leave_out(listeners, is_thebes) for listeners in app.events.listeners.values()]
    sheets = leave_out(app.registry.css_files, lambda file: file[0] == THEBE_SHEET)
    if not any(handlers) or not sheets:
        raise foreign.Changed(f"{THEBE}: expected handlers and {THEBE_SHEET}; look for what it puts into every page")


def is_thebes(listener: EventListener) -> bool:
    return listener.handler.__module__ == THEBE


def leave_out(items: list[Item], is_unwanted: Callable[[Item], bool]) -> int:
    """Take these out of a list; how many."""
    before = len(items)
    items[:] = [item for item in items if not is_unwanted(item)]
    return before - len(items)


def only_what_is_used(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    body = context.get("body", "")
    known = [name_of(file) for kind in ("script_files", "css_files") for file in context[kind]]
    for name in USES:
        if not any(name in file for file in known):
            raise foreign.Changed(f"{name}: no extension loads such a file any more; look at what they load instead")
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if is_used(name_of(file), body)]
    if page != "search":  # its own scripts are written into the template and build on the others
        context["script_files"] = [deferred(script) for script in context["script_files"]]


def name_of(file: "_JavaScript | _CascadingStyleSheet") -> str:
    return f"{file.filename or file.attributes.get('body')}"


def is_used(name: str, body: str) -> bool:
    marks = [mark for part, mark in USES.items() if part in name]
    return all(mark is not None and mark in body for mark in marks)


def deferred(script: "_JavaScript") -> "_JavaScript":
    """The same script, run in order when the page is there."""
    if script.filename:
        later = {"defer": "defer"}
    elif script.attributes["body"].startswith("DOCUMENTATION_OPTIONS"):
        later = {"type": "module"}
    else:
        return script
    # It asks for the Japanese of its button at once, when the translations must be there.
    priority = 900 if "sphinx_highlight" in str(script.filename) else script.priority
    return type(script)(script.filename, priority=priority, **script.attributes | later)


def setup(app: Sphinx) -> ExtensionMetadata:
    # Before every other handler of this event, while no page or builder has seen Thebe.
    app.connect("config-inited", leave_thebe_out, priority=0)
    app.connect("html-page-context", only_what_is_used, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
