"""The editions of the built site: the Japanese one at its top, each other in the folder of its language."""

from press.languages import languages

EDITIONS = ["ja", *languages()]


def edition_of(name):
    """The language of a page of the site, by its path from the top."""
    first = name.partition("/")[0]
    return first if first in EDITIONS else "ja"


def place_of(edition):
    """What stands before the path of each of its pages."""
    return "" if edition == "ja" else f"{edition}/"
