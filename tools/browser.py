"""Make sure that there is a Chromium and a Japanese font for the tests: `python tools/browser.py`.

Does nothing when both are there. Otherwise it installs them, saying so, or says what to install.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Draws pages without a window around each, which would cost more than most pages do.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HELP = (
    "✗ テストには Chromium と日本語フォントが必要です。Debian/Ubuntu では apt install chromium fonts-noto-cjk を"
    "実行してください。環境変数 CHROMIUM でブラウザーの場所を指定することもできます。 / the tests need Chromium and a "
    "Japanese font: install them, or set CHROMIUM to the path of a browser."
)


def find() -> str | None:
    """The path of a Chromium, or None. An environment variable CHROMIUM wins over PATH."""
    if "CHROMIUM" in os.environ:
        return shutil.which(os.environ["CHROMIUM"])
    return next(filter(None, map(shutil.which, NAMES)), None) or playwrights_own()


def playwrights_own() -> str | None:
    """The Chromium that `playwright install chromium` puts into the user's cache, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def has_japanese_font() -> bool:
    """Whether Japanese text can be drawn; without fc-list the system's own fonts are trusted."""
    if not shutil.which("fc-list"):
        return sys.platform != "linux"
    return bool(subprocess.run(["fc-list", ":lang=ja"], capture_output=True).stdout)


def run(*command: str) -> bool:
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def install_packages() -> None:
    """Chromium and the font from the system's own packages; only root on Debian and its relatives can."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("テスト用の Chromium とフォントを apt-get で入れます / installing with apt-get", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    run("apt-get", "update", "-qq")
    if not has_japanese_font():
        run(*install, "fontconfig", "fonts-noto-cjk")
    for package in (SHELL, "chromium"):  # not every system has the first
        if not find():
            run(*install, package)


def complete() -> bool:
    return bool(find()) and has_japanese_font()


def main() -> None:
    if complete():
        return
    install_packages()
    if not find():
        print("テスト用の Chromium をダウンロードします / downloading Chromium for the tests", flush=True)
        run(sys.executable, "-m", "playwright", "install", "chromium")
    if not complete():
        sys.exit(HELP)


if __name__ == "__main__":
    main()
