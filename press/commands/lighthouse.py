"""Measure the built site with Lighthouse: `make lighthouse`.

Or `python -m press.commands.lighthouse ch5 index` for some pages.

Needs node (npx) and a Chromium. Lighthouse itself is fetched by npx, or named by the variable LIGHTHOUSE.
Prints a table and fails when a page misses a goal. Performance is only meant on a machine that does nothing else.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from press import ROOT
from press.commands import server
from tools import browser

SITE = ROOT / "_build" / "html"
LIGHTHOUSE = os.environ.get("LIGHTHOUSE", "npx --yes lighthouse@12.8.2")
MODES: dict[str, list[str]] = {"mobile": [], "desktop": ["--preset=desktop"]}
GOALS: dict[str, int | dict[str, int]] = {
    "performance": {"mobile": 90, "desktop": 98},
    "accessibility": 100,
    "best-practices": 100,
    "seo": 100,
}
LARGEST_SHIFT = 0.01
HEAD = f"{'page':34} {'mode':8} perf  a11y  best   seo     FCP     LCP     TBT   CLS"
CHROME = "--headless=new --no-sandbox --disable-gpu"

Report = dict[str, Any]  # as Lighthouse writes it in JSON


def measure(address: str, mode: str) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [*shlex.split(LIGHTHOUSE), address, "--quiet", f"--chrome-flags={CHROME}", *MODES[mode]]
        command += ["--output=json", f"--output-path={report}", f"--only-categories={','.join(GOALS)}"]
        environment = {**os.environ, "CHROME_PATH": browser.find() or ""}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        if not report.exists():
            sys.exit(f"✗ Lighthouse は {address} を測れませんでした / could not measure: {done.stderr.strip()[-500:]}")
        return json.loads(report.read_text("utf-8"))


def problems(report: Report, mode: str) -> Iterator[str]:
    """What misses its goal, in words."""
    for name, goal in GOALS.items():
        category = report["categories"][name]
        wanted = goal[mode] if isinstance(goal, dict) else goal
        if round(100 * category["score"]) < wanted:
            audits = [report["audits"][reference["id"]] for reference in category["auditRefs"] if reference["weight"]]
            missed = [audit["id"] for audit in audits if (audit["score"] or 0) < 0.9]
            yield f"{name} < {wanted}: {', '.join(missed)}"
    shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
    if shift >= LARGEST_SHIFT:
        yield f"layout shift {shift:.3f} ≥ {LARGEST_SHIFT}"


def row(name: str, mode: str, report: Report) -> str:
    scores = "  ".join(f"{round(100 * report['categories'][category]['score']):4}" for category in GOALS)
    times = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time"]
    seconds = " ".join(f"{report['audits'][name]['numericValue'] / 1000:6.2f}s" for name in times)
    return f"{name:34} {mode:8}{scores} {seconds} {report['audits']['cumulative-layout-shift']['numericValue']:5.3f}"


def main(wanted: list[str]) -> None:
    if not (SITE / "index.html").exists():
        sys.exit("✗ 先に make book を実行してください。 / run make book first.")
    if not browser.find() or not shutil.which(shlex.split(LIGHTHOUSE)[0]):
        sys.exit(
            "✗ Lighthouse には Chromium と Node.js 18 以上(npx)が必要です。 / needs Chromium and Node.js ≥ 18 (npx); "
            "or set LIGHTHOUSE to the command of an installed one."
        )
    pages = sorted([*SITE.glob("[!i]*.html"), *SITE.glob("book/*.html")])  # index.html only leads on
    pages = [page for page in pages if not wanted or any(name in page.name for name in wanted)]
    missed = []
    with server.serve(SITE) as address:
        print(HEAD)
        for page in pages:
            name = page.relative_to(SITE).as_posix()
            for mode in MODES:
                report = measure(f"{address}/{name}", mode)
                print(row(name, mode, report), flush=True)
                missed += [f"{name} ({mode}): {problem}" for problem in problems(report, mode)]
    sys.exit("\n".join(["✗ 目標に届かないページがあります / below the goals:", *missed]) if missed else None)


if __name__ == "__main__":
    main(sys.argv[1:])
