"""The libraries the benchmarks compare with. None of them is a dependency of the course."""

import importlib


def peer(name):
    """The module, or None with a line that says how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0].replace("sklearn", "scikit-learn")
        print(f"{name} がないので省きます。入れるには / skipped; to get it: .venv/bin/uv pip install {package}")
        return None
