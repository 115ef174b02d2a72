"""What hangs on random numbers is shown over several seeds, or the page says that it is one draw.

A cell is right in one of three ways:

- It loops over seeds (`for seed in …`), or shows what such a loop has collected.
- Its section says in words that this is one draw (1回の乱数).
- It has the tag `any-draw`: what it prints is the same whatever the draw. tests/press/test_draws.py runs the page with
  other seeds and compares.
"""

import ast
from collections.abc import Iterator, Sequence

from docutils import nodes

from press.rules.page import iter_up, own, warn

SOURCES = {"default_rng", "RandomState"}
SAID = "1回の乱数"
TAG = "any-draw"
ADVICE = (
    "乱数を替えると変わる値を1回分だけ見せています。for seed in … で何回か試すか、この節に「1回の乱数での値」と"
    f"書いてください。どの乱数でも同じ表示になるなら、tags: [{TAG}] を付けます。"
)


def targets(node: ast.AST) -> set[str]:
    """The names that a target binds: x, or (x, y)."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def own_names(node: ast.AST) -> set[str]:
    """The names that a function or a comprehension binds for its own inside."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        inside = targets(node) if isinstance(node, ast.FunctionDef) else set()
        return inside | {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return {name for loop in node.generators for name in targets(loop.target)}
    return set()


def reads(node: ast.AST) -> set[str]:
    """The names of the page that a statement reads."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    return {name for child in ast.iter_child_nodes(node) for name in reads(child)} - own_names(node)


def binds(node: ast.AST) -> set[str]:
    """The names of the page that a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return set()
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    return {name for child in ast.iter_child_nodes(node) for name in binds(child)}


def loops_over_seeds(statement: ast.AST) -> bool:
    loops = (node for node in ast.walk(statement) if isinstance(node, ast.For | ast.comprehension))
    return any("seed" in targets(loop.target) for loop in loops)


def draws(statement: ast.AST) -> bool:
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    called = {getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls}
    return bool(called & SOURCES) or any(word.arg == "rng" for call in calls for word in call.keywords)


def changed_in_place(statement: ast.AST) -> set[str]:
    """The names whose content a statement changes: `a[0] = …`, `a.b += …`, `train(a, …)`, `a.append(…)`."""
    changed: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            changed |= reads(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "train":
            changed |= {node.args[0].id} if node.args and isinstance(node.args[0], ast.Name) else set()
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            changed |= reads(node.func.value)
    return changed


def shows(statement: ast.AST) -> bool:
    """Whether a statement prints, draws a figure, or is an expression, as the value at the end of a cell is."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return False
    return bool(reads(statement) & {"print", "plotting", "ax"}) or isinstance(statement, ast.Expr)


def shown(statements: Sequence[ast.stmt], drawn: set[str]) -> bool:
    """Whether the statements show what hangs on one draw; `drawn`, the names that do, is kept up to date."""
    found = False
    for statement in statements:
        inside = [part for name in ("body", "orelse", "finalbody", "handlers") for part in getattr(statement, name, [])]
        if isinstance(statement, ast.FunctionDef | ast.ClassDef) or loops_over_seeds(statement):
            inside = []
        bound = binds(statement) | changed_in_place(statement)
        if loops_over_seeds(statement):
            drawn -= bound
        elif inside:
            if isinstance(statement, ast.For):
                update = drawn.update if hangs(statement.iter, drawn) else drawn.difference_update
                update(targets(statement.target))
            found = shown(inside, drawn) or found
        elif hangs(statement, drawn):
            drawn |= bound
            found = found or shows(statement)
        elif not isinstance(statement, ast.AugAssign):
            drawn -= binds(statement)
    return found


def hangs(node: ast.AST, drawn: set[str]) -> bool:
    return draws(node) or bool(reads(node) & drawn)


def shows_one_draw(cells: Sequence[str]) -> Iterator[bool]:
    """For each cell of a page, in order, whether it shows what one draw of random numbers has given."""
    drawn: set[str] = set()
    for cell in cells:
        yield shown(ast.parse(cell).body, drawn)


def check_draws(page: str, tree: nodes.document) -> None:
    cells = [node for node in own(tree, nodes.container) if "cell_metadata" in node]
    sources = [next((code.astext() for code in cell.findall(nodes.literal_block)), "") for cell in cells]
    try:
        found = list(shows_one_draw(sources))
    except SyntaxError:
        return  # the cell says so itself when it runs
    for cell, one_draw in zip(cells, found, strict=True):
        section = next((one for one in iter_up(cell) if isinstance(one, nodes.section)), tree)
        if one_draw and TAG not in (cell["cell_metadata"].get("tags") or []) and SAID not in section.astext():
            warn(page, cell, ADVICE)
