"""The notebooks of JupyterLite: IPython where there is no other program, in words that fit."""

import os
from typing import Any

from js import location  # the worker's

from dlcourse import edition, integers, words
from dlcourse.magics import WithoutPrograms

from . import messages

PLACE = "ブラウザーのノートブック"


class Shell(WithoutPrograms):
    place = PLACE

    def ask_exit(self) -> None:
        os._exit(0)  # the page tells of it (press/live/lite_settings/head.html) and starts another Python


def show_missing(
    shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: int | None = None
) -> None:
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
    print(messages.missing(error, PLACE))


def load_ipython_extension(shell: Any) -> None:
    site, lite, _ = str(location.href).rpartition("/lite/")
    edition.PAGES = lite and f"{site}/"  # the book around these notebooks, wherever it has been put
    edition.SITE = lite and f"{site.removesuffix('/' + words.language())}/"
    shell.__class__ = type("BrowserShell", (Shell, type(shell)), {})
    transforms = shell.kernel.lite_transform_manager.line_transforms
    (pip,) = transforms  # what makes `%pip` ask for packages, before IPython reads the cell
    transforms.remove(pip)
    integers.begin()
    shell.ast_transformers.append(integers.Widened())
    shell.set_custom_exc((ModuleNotFoundError,), show_missing)
