"""A long page shows itself at once: the browser lays out the sections on the screen, and others when they come near.

A chapter has 17 000 elements, half of them in formulas, which is a second of work for a phone. Until a section comes
near, the page keeps a place for it. The place is rather too large than too small: what measures the page without
looking at it, as programs that test for accessibility do, would find its end below the next section's beginning.
"""

from docutils import nodes

LONG = 10_000  # tags
ROOM = 1.3
# Pixels on a phone and on a wide screen.
LETTER = (1.35, 0.7)
LINE_OF_CODE = (21, 21)
BLOCK = (40, 40)  # with what lies around it
PICTURE = (300, 450)

# Safari does not keep what is read in its place when something above it gets its height.
STYLE = "@supports (overflow-anchor: auto) {{{rules} @media (min-width: 960px) {{{wide}}}}}"
RULE = "#{name} {{content-visibility: auto; contain-intrinsic-size: auto {height}px}}"


def heights(section):
    """About how high a section is, on a phone and on a wide screen, when all that folds is open."""
    letters = len(section.astext())
    code = list(section.findall(nodes.literal_block))
    lines = sum(block.astext().count("\n") + 1 for block in code)
    letters -= sum(len(block.astext()) for block in code)
    pictures = len(list(section.findall(nodes.image)))
    blocks = sum(1 for part in section.findall(nodes.Body) if not isinstance(part, nodes.Inline))
    counted = (letters, LETTER), (lines, LINE_OF_CODE), (blocks, BLOCK), (pictures, PICTURE)
    return [round(ROOM * sum(number * size[screen] for number, size in counted)) for screen in (0, 1)]


def keep_places(app, page, template, context, doctree):
    if doctree is None or context["body"].count("<") < LONG:
        return
    sections = [part for part in doctree.findall(nodes.section) if isinstance(part.parent, nodes.section)]
    sections = [part for part in sections if isinstance(part.parent.parent, nodes.document)]
    if not sections:
        return
    rules = [
        [RULE.format(name=part["ids"][0], height=height) for part, height in zip(sections, both, strict=True)]
        for both in zip(*map(heights, sections), strict=True)
    ]
    context["place_style"] = STYLE.format(rules=" ".join(rules[0]), wide=" ".join(rules[1]))


def setup(app):
    app.connect("html-page-context", keep_places)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
