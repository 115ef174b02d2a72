"""The automatic runs: what can be tried of them without their server."""

import os
import subprocess
import tomllib

import pytest
import yaml

from tests.helpers import ROOT

WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
GH = """#!/usr/bin/env bash
echo "$@" >> "$CALLS"
case "$2" in
  list) echo "$OPEN" ;;
  *) while [ "$1" != --body-file ]; do shift; done; cat "$2" >> "$CALLS" ;;
esac
"""


def jobs(file):
    return yaml.safe_load(file.read_text("utf-8"))["jobs"]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_step_is_a_script_that_bash_reads_and_that_exists(file):
    for job in jobs(file).values():
        for step in job["steps"]:
            script = step.get("run", "")
            assert subprocess.run(["bash", "-n", "-c", script]).returncode == 0, script
            for word in script.split():
                if word.startswith(".ci/"):
                    assert os.access(ROOT / word, os.X_OK), word
                    assert subprocess.run(["bash", "-n", ROOT / word]).returncode == 0
                if word.startswith("make") and word == script.split()[0]:
                    target = script.split()[1]
                    assert f"\n{target}:" in (ROOT / "Makefile").read_text("utf-8"), target


def test_every_supported_python_is_tried():
    lowest = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    matrices = [job["strategy"]["matrix"] for file in WORKFLOWS for job in jobs(file).values() if "strategy" in job]
    tried = [matrix["python"] for matrix in matrices if "python" in matrix]
    assert len(tried) == 2
    promised = ["3.11", "3.12", "3.13"]
    assert sorted(map(len, tried)) == [3, 4], "and one more, every week"
    assert all(f">={versions[0]}" == lowest and versions[:3] == promised for versions in tried)


@pytest.mark.parametrize(("open_issue", "expected"), [("", "issue create --title 題名"), ("12", "issue comment 12")])
def test_a_report_opens_one_issue_and_then_adds_to_it(tmp_path, open_issue, expected):
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "output.txt").write_text("".join(f"行{number}\n" for number in range(100)), "utf-8")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls"), "OPEN": open_issue}
    environment |= {"GH_REPO": "someone/course", "GITHUB_SERVER_URL": "https://forge.example", "GITHUB_RUN_ID": "7"}
    subprocess.run([ROOT / ".ci" / "report", "題名", tmp_path / "output.txt"], env=environment, check=True)
    calls = (tmp_path / "calls").read_text("utf-8")
    assert expected in calls
    assert "https://forge.example/someone/course/actions/runs/7" in calls
    assert "行99" in calls and "行10\n" not in calls


def test_a_tagged_edition_stands_in_a_folder_of_its_own(tmp_path):
    project, site = tmp_path / "project", tmp_path / "site"
    project.mkdir()
    site.mkdir()
    (project / "Makefile").write_text("book:\n\tmkdir -p _build/html && cp text _build/html/index.html\n")
    git = ["git", "-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    subprocess.run([*git, "init", "--quiet"], cwd=project, check=True)
    for edition in ("v1", "v2"):
        (project / "text").write_text(edition)
        subprocess.run([*git, "add", "."], cwd=project, check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", edition], cwd=project, check=True)
        subprocess.run([*git, "tag", edition], cwd=project, check=True)
    (project / "text").write_text("what comes next")
    subprocess.run([ROOT / ".ci" / "editions", site], cwd=project, check=True, capture_output=True)
    assert {file.parent.name: file.read_text() for file in site.glob("*/index.html")} == {"v1": "v1", "v2": "v2"}
