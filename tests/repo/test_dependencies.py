"""What the course builds on: each package asked for with its purpose, each licence known."""

import re

from press.directives import software
from tests.helpers import ROOT


def test_every_direct_dependency_has_its_purpose():
    extras = (ROOT / "pyproject.toml").read_text("utf-8").partition("[project.optional-dependencies]")[2]
    lines = re.findall(r'^    "(?!dlcourse)([\w.-]+)[^"]*",(.*)$', extras.partition("\n[")[0], re.M)
    assert {name for name, _ in lines} | {"numpy"} == software.direct()
    assert not [name for name, rest in lines if not re.match(" +# .{10}", rest)]


def test_every_licence_is_known_and_compatible():
    assert software.direct() <= {name.lower() for name in software.locked()}
    assert not software.incompatible()


def test_a_licence_that_is_not_is_noticed(monkeypatch):
    assert software.is_compatible("MIT AND (Apache-2.0 OR BSD-2-Clause)")
    for licence in ("", "GPL-3.0-only", "MIT AND AGPL-3.0-or-later", "Proprietary"):
        assert not software.is_compatible(licence)
    licences = {"numpy": "GPL-3.0-only", "psycopg": "LGPL-3.0-only", "psycopg-binary": "GPL-3.0-only"}
    monkeypatch.setattr(software, "locked", licences.keys)
    monkeypatch.setattr(software, "licence", licences.get)
    assert software.incompatible().keys() == {"numpy", "psycopg-binary"}
