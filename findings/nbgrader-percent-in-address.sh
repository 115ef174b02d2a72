#!/usr/bin/env bash
# Guess: an address of the gradebook with which every nbgrader command works, works with `nbgrader db upgrade`, too.
# Seen:  not when there is a % in it, as in every password with / @ : or Japanese letters (which a URL has to encode as
#        %2F …), or in a course folder called 100%. The command pastes the address into an alembic.ini, and alembic reads
#        that with configparser, for which a % begins the name of a variable. It ends with a traceback.
# Needs: network for pip; the database here is a SQLite file.
set -euo pipefail
unset PYTHONPATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet nbgrader==0.9.6 alembic==1.20.1 sqlalchemy==2.1.9
export PATH="$folder/venv/bin:$PATH"
mkdir "$folder/100%" "$folder/100"
"$folder/venv/bin/pip" list 2>/dev/null | grep -i -E '^(nbgrader|alembic|sqlalchemy) '
run() {  # folder, arguments …: says how the command has ended
    cd "$1"; shift
    if nbgrader "$@" >log 2>&1; then echo "in ${PWD##*/}: nbgrader $*: works"; else
        echo "in ${PWD##*/}: nbgrader $*: exit $?: $(grep -m1 -E 'ValueError|Interpolation|invalid' log)"; fi
}
{
    for name in 100 100%; do
        run "$folder/$name" db student add tanaka
        run "$folder/$name" db upgrade
    done
} | tee "$folder/seen"
[ "$(grep -c works "$folder/seen")" = 3 ]
grep -q 'in 100%: nbgrader db upgrade: exit 1' "$folder/seen"
echo "as seen before"
