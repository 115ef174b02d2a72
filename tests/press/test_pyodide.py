"""press/live/pyodide.py: what does not have the locked content is not taken, wherever it comes from."""

import json

import pytest

from dlcourse.grading.isolation.portable import pyodide as locked
from press.live import pyodide


@pytest.fixture
def release(tmp_path, monkeypatch):
    """A small official release: the core, and three packages of which two are needed. Nothing is on the network."""
    folder = tmp_path / "release"
    folder.mkdir()
    for name in [*pyodide.CORE, "numpy.whl", "open-blas.whl", "other.whl"]:
        (folder / name).write_text(name)
    packages = {
        name: {"file_name": f"{name}.whl", "sha256": pyodide.digest(f"{name}.whl".encode()), "depends": depends}
        for name, depends in {"numpy": ["open_blas"], "open-blas": [], "other": []}.items()
    }
    monkeypatch.setattr(pyodide, "PACKAGES", ["numpy"])
    monkeypatch.setattr(locked, "LOCK", tmp_path / "pyodide-lock.json")
    (folder / "pyodide-lock.json").write_text(json.dumps({"info": {"version": "1.2.3"}, "packages": packages}))
    monkeypatch.setattr(locked, "from_carrier", lambda folder, wanted: None)
    monkeypatch.setattr(locked, "from_official", lambda folder, wanted, version: None)
    monkeypatch.setenv("PYODIDE", str(folder))
    pyodide.pin(folder)
    return folder


def test_what_is_needed_is_fetched_and_nothing_else(release, tmp_path):
    pyodide.fetch(tmp_path / "site")
    assert {file.name for file in (tmp_path / "site").iterdir()} == {
        *pyodide.CORE,
        "numpy.whl",
        "open-blas.whl",
        "pyodide-lock.json",
    }


@pytest.mark.parametrize("name", ["pyodide.asm.wasm", "numpy.whl"])
def test_a_changed_file_is_refused_and_named(release, tmp_path, name):
    (release / name).write_text("something else")
    with pytest.raises(SystemExit, match=f"1\\.2\\.3.*{name}"):
        pyodide.fetch(tmp_path / "site")
    assert not (tmp_path / "site" / name).exists()


def test_a_damaged_file_is_fetched_again(release, tmp_path):
    pyodide.fetch(tmp_path / "site")
    (tmp_path / "site" / "numpy.whl").write_text("half")
    pyodide.fetch(tmp_path / "site")
    assert (tmp_path / "site" / "numpy.whl").read_text() == "numpy.whl"


def test_this_environment_has_every_file():
    assert not locked.missing(pyodide.FOLDER, locked.files(locked.lock()))
