"""The catalogues are in step with the code, complete, and say the same in each language."""

import ast
import re

import pytest

from press import catalogues
from press.catalogues import DOMAINS, Domain, japanese_texts, updated, written
from press.languages import JAPANESE
from press.translation import QUOTED

PLACE = re.compile(r"\{\w*(?:![rsa])?(?::[^{}]*)?\}")
# Code and decimals that a text names: functions.relu, np.zeros(u.shape), W1, 1e-7.
NAMED = re.compile(
    r"\b(?:np|functions|rng)\.\w+|[A-Za-z_]\w*\([\w., :\[\]+*-]*\)|\b\d+\.\d+\b|\b\d+e-?\d+\b|\b[A-Za-z]\w*\d\b",
    re.ASCII,
)
CATALOGUES = [(domain, language) for domain in DOMAINS for language in domain.languages()]
NAMES = [f"{domain.name}-{language}" for domain, language in CATALOGUES]


def messages(domain, language, *, translated=True):
    return [
        message for message in catalogues.read(domain, language) if message.id and (message.string or not translated)
    ]


@pytest.fixture(params=CATALOGUES, ids=NAMES)
def catalogue(request):
    return request.param


def test_the_files_hold_what_follows_from_the_code(catalogue):
    domain, language = catalogue
    text, compiled = written(updated(domain, language))
    again = "python -m press.catalogues"
    assert domain.file(language).read_bytes() == text, again
    assert domain.file(language, ".mo").read_bytes() == compiled, again


def test_every_text_is_translated(catalogue):
    assert not [message.id for message in messages(*catalogue, translated=False) if not message.string]


def test_places_are_the_same(catalogue):
    for message in messages(*catalogue):
        assert set(PLACE.findall(message.id)) == set(PLACE.findall(message.string)), message.id


def test_a_translation_holds_no_japanese(catalogue):
    for message in messages(*catalogue):
        assert not JAPANESE.search(QUOTED.sub("", message.string)), message.string


@pytest.mark.parametrize("language", DOMAINS[0].languages())
def test_code_and_numbers_are_the_same(language):
    """In what dlcourse says; the site's own texts are about other things than code."""
    for message in messages(DOMAINS[0], language):
        lost = [name for name in NAMED.findall(message.id) if name not in message.string]
        assert not lost, f"{message.string} lacks {lost}"


def test_dlcourse_has_every_language_that_the_site_has():
    mine, site = (set(domain.languages()) for domain in DOMAINS[:2])
    assert mine == site


def test_answers_in_tables_are_no_texts(tmp_path):
    file = tmp_path / "table.py"
    file.write_text(
        '"""説明"""\nExercise(pitfalls={"\'間違い\'": "ヒント"}, variants=["1  # 正解"], section="節")\n', "utf-8"
    )
    assert set(japanese_texts(file)) == {"ヒント", "節"}


def test_a_text_with_values_is_no_fstring(monkeypatch, tmp_path):
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    file = tmp_path / "module.py"
    file.write_text('f"{name} がありません"\n', "utf-8")
    with pytest.raises(ValueError, match="module.py:1: an f-string has no translation"):
        list(japanese_texts(file))


def test_what_is_said_with_values_names_each_of_them():
    """say("… {name} …", name=…): a forgotten value would only show where the text is said."""
    for file in (file for file in DOMAINS[0].files() if file.suffix == ".py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"):
                continue
            text = node.args[0]
            given = {keyword.arg for keyword in node.keywords}
            if isinstance(text, ast.Constant) and given and None not in given:
                places = {re.split("[!:]", place[1:-1])[0] for place in PLACE.findall(text.value)}
                assert places == given, f"{file.name}:{node.lineno}"


def test_a_further_language_is_a_folder(tmp_path):
    domain = Domain("dlcourse", tmp_path, (), every_text=("dlcourse/words.py",))
    domain.file("fr").parent.mkdir(parents=True)
    assert domain.languages() == ["fr"] and catalogues.untranslated(domain, "fr")
