import ast
from collections import defaultdict

from .source import PRODUCT, python_files, tree

# Pictures of what others have, read from their answers: they call it as those do.
PICTURES = {"web/console/model.py", "crowd/report/model.py"}
SAME_NAME = {
    "Settings": "each process has its own, and they are imported nowhere",
    "DropClosed": "the room and the store refuse it by themselves, with one slug",
    "UnknownDrop": "the room, the store and the mall refuse it by themselves, with one slug",
    "SoldOut": "the room and the store refuse it by themselves, with one slug",
    "UnknownItem": "the store and the mall refuse it by themselves, with one slug",
    "UnknownOrder": "the store and the mall refuse it by themselves, with one slug",
    "InvalidQuantity": "the store and the mall refuse it by themselves, with one slug",
    "PaymentDeclined": "the store and the mall refuse it by themselves, with one slug",
    "Order": "one of the mall, one of a drop, until the hand-back makes the second into the first",
    "OrderLine": "see Order",
    "Item": "the catalogue's, and what a drop was lent of it",
}


def public_classes():
    found = defaultdict(set)
    for path in python_files():
        place = str(path.relative_to(PRODUCT))
        if place in PICTURES:
            continue
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(place)
    return found


def test_different_things_have_different_names_and_one_thing_has_one_definition():
    twice = {name: places for name, places in public_classes().items() if len(places) > 1}
    new = {name: sorted(places) for name, places in twice.items() if name not in SAME_NAME}
    assert new == {}, "share one definition in the lowest package that owns it, or give names that say which"
    assert SAME_NAME.keys() - twice.keys() == set(), "these stand once now: take them off the list"
