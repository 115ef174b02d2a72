#!/usr/bin/env bash
# nbconvert 7.17.2: a picture attached to a text under another than a plain ASCII name ends the whole conversion.
#
# Guess: what JupyterLab writes when a picture is pasted or dropped into a text — the attachment "図 1.png", and a link
#   to it with that name percent-encoded — is shown in the HTML page, as is an <img> tag that names an attachment.
# Seen: names with a blank or with a letter beyond ASCII raise InvalidNotebook, "missing attachment", and no page is
#   made at all, since the name in the link is compared without decoding it. A name that is written without encoding
#   is encoded on the way, and fails as well. The <img> tag stays as it is and shows nothing.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check nbconvert==7.17.2 nbformat==5.11.1 mistune==3.4.0
cd "$place"
"$place/venv/bin/python" - > seen.txt 2> /dev/null <<'PYTHON'
import nbconvert
from nbconvert import HTMLExporter
from nbformat import v4

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQAAAAC1D1u3AAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
print("nbconvert", nbconvert.__version__)
for text, name in (
    ("![x](attachment:fig.png)", "fig.png"), ("![x](attachment:my%20fig.png)", "my fig.png"),
    ("![x](<attachment:my fig.png>)", "my fig.png"), ("![x](attachment:%E5%9B%B3.png)", "図.png"),
    ("![x](attachment:図.png)", "図.png"), ('<img src="attachment:fig.png" width="300">', "fig.png"),
):
    cell = v4.new_markdown_cell(text, attachments={name: {"image/png": PICTURE}})
    try:
        page, _ = HTMLExporter().from_notebook_node(v4.new_notebook(cells=[cell]))
        print(text, "->", "shown" if PICTURE in page else "not shown")
    except Exception as error:
        print(text, "->", type(error).__name__, error)
PYTHON
cat seen.txt
diff seen.txt - <<'EXPECTED'
nbconvert 7.17.2
![x](attachment:fig.png) -> shown
![x](attachment:my%20fig.png) -> InvalidNotebook missing attachment: my%20fig.png
![x](<attachment:my fig.png>) -> InvalidNotebook missing attachment: my%20fig.png
![x](attachment:%E5%9B%B3.png) -> InvalidNotebook missing attachment: %E5%9B%B3.png
![x](attachment:図.png) -> InvalidNotebook missing attachment: %E5%9B%B3.png
<img src="attachment:fig.png" width="300"> -> not shown
EXPECTED
echo "as found"
