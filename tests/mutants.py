"""Small changes to a model answer, one at a time: an operator, a constant, an axis, a name, a line left out."""

import ast
import copy

ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv,
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq],
}
NAMES = {
    "max": "min", "min": "max", "sum": "mean", "mean": "sum", "maximum": "minimum", "minimum": "maximum",
    "exp": "log", "log": "exp", "zeros": "ones", "ones": "zeros", "zeros_like": "ones_like",
    "ones_like": "zeros_like", "argmax": "argmin", "sqrt": "square", "relu": "sigmoid", "sigmoid": "relu",
    "softmax": "identity", "identity": "softmax", "d_relu": "d_sigmoid", "d_sigmoid": "d_relu",
    "sin": "cos", "cos": "sin", "all": "any", "any": "all",
}


def mutants(source, lines):
    """Each (what was changed, the changed source), in the order of the nodes; only these lines change."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for number, node in enumerate(ast.walk(tree)):
        if getattr(node, "lineno", lines.start) not in lines:
            continue
        for place in range(len(list(changes(node, lines)))):
            changed = copy.deepcopy(tree)
            target = next(other for n, other in enumerate(ast.walk(changed)) if n == number)
            before = ast.unparse(target)
            replacement = list(changes(target, lines))[place]()
            if replacement is not None:
                changed = Replace(target, replacement).visit(changed)
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text not in seen:
                seen.add(text)
                after = ast.unparse(replacement if replacement is not None else target)
                yield f"{before} → {after}", text


def changes(node, lines):
    """Functions that each change the node in place, or return the node to put in its place."""
    match node:
        case ast.BinOp():
            if type(node.op) in ARITHMETIC:
                yield lambda: setattr(node, "op", ARITHMETIC[type(node.op)]())
            yield lambda: node.left
            yield lambda: node.right
        case ast.UnaryOp(op=ast.USub()):
            yield lambda: node.operand
        case ast.AugAssign() if type(node.op) in ARITHMETIC:
            yield lambda: setattr(node, "op", ARITHMETIC[type(node.op)]())
        case ast.Compare():
            for other in COMPARISONS.get(type(node.ops[0]), []):
                yield lambda other=other: setattr(node, "ops", [other(), *node.ops[1:]])
        case ast.Constant(value=bool()):
            yield lambda: setattr(node, "value", not node.value)
        case ast.Constant(value=int() | float()):
            yield lambda: setattr(node, "value", node.value + 1)
            if node.value:
                yield lambda: setattr(node, "value", -node.value)
        case ast.Attribute() if node.attr in NAMES:
            yield lambda: setattr(node, "attr", NAMES[node.attr])
        case ast.Attribute(attr="T"):
            yield lambda: node.value
        case ast.Call():
            yield from call_changes(node)
        case ast.FunctionDef() | ast.For() | ast.If() | ast.While() | ast.Module():
            if len(node.body) > 1:
                for place in range(len(node.body)):
                    if node.body[place].lineno not in lines:
                        continue
                    yield lambda place=place: node.body.pop(place) and None


def call_changes(node):
    positional = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    if len(positional) == len(node.args) == 2:
        yield lambda: node.args.reverse()
    for place in range(len(node.keywords)):
        if node.keywords[place].arg:
            yield lambda place=place: node.keywords.pop(place) and None
    if len(positional) == 1 and not node.keywords:
        yield lambda: node.args[0]  # the function left out


class Replace(ast.NodeTransformer):
    def __init__(self, target, replacement):
        self.target, self.replacement = target, replacement

    def visit(self, node):
        return self.replacement if node is self.target else self.generic_visit(node)
