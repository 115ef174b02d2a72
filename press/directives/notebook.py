"""`{notebook} ch1_input_to_hidden` says how to open that notebook; the same ways stand below the title of each page
that has exercises of it. `{install} student` is the command that installs dlcourse with these packages of it.

In the browser where there is a lite/, in Colab where the book has a repository on GitHub, on the reader's own computer.
The notebooks lie in notebooks/ of the site, and the wheel of dlcourse beside its index.html;
{site-file}`text <notebooks/ch1_input_to_hidden.ipynb>` leads to such a file.
"""

import shutil
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from press import edition
from press.directives.exercise import places
from press.exercises import source as sources
from press.exercises.first_cell import is_current
from press.words import say

logger = logging.getLogger(__name__)
FOLDER = "notebooks"  # in the site
WIDE = "wide-only"  # JupyterLab has too little room on a phone: site.css leaves such links out there

INSTALL = "```console\n$ pip install {requirement}\n```"
STALE = "最初のセルが、いまの dlcourse のものではありません。make exercises を実行してください。 / run make exercises"


def used(env: BuildEnvironment) -> dict[str, str]:
    """Page → the notebook that it names by the directive; "" where it names the wheel alone."""
    known: dict[str, str] = vars(env).setdefault("notebooks_of_pages", {})
    return known


class SiteFile(ReferenceRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return [download(self.env.docname, self.title, self.target)], []


def download(page: str, text: str, file: str) -> nodes.Node:
    """A link that saves a file of the site: a browser would show a notebook as text."""
    address = "../" * page.count("/") + file
    link = f'<a class="reference download internal" download="" href="{escape(address)}">{escape(text)}</a>'
    return nodes.raw("", link, format="html")


class NotebookDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        (name,) = self.arguments
        if name not in {notebook.stem for notebook in sources.released()}:
            raise self.error(f"exercises/ に {name} というノートブックはありません。")
        used(self.env)[self.env.docname] = name
        ways = [on_ones_own_computer(name)]
        if address := edition.in_colab(name):
            ways.insert(0, in_colab(address))
        if self.env.app.tags.has("lite"):
            ways.insert(0, in_browser(name))
        return self.parse_text_to_nodes("\n".join(ways))


def in_browser(name: str) -> str:
    return say(
        "- **{{lite}}`ブラウザーで開く <{name}>`**: インストールは要りません。保存と提出のしかたは、"
        "{{ref}}`sec-notebooks-in-the-browser`にあります。スマートフォンの画面には向かないので、そこでは問題の"
        "「ここで解く」を使ってください。",
        name=name,
    )


def in_colab(address: str) -> str:
    return say(
        "- **[Colab で開く]({address})**: Google のアカウントで、インストールなしに動かせます。", address=address
    )


def on_ones_own_computer(name: str) -> str:
    fetched = say(
        "`dlcourse` がなければ、そのセルがこのサイトから受け取ります(先に入れておくなら、"
        "`pip install {requirement}`)。",
        requirement=edition.requirement(),
    )
    taken_along = say(
        "`dlcourse` がない計算機では、{{site-file}}`{wheel} <{wheel}>` も受け取って、ノートブックと同じフォルダーに"
        "置きます。",
        wheel=edition.WHEEL,
    )
    return say(
        "- **{{site-file}}`ダウンロード <notebooks/{name}.ipynb>`**: JupyterLab や VS Code などで開き、最初のセルを"
        "実行します。{wheel}自分の計算機に JupyterLab を入れるところからは、{{ref}}`sec-own-computer`にあります。",
        name=name,
        wheel=fetched if edition.address() else taken_along,
    )


class InstallDirective(SphinxDirective):
    """The command for dlcourse with further packages of its own."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        used(self.env).setdefault(self.env.docname, "")
        text = INSTALL.format(requirement=edition.requirement(self.arguments[0]))
        if not edition.address():
            first = say(
                "{{site-file}}`{wheel} <{wheel}>` を受け取って、それを置いたフォルダーで実行します。",
                wheel=edition.WHEEL,
            )
            text = f"{first}\n\n{text}"
        return self.parse_text_to_nodes(text)


def reference(text: str, address: str, *classes: str) -> nodes.reference:
    internal = not address.startswith("https:")
    return nodes.reference("", text, refuri=address, internal=internal, classes=list(classes))


class Ways(SphinxPostTransform):
    """The ways to its exercises, below the title of a page."""

    default_priority = 390

    def run(self, **options: object) -> None:
        page = self.env.docname
        name = used(self.env).get(page)
        exercises = places(self.env).get(page)
        title = self.document.next_node(nodes.title)
        if not (name and exercises and title):
            return
        first = min(exercises, key=lambda identifier: exercises[identifier])
        links: list[nodes.Node] = [reference(say("ここで解く"), f"#exercise-{first.lower()}")]
        if self.app.tags.has("lite"):
            address = f"{'../' * page.count('/')}lite/notebooks/index.html?path={name}.ipynb"
            links.append(reference(say("ブラウザーで開く"), address, WIDE))
        if address := edition.in_colab(name):
            links.append(reference(say("Colab で開く"), address, WIDE))
        links.append(download(page, say("ダウンロード"), f"{FOLDER}/{name}.ipynb"))
        line = nodes.paragraph("", say("演習: "), *links, classes=["ways-to-exercises"])
        title.parent.insert(title.parent.index(title) + 1, line)


def forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    used(env).pop(page, None)


def merge(app: Sphinx, env: BuildEnvironment, pages: set[str], other: BuildEnvironment) -> None:
    used(env).update({page: used(other)[page] for page in pages if page in used(other)})


def write(app: Sphinx, exception: Exception | None) -> None:
    """What the pages lead to: the wheel, and the notebooks."""
    if exception or app.builder.name != "html" or not used(app.env):
        return
    target = Path(app.outdir)
    (target / FOLDER).mkdir(exist_ok=True)
    for notebook in sources.released():
        shutil.copy(notebook, target / FOLDER)
        if not is_current(notebook, edition.home()):
            logger.warning(STALE, location=str(notebook))
    for wheel in target.glob("dlcourse-*.whl"):  # of earlier editions
        wheel.unlink()
    (target / edition.WHEEL).write_bytes(edition.wheel(edition.home()))


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_role("site-file", SiteFile())
    app.add_directive("notebook", NotebookDirective)
    app.add_directive("install", InstallDirective)
    app.add_post_transform(Ways)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
