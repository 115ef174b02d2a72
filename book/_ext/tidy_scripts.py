"""Keep Thebe out of the pages.

Jupyter Book 1 always loads sphinx-thebe, which adds its scripts twice (an error in the console of every page)
and names outside servers. It has no switch, so its handlers are disconnected.
"""


def leave_thebe_out(app, config):
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if one.handler.__module__ != "sphinx_thebe"]
    app.registry.css_files[:] = [file for file in app.registry.css_files if file[0] != "sphinx-thebe.css"]


def setup(app):
    # Before every other handler of this event, while no page or builder has seen Thebe.
    app.connect("config-inited", leave_thebe_out, priority=0)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
