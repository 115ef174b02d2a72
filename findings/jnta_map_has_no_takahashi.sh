#!/usr/bin/env bash
# jntajis-python 0.1.0: the tax agency's scheme of shrinking kanji has nothing for the 髙 of many family names.
#
# Guess: the conversion that the National Tax Agency publishes for names in its register turns the variants that are
#   usual in family names (髙橋, 吉野家's 𠮷, 淸水) into the standard shapes, so that a roster and a register agree.
# Seen: for these three it gives the replacement character U+FFFD, and no error; 﨑 becomes 崎. The other published map
#   (MJ縮退マップ), in the same package, knows 高, 吉 and 清 for them by one of its rules. Who compares names by the first
#   alone finds 髙田 equal to 𠮷田.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: jntajis-python==0.1.0
PYTHONUTF8=1 "$place/venv/bin/python" - > "$place/seen.txt" <<'PYTHON'
from importlib.metadata import version

import jntajis

print("jntajis-python", version("jntajis-python"))
for kanji in "髙𠮷淸﨑邉":
    shrunk = jntajis.jnta_shrink_translit(kanji)
    others = jntajis.mj_shrink_candidates(kanji, jntajis.MJShrinkSchemeCombo.JIS_INCORPORATION_UCS_UNIFICATION_RULE)
    print(f"{kanji}: {'U+FFFD' if shrunk == chr(0xFFFD) else shrunk}", "/", *sorted(others))
PYTHON
cat "$place/seen.txt"
diff "$place/seen.txt" - <<'EXPECTED'
jntajis-python 0.1.0
髙: U+FFFD / 高 髙
𠮷: U+FFFD / 吉 𠮷
淸: U+FFFD / 淸 清
﨑: 崎 / 﨑
邉: 邉 / 邉
EXPECTED
echo "as found"
