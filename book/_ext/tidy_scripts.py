"""A page asks only for the scripts and styles that it uses, and shows itself before any script runs.

The extensions that Jupyter Book 1 always loads put their files into every page. Thebe's even twice (an error in the
console of every page), with the names of outside servers; it has no switch, so its handlers are disconnected.
"""

# What must be in a page for these files to be of use, or None when the book never uses them.
USES = {
    "togglebutton": None,  # cells and boxes fold with <details>
    "toggleHint": None,
    "toggleOpenOnPrint": None,
    "design-tabs": "sd-tab-set",
    "clipboard": 'class="highlight',
    "copybutton": 'class="highlight',
}


def leave_thebe_out(app, config):
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if one.handler.__module__ != "sphinx_thebe"]
    app.registry.css_files[:] = [file for file in app.registry.css_files if file[0] != "sphinx-thebe.css"]


def is_used(file, body):
    text = f"{file.filename or file.attributes.get('body')}"
    for name, mark in USES.items():
        if name in text:
            return mark is not None and mark in body
    return True


def only_what_is_used(app, page, template, context, doctree):
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if is_used(file, body)]
    if page != "search":  # its own scripts are written into the template and build on the others
        context["script_files"] = [deferred(script) for script in context["script_files"]]


def deferred(script):
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


def setup(app):
    # Before every other handler of this event, while no page or builder has seen Thebe.
    app.connect("config-inited", leave_thebe_out, priority=0)
    app.connect("html-page-context", only_what_is_used, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
