"""Small changes of a definition by path: "" is the outermost group, "0.2" the third part of its first."""

from collections.abc import Callable

from linli.segments.definition import And, Definition, Leaf, Not, Or

Group = And | Or
Change = Callable[[Definition], Definition | None]


def rooted(definition: Definition) -> Group:
    """The definition as a group, so that conditions can be added beside it."""
    return definition if isinstance(definition, And | Or) else And((definition,))


def bare(node: Definition) -> Definition:
    """The node without its Not."""
    return node.one if isinstance(node, Not) else node


def node_at(root: Definition, path: str) -> Definition:
    """The part at a path, with its Not; LookupError when there is none."""
    node = root
    for place in steps(path):
        group = bare(node)
        if not isinstance(group, And | Or):
            raise LookupError(path)  # noqa: TRY004 - the path leads nowhere, whatever stands there
        node = parts(group)[place]
    return node


def add(root: Group, path: str, leaf: Definition) -> Group:
    """Put a condition at the end of the group at a path."""
    return _changed(root, path, lambda node: _inside(node, lambda group: _made(group, (*parts(group), leaf))))


def put(root: Group, path: str, leaf: Leaf) -> Group:
    """Put another condition in place of the one at a path; a Not stays."""
    return _changed(root, path, lambda node: Not(leaf) if isinstance(node, Not) else leaf)


def remove(root: Group, path: str) -> Group:
    """Take the part at a path out; a group that is empty after that goes too."""
    if not path:
        return _made(root, ())
    return _changed(root, path, lambda _node: None)


def negate(root: Group, path: str) -> Group:
    """Turn a condition into an exclusion, and back."""
    if not path:
        return root
    return _changed(root, path, lambda node: node.one if isinstance(node, Not) else Not(node))


def flip(root: Group, path: str) -> Group:
    """Turn "all of" into "any of", and back."""
    return _changed(root, path, lambda node: _inside(node, lambda group: _other(group)(parts(group))))


def wrap(root: Group, path: str) -> Group:
    """Make the condition at a path the first of a group of its own, joined the other way than the group around it."""
    if not path:
        return root
    around = bare(node_at(root, path.rpartition(".")[0]))
    assert isinstance(around, And | Or)
    return _changed(root, path, lambda node: _other(around)((node,)))


def steps(path: str) -> list[int]:
    """The places along a path; LookupError when it is not one."""
    try:
        places = [int(place) for place in path.split(".")] if path else []
    except ValueError:
        raise LookupError(path) from None
    if any(place < 0 for place in places):
        raise LookupError(path)
    return places


def parts(group: Group) -> tuple[Definition, ...]:
    """What stands in a group."""
    return group.all if isinstance(group, And) else group.any


def _changed(root: Group, path: str, change: Change) -> Group:
    node_at(root, path)
    found = _walk(root, steps(path), change)
    return rooted(found) if found is not None else _made(root, ())


def _walk(node: Definition, places: list[int], change: Change) -> Definition | None:
    if not places:
        return change(node)
    if isinstance(node, Not):
        inner = _walk(node.one, places, change)
        return None if inner is None else Not(inner)
    assert isinstance(node, And | Or)
    old = parts(node)
    new = _walk(old[places[0]], places[1:], change)
    kept = (*old[: places[0]], *(() if new is None else (new,)), *old[places[0] + 1 :])
    return _made(node, kept) if kept else None


def _inside(node: Definition, change: Callable[[Group], Definition]) -> Definition:
    group = bare(node)
    if not isinstance(group, And | Or):
        return node
    return Not(change(group)) if isinstance(node, Not) else change(group)


def _made(group: Group, parts: tuple[Definition, ...]) -> Group:
    return And(parts) if isinstance(group, And) else Or(parts)


def _other(group: Group) -> type[And] | type[Or]:
    return Or if isinstance(group, And) else And
