"""Let Matplotlib list the machine's fonts before the pages run.

The first import on a new machine may take seconds and then says so on stderr. Inside a cell that
message would be a warning of the build, and it would be kept in the execution cache.
"""


def list_fonts(app):
    import matplotlib.font_manager  # noqa: F401  (listing the fonts is what the import does)


def setup(app):
    app.connect("builder-inited", list_fonts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
