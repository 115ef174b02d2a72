"""Make the project's virtual environment: `python tools/environment.py .venv`.

Needs nothing but Python 3.11 (the Makefile checks the version) and does nothing when the environment
already matches requirements.txt. An interrupted run is noticed and repaired by the next one.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
# Inside an activated environment sys.executable is a link that goes when a broken environment is removed.
PYTHON = Path(sys.executable).resolve()


def stop(message: str) -> NoReturn:
    sys.exit("✗ " + message)


def fingerprint() -> str:
    """What the environment is made from; stored in it once everything is installed."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.txt", "pyproject.toml", "dlcourse/grading/isolation/portable/pyodide-lock.json"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def program(folder: Path, name: str) -> Path:
    """A program of the environment, where the system has them."""
    return folder / "Scripts" / f"{name}.exe" if os.name == "nt" else folder / "bin" / name


def works(python: Path) -> bool:
    """Whether the environment starts, has pip, and is of the Python that was asked for."""
    try:
        asked = subprocess.run(
            [str(python), "-c", "import pip, sys; print(sys.version)"], capture_output=True, text=True
        )
    except OSError:
        return False
    return asked.returncode == 0 and asked.stdout.strip() == sys.version.strip()


def locked_version(package: str) -> str:
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(package + "=="):
            return line.split()[0]
    stop(f"requirements.txt に {package} がありません。make lock で作り直してください。")


def install(command: Sequence[str | Path]) -> None:
    if subprocess.run([str(part) for part in command], cwd=str(ROOT)).returncode != 0:
        stop(
            "パッケージをインストールできませんでした。上の最後の行が原因です。ネットワークを確かめて、"
            "もう一度同じコマンドを実行してください(途中から続きます)。 / could not install the packages: "
            "check the network and run the same command again."
        )


def main(folder: Path) -> None:
    ready = folder / "ready"
    wanted = fingerprint()
    if ready.exists() and ready.read_text() == wanted:
        return
    python = program(folder, "python")
    if folder.exists() and not ready.exists():
        print("前回の準備が途中で終わっていました。続きから準備します。 / resuming an interrupted set-up.")
    if not works(python):
        shutil.rmtree(folder, ignore_errors=True)
        print(f"[1/3] 仮想環境 {folder.name} を作ります / creating the virtual environment", flush=True)
        made = subprocess.run([PYTHON, "-m", "venv", str(folder)], capture_output=True, text=True)
        if made.returncode != 0:
            reason = (made.stdout + made.stderr).strip().splitlines()[-1:]
            stop(
                "仮想環境を作れませんでした。Debian/Ubuntu では apt install python3-venv が必要です。 / "
                f"could not create a virtual environment. {' '.join(reason)}"
            )
    ready.unlink(missing_ok=True)
    print("[2/3] パッケージをインストールします(初回は数分) / installing the packages", flush=True)
    install([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", locked_version("uv")])
    # uv reads the same requirements.txt as pip and is about ten times faster. Compiled here once, or else at every
    # start where Python may write no bytecode (PYTHONDONTWRITEBYTECODE, as in many containers): seconds for each
    # command.
    uv: list[str | Path] = [program(folder, "uv"), "pip", "install", "--compile-bytecode", "--python", python]
    install([*uv, "-r", "requirements.txt"])
    # What the wheel brings to this place: an installation that can be edited leaves it out.
    settings = folder / "etc" / "jupyter"
    settings.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "dlcourse" / "grading" / "etc" / "nbgrader_config.py", settings)
    print("[3/3] ページの中で動く Python を用意します(初回は約 80 MB) / fetching the Python for the pages", flush=True)
    install([python, "-m", "press.live.pyodide"])
    ready.write_text(wanted)


if __name__ == "__main__":
    try:
        main(ROOT / sys.argv[1])
    except KeyboardInterrupt:
        stop("中断しました。同じコマンドで続きから再開します。 / interrupted; run the same command to go on.")
