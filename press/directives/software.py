"""`{software}` lists the packages that the course is made with: version and licence, as they say themselves.

A licence that is not in COMPATIBLE is a warning, which fails the build: someone must read it first.
"""

import re
from collections.abc import Iterable
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution, requires

from docutils import nodes
from docutils.statemachine import StringList
from packaging.requirements import Requirement
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from press import ROOT
from press.words import say

LOCKED = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.M)

# (pip-licenses passes a package when any one of its classifiers is allowed; here all of them have to be.)
# What may stand beside MIT-licensed code and be passed on with it. (LGPL, GPL, AGPL: not without thought.)
COMPATIBLE = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "IPA", "ISC", "MIT", "MIT-0", "MIT-CMU",
    "MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
}  # fmt: skip
# Loaded unchanged, on the machine of who has installed them; nothing that the course passes on holds them, so that what
# their licences ask of who passes them on is theirs alone. Only for an extra that grades and teaches without them, too,
# and data that can be had from its publishers by anybody.
APART = {
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "jntajis-python": "BSD-3-Clause AND CC-BY-4.0 AND CC-BY-SA-2.1-JP",
}
# How older packages write these.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
READ = {
    "axe-playwright-python": "MIT AND MPL-2.0",  # names none; LICENSE is MIT, and the axe-core inside is MPL
    # its code, and the maps of 国税庁 and of 文字情報技術促進協議会 inside
    "jntajis-python": "BSD-3-Clause AND CC-BY-4.0 AND CC-BY-SA-2.1-JP",
    "pkginfo": "MIT",  # names none; LICENSE.txt is MIT
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",  # these for itself and PDFium; those of what PDFium holds are alike
    "docutils": "BSD-2-Clause",  # COPYING: public domain but for parts under BSD and PSF; the GPL file is for Emacs
}


def licence(name: str) -> str:
    """The licence of an installed package as an SPDX expression, or "" when it names none."""
    if name in READ:
        return READ[name]
    facts = distribution(name).metadata
    if expression := first(facts, "License-Expression"):
        return expression
    lines = [line.split(" :: ") for line in facts.get_all("Classifier") or []]
    stated = [line[-1] for line in lines if line[0] == "License" and line[-1] not in ("OSI Approved", "DFSG approved")]
    stated = stated or [first(facts, "License").split("\n")[0]]
    return " AND ".join(SPDX.get(one, one) for one in stated)


def first(facts: PackageMetadata, field: str) -> str:
    """What a package says in this field first, or ""."""
    return next(iter(facts.get_all(field) or []), "")


def is_compatible(expression: str) -> bool:
    parts = re.split(r" AND | OR |[()]", expression)
    return all(part.strip() in COMPATIBLE for part in parts if part.strip()) and bool(expression)


def incompatible() -> dict[str, str]:
    """name → licence of the packages that someone must look at."""
    licences = {name: licence(name) for name in locked()}
    return {
        name: licence for name, licence in licences.items() if not is_compatible(licence) and licence != APART.get(name)
    }


def locked() -> list[str]:
    """The packages of requirements.txt that are installed here; some are for other systems only."""
    names = []
    for name in sorted(set(LOCKED.findall((ROOT / "requirements.txt").read_text("utf-8"))), key=str.lower):
        try:
            distribution(name)
        except PackageNotFoundError:
            continue
        names.append(name)
    return names


def direct() -> set[str]:
    """The packages that pyproject.toml itself asks for."""
    asked = requires("dlcourse")
    if not asked:
        raise LookupError("dlcourse: installed without a list of what it needs; install it again")
    return {Requirement(line).name.lower() for line in asked} - {"dlcourse"}


def table(names: Iterable[str]) -> list[str]:
    rows = [f"| {name} | {distribution(name).version} | {licence(name)} |" for name in names]
    return [say("| パッケージ | 版 | ライセンス |"), "|---|---|---|", *rows]


class SoftwareDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ROOT / "requirements.txt"))
        problems = [
            self.state.document.reporter.warning(f"{name}: unknown or incompatible licence 「{licence}」")
            for name, licence in incompatible().items()
        ]
        used = direct()
        text = [
            *table(name for name in locked() if name in used),
            "",
            "::::{dropdown} " + say("上のパッケージが使うもの"),
            *table(name for name in locked() if name not in used),
            "::::",
        ]
        box = nodes.Element()
        self.state.nested_parse(StringList(text, source="requirements.txt"), 0, box)
        return [*problems, *box.children]


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_directive("software", SoftwareDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
