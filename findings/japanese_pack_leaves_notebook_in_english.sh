#!/usr/bin/env bash
# jupyterlab-language-pack-ja-JP 4.4.post3: the part for Jupyter Notebook is there, and holds nothing.
#
# Guess: the packs of one release translate the same programs; with the Japanese one, Jupyter Notebook 7 (and JupyterLite's
#   list of files, which is made of it) speaks Japanese as JupyterLab does.
# Seen: its catalogue "notebook" is loaded without a complaint and has no entry, where the French and the Chinese pack
#   have 92. JupyterLab's own has 1655. So menus are Japanese, while Files, New, Upload, Running and the hint above the
#   list stay English.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
  jupyterlab-language-pack-{ja-JP,fr-FR,zh-CN}==4.4.post3
PYTHONUTF8=1 "$place/venv/bin/python" - > "$place/seen.txt" <<'PYTHON'
import json
from importlib.resources import files

for name in ("ja_JP", "fr_FR", "zh_CN"):
    folder = files(f"jupyterlab_language_pack_{name}") / "locale" / name / "LC_MESSAGES"
    parts = {part: json.loads((folder / f"{part}.json").read_text("utf-8")) for part in ("jupyterlab", "notebook")}
    print(name, *(f"{part} {sum(bool(text) for text in said)}" for part, said in parts.items()))
PYTHON
cat "$place/seen.txt"
diff "$place/seen.txt" - <<'EXPECTED'
ja_JP jupyterlab 1655 notebook 0
fr_FR jupyterlab 1905 notebook 92
zh_CN jupyterlab 1905 notebook 92
EXPECTED
echo "as found"
