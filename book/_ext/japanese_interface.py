"""Japanese for the interface texts that have no Japanese catalogue, and for those that templates hold in English."""

from gettext import NullTranslations
from pathlib import Path

MISSING = {
    "Color mode": "表示の色",
    "Light": "明るい",
    "Dark": "暗い",
    "System Settings": "端末の設定に合わせる",
    "Link to this code": "このコードへのリンク",
    "Link to this definition": "この定義へのリンク",
    "Link to this equation": "この式へのリンク",
    "Link to this heading": "この見出しへのリンク",
    "Link to this image": "この図へのリンク",
    "Link to this table": "この表へのリンク",
    "Link to this term": "この用語へのリンク",
    "Skip to main content": "本文へ移動",
    "Back to top": "ページの先頭へ",
}
FIXED = {
    '"Toggle primary sidebar"': '"本の目次を開閉"',
    '"Toggle secondary sidebar"': '"ページの目次を開閉"',
    ' aria-label="Toggle hidden content"': "",  # the text beside it is its name
    'aria-label="Main"': 'aria-label="本の目次"',
    'aria-label="Page"': 'aria-label="ページの目次"',
    '>Type<span class="colon">': '>型<span class="colon">',
}
COPY_BUTTON = """const messages = {
  'ja': {
    'copy': 'コピー',
    'copy_to_clipboard': 'クリップボードにコピー',
    'copy_success': 'コピーしました',
    'copy_failure': 'コピーできませんでした',
  },
"""


class MissingTexts(NullTranslations):
    def gettext(self, message):
        return MISSING.get(message, message)


def complete_catalogue(app):
    # A fallback is asked only for what Sphinx's own Japanese catalogue lacks.
    app.translator.add_fallback(MissingTexts())


def replace_fixed_texts(app, exception):
    if exception or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text("utf-8")
        for english, japanese in FIXED.items():
            text = text.replace(english, japanese)
        page.write_text(text, "utf-8")
    script = Path(app.outdir) / "_static" / "copybutton.js"
    text = script.read_text("utf-8")
    if COPY_BUTTON not in text:
        script.write_text(text.replace("const messages = {\n", COPY_BUTTON), "utf-8")


def setup(app):
    app.connect("builder-inited", complete_catalogue)
    app.connect("build-finished", replace_fixed_texts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
