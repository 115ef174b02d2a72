"""Every edit of other software's pages, scripts and modules stops the build where it finds nothing to edit.

tests/dlcourse/test_foreign.py tests the helper; here each edit meets software that has changed.
"""

from types import SimpleNamespace

import pytest
from docutils import nodes
from sphinx.errors import ExtensionError

from dlcourse.foreign import Changed
from press import execution
from press.japanese import markdown
from press.live import lite
from press.look import citations, figures, interface, scripts, sheet


class Translator:
    """A writer of HTML that writes what it is given, as a newer one might."""

    written = ""

    def __init__(self, folder=None):
        self.body, self.builder = [], SimpleNamespace(srcdir=folder)

    def visit_citation(self, node):
        self.body.append(self.written)

    visit_image = visit_citation


def test_an_entry_of_the_bibliography_without_its_role(monkeypatch):
    monkeypatch.setattr(Translator, "written", '<div role="doc-biblioentry">')
    translator = Translator()
    citations.visit_citation(translator, None)
    assert translator.body == ['<div role="listitem">']
    monkeypatch.setattr(Translator, "written", "<div>")
    with pytest.raises(Changed, match="citation"):
        citations.visit_citation(translator, None)


def test_an_image_that_is_no_img(monkeypatch):
    monkeypatch.setattr(figures, "get_image_size", lambda path: (640, 480))
    monkeypatch.setattr(Translator, "written", '<img alt="図">')
    translator, image = Translator("."), nodes.image(uri="figure.png")
    figures.visit_image(translator, image)
    assert translator.body == ['<img width="640" height="480" loading="lazy" alt="図">']
    monkeypatch.setattr(Translator, "written", "<picture>")
    with pytest.raises(Changed, match="image"):
        figures.visit_image(translator, image)


def test_templates_whose_words_have_changed(monkeypatch):
    templates = interface.templates()
    assert len(interface.worded()) == len(templates)
    for template in templates:
        changed = templates | {template: {"Words of another version": ""}}
        monkeypatch.setattr(interface, "templates", lambda changed=changed: changed)
        with pytest.raises(Changed, match="sphinx_book_theme"):
            interface.worded()


def test_a_template_that_is_gone(monkeypatch):
    monkeypatch.setattr(interface, "templates", lambda: {f"{interface.THEME}/gone.html": {"Menu": "目次"}})
    with pytest.raises(Changed, match=r"gone\.html"):
        interface.worded()


def test_a_folded_cell_with_other_words(monkeypatch):
    node = {"classes": [], "prompt_show": "見る", "prompt_hide": "隠す"}
    translator = Translator()
    interface.visit_folded(translator, node)
    assert "aria-label" not in translator.body[0]
    monkeypatch.setattr(interface, "FOLDED", '<summary aria-label="Other words">')
    with pytest.raises(Changed, match="myst-nb"):
        interface.visit_folded(translator, node)


def app(folder, **more):
    return SimpleNamespace(outdir=folder, builder=SimpleNamespace(format="html", **more))


def test_a_copy_button_without_its_messages(tmp_path):
    script = tmp_path / "_static" / "copybutton.js"
    script.parent.mkdir()
    script.write_text("const messages = {\n  'en': {},\n};", "utf-8")
    for _ in range(2):  # a build that writes no page leaves the script as it is
        interface.word_copy_button(app(tmp_path), None)
        assert script.read_text("utf-8").count("コピーしました") == 1
    script.write_text("const texts = {};", "utf-8")
    with pytest.raises(Changed, match="copybutton"):
        interface.word_copy_button(app(tmp_path), None)


def test_a_parser_that_is_made_elsewhere(monkeypatch):
    monkeypatch.delattr(markdown.myst_parser.parsers.sphinx_, "create_md_parser")
    with pytest.raises(Changed, match="create_md_parser"):
        markdown.setup(SimpleNamespace())


@pytest.mark.parametrize("place, name", [("running", "executenb"), ("of_pages", "single_nb_execution")])
def test_cells_that_are_run_elsewhere(monkeypatch, place, name):
    for module, patched in [(execution.running, "executenb"), (execution.of_pages, "single_nb_execution")]:
        monkeypatch.setattr(module, patched, getattr(module, patched))  # and put back what setup changes
    monkeypatch.delattr(getattr(execution, place), name)
    with pytest.raises(Changed, match=name):
        execution.setup(SimpleNamespace())


def test_thebe_with_other_names():
    files = SimpleNamespace(css_files=[("sphinx-thebe.css", {}), ("site.css", {})])
    handler = SimpleNamespace(handler=SimpleNamespace(__module__="sphinx_thebe"))
    theirs = SimpleNamespace(events=SimpleNamespace(listeners={"html-page-context": [handler]}), registry=files)
    scripts.leave_thebe_out(theirs, None)
    assert files.css_files == [("site.css", {})] and theirs.events.listeners == {"html-page-context": []}
    with pytest.raises(Changed, match="sphinx_thebe"):
        scripts.leave_thebe_out(theirs, None)


def test_a_script_that_no_extension_loads():
    loaded = [SimpleNamespace(filename=f"{name}.js", attributes={}, priority=500) for name in list(scripts.USES)[1:]]
    with pytest.raises(Changed, match="togglebutton"):
        scripts.only_what_is_used(None, "search", None, {"script_files": loaded, "css_files": []}, None)


def test_a_theme_without_the_style_sheets_or_the_icons(tmp_path):
    with pytest.raises(Changed, match=r"basic\.css"):
        list(sheet.put_together(tmp_path, set()))
    with pytest.raises(Changed, match="fa-solid-900"):
        sheet.slim(app(tmp_path, sheet_is_expected=True), None)
    sheet.slim(app(tmp_path), None)  # nothing was written


@pytest.mark.parametrize(
    ("style", "missing"),
    [
        ("", "no rule shows an icon"),
        (".fa::before{content:'\uf002'}@font-face{font-family:Font Awesome\\ 7 Free}", "fonts of icons"),
    ],
    ids=["other icons", "another family"],
)
def test_a_theme_with_icons_of_another_kind(tmp_path, style, missing):
    static = tmp_path / "_static"
    for name in [*sheet.STYLES, sheet.ICONS]:
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).touch()
    (static / "basic.css").write_text(style, "utf-8")
    with pytest.raises(Changed, match=missing):
        sheet.slim(app(tmp_path, sheet_is_expected=True), None)


def test_a_kernel_that_tells_nothing(tmp_path):
    with pytest.raises(ExtensionError, match="mend"):
        lite.mend(tmp_path)
