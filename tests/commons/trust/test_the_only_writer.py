"""Nobody is certified but by `commons.trust`: neither a form, an import, nor a bulk update elsewhere in the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import town

PACKAGE = Path(town.__file__).parent
TRUST = PACKAGE / "commons" / "trust"
MARKS = {"certified_at", "certified_until", "certified_how"}


def writings(tree: ast.AST) -> Iterator[int]:
    """The lines that give one of the marks a value: by attribute, by keyword to a record or a statement, by name."""
    # `mine(…, shows={…})` says under which words a person's own copy shows the marks
    shown = {
        id(keyword.value) for keyword in ast.walk(tree) if isinstance(keyword, ast.keyword) and keyword.arg == "shows"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) and node.attr in MARKS:
            yield node.lineno
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"Person", "values", "update"} and MARKS & {keyword.arg for keyword in node.keywords}:
                yield node.lineno
            if called in {"setattr", "__setattr__"} and any(
                isinstance(value, ast.Constant) and value.value in MARKS for value in node.args
            ):
                yield node.lineno
        if isinstance(node, ast.Dict) and id(node) not in shown and MARKS & {_value(key) for key in node.keys}:
            yield node.lineno


def _value(node: ast.AST | None) -> object:
    return getattr(node, "value", None)


def test_only_trust_writes_who_is_certified() -> None:
    found = {
        f"{file.relative_to(PACKAGE)}:{line}"
        for file in PACKAGE.rglob("*.py")
        if TRUST not in file.parents and "migrations" not in file.parts
        for line in writings(ast.parse(file.read_text()))
    }
    assert found == set()


def test_the_look_would_find_a_forger() -> None:
    forgeries = """
person.certified_until = soon
Person(first_name="X", certified_how="desk")
update(Person).values(certified_at=now())
setattr(person, "certified_until", soon)
session.execute(update(Person), {"certified_how": "desk"})
"""
    assert len(list(writings(ast.parse(forgeries)))) == 5
    assert len(list(writings(ast.parse((TRUST / "models.py").read_text())))) >= 2


def test_raw_statements_do_not_name_the_marks() -> None:
    found = [
        f"{file.relative_to(PACKAGE)}: {node.value}"
        for file in PACKAGE.rglob("*.py")
        if TRUST not in file.parents and "migrations" not in file.parts
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if "UPDATE" in node.value and any(mark in node.value for mark in MARKS)
    ]
    assert found == []
