"""tools/environment.py and the Makefile: clear words when something is missing, repair after an interruption."""

import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

import course
from tests.helpers import ROOT
from tools import environment


@pytest.fixture
def commands(monkeypatch):
    """Installing is recorded, not done."""
    seen = []
    monkeypatch.setattr(environment, "install", seen.append)
    return seen


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An environment that already starts, so that no real one has to be made."""
    monkeypatch.setattr(environment, "works", lambda python: True)
    made = tmp_path / ".venv"
    made.mkdir()
    return made


def make(*arguments):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=plain, capture_output=True, text=True)


def test_without_make_the_same_commands_are_there():
    told = subprocess.run([sys.executable, ROOT / "course.py", "nothing"], capture_output=True, text=True)
    assert told.returncode == 1
    for line in ("python course.py book", "python course.py test", "py course.py book"):
        assert line in told.stderr
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert set(re.findall(r"course\.py (\w+)", makefile)) < set(course.COMMANDS), "make calls them"


@pytest.mark.parametrize(("system", "place"), [("nt", "Scripts/python.exe"), ("posix", "bin/python")])
def test_programs_lie_where_the_system_has_them(system, place, tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "os", SimpleNamespace(name=system))
    assert environment.program(tmp_path, "python") == tmp_path / place


def test_make_alone_lists_the_targets():
    listed = make()
    assert listed.returncode == 0
    for target in ("book", "test", "exercises", "grade-demo", "lock", "clean"):
        assert f"make {target} " in listed.stdout


@pytest.mark.parametrize("version", ["Python 3.9.18", "Python 2.7.18"])
def test_an_old_python_is_named_with_what_to_do(tmp_path, version):
    old = tmp_path / "python"
    old.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo {version} && exit 0\nexit 1\n')
    old.chmod(0o755)
    refused = make("book", f"PYTHON={old}")
    assert refused.returncode != 0
    message = refused.stderr.splitlines()[0]
    assert version in message and "3.11" in message and "make book PYTHON=" in message


def test_an_interrupted_set_up_is_noticed_and_finished(folder, commands, capsys):
    environment.main(folder)
    assert "途中で終わっていました" in capsys.readouterr().out
    assert len(commands) == 3 and (folder / "ready").exists()


def test_a_finished_set_up_does_nothing(folder, commands, capsys):
    environment.main(folder)
    commands.clear()
    capsys.readouterr()
    environment.main(folder)
    assert not commands and capsys.readouterr().out == ""


def test_a_set_up_that_failed_is_not_taken_for_finished(folder, monkeypatch):
    monkeypatch.setattr(environment, "install", lambda command: environment.stop("no"))
    with pytest.raises(SystemExit):
        environment.main(folder)
    assert not (folder / "ready").exists()


def test_a_changed_lock_installs_again(folder, commands, monkeypatch):
    environment.main(folder)
    commands.clear()
    monkeypatch.setattr(environment, "fingerprint", lambda: "another")
    environment.main(folder)
    assert len(commands) == 3


def test_a_failed_installation_says_what_to_do(capfd):
    with pytest.raises(SystemExit) as stopped:
        environment.install([sys.executable, "-c", "import sys; sys.exit('no route to host')"])
    assert "ネットワーク" in str(stopped.value) and "check the network" in str(stopped.value)
    assert "no route to host" in capfd.readouterr().err


def test_a_broken_environment_is_made_again_by_its_own_python(tmp_path):
    """What happens when it is activated: python3 is then the link inside the folder to be removed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    for name in ("tools/environment.py", "dlcourse/grading/isolation/portable/pyodide-lock.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.txt").write_text("uv==0\n")
    (tmp_path / "pyproject.toml").touch()
    run = subprocess.run(
        [tmp_path / ".venv" / "bin" / "python", tmp_path / "tools" / "environment.py", ".venv"],
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in run.stderr
    assert run.stderr.splitlines()[-1].startswith("✗ パッケージをインストールできませんでした")
    assert environment.works(tmp_path / ".venv" / "bin" / "python")
