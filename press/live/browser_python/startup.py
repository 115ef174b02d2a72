"""What IPython runs first in a notebook of JupyterLite; book/lite/jupyter-lite.json names this file."""

get_ipython().run_line_magic("load_ext", "browser_python.notebook")  # type: ignore[name-defined]  # noqa: F821  (IPython's own)
