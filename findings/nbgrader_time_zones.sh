#!/usr/bin/env bash
# nbgrader 0.9.6: one moment, written with an offset or an abbreviation behind a blank, is read as other moments.
#
# Guess: parse_utc, which reads due dates and timestamp.txt, takes "+0900", "+09:00", "JST" and "Asia/Tokyo" behind a
#   time for the same nine hours, or refuses what it cannot read.
# Seen: with a blank before the zone, "+0900" is taken for nine hundred seconds, "-0500" for minus five hundred, and
#   "+09:00", "JST" and any word at all for UTC. Nothing is refused. nbgrader's own exchange writes such times: with
#   c.Exchange.timezone = "Asia/Tokyo" a submission at 01:00 is recorded as "01:00:00.000000 JST", and is then nine
#   hours late.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check nbgrader==0.9.6 python-dateutil==2.9.0.post0
cd "$place"
"$place/venv/bin/python" - > seen.txt 2> /dev/null <<'PYTHON'
from datetime import datetime
from importlib.metadata import version

from dateutil.tz import gettz
from nbgrader.exchange import Exchange
from nbgrader.utils import parse_utc

print("nbgrader", version("nbgrader"))
for zone in ("T01:00:00+0900", " 01:00:00 Asia/Tokyo", " 01:00:00 +0900", " 01:00:00 -0500", " 01:00:00 +09:00",
             " 01:00:00 JST", " 01:00:00 nowhere"):
    print(f"2026-11-11{zone:22} -> {parse_utc('2026-11-11' + zone)} UTC")
written = datetime(2026, 11, 11, 1, tzinfo=gettz("Asia/Tokyo")).strftime(Exchange.timestamp_format.default_value)
print("the exchange in Tokyo writes", written, "->", parse_utc(written), "UTC")
PYTHON
cat seen.txt
diff seen.txt - <<'EXPECTED'
nbgrader 0.9.6
2026-11-11T01:00:00+0900         -> 2026-11-10 16:00:00 UTC
2026-11-11 01:00:00 Asia/Tokyo   -> 2026-11-10 16:00:00 UTC
2026-11-11 01:00:00 +0900        -> 2026-11-11 00:45:00 UTC
2026-11-11 01:00:00 -0500        -> 2026-11-11 01:08:20 UTC
2026-11-11 01:00:00 +09:00       -> 2026-11-11 01:00:00 UTC
2026-11-11 01:00:00 JST          -> 2026-11-11 01:00:00 UTC
2026-11-11 01:00:00 nowhere      -> 2026-11-11 01:00:00 UTC
the exchange in Tokyo writes 2026-11-11 01:00:00.000000 JST -> 2026-11-11 01:00:00 UTC
EXPECTED
echo "as found"
