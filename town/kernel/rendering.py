"""Templates: one environment a language, whose sentences are translated when a template is compiled, not at each page.

Looking every sentence up again cost a third of a page. What is looked up as the page is made, because its words are not
written in the template itself, goes the usual way.
"""

from typing import Any

from flask.templating import Environment
from flask_babel import get_translations
from jinja2 import Template, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from town.kernel.language import LANGUAGES, language


class _Translation(NodeTransformer):
    """`_("Hello %(name)s", name=who)` becomes the French sentence with its hole; one without any, plain text."""

    def __init__(self, html: bool) -> None:
        self.html = html

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  # the visitor's own naming
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        said = [arg.value for arg in node.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
        if len(said) != len(node.args):
            return node
        holes = {keyword.key: keyword.value for keyword in node.kwargs}
        match node.node.name, said:
            case "_" | "gettext", [words]:
                sentence = get_translations().ugettext(words)
            case "pgettext", [about, words]:
                sentence = get_translations().upgettext(about, words)
                holes.setdefault("context", nodes.Const(about))
            case _:
                return node
        text = Markup(sentence) if self.html else sentence
        if not node.kwargs:
            return nodes.Const(text % {}, lineno=node.lineno)  # a percent sign is written %% in every sentence
        pairs = [nodes.Pair(nodes.Const(name), value, lineno=node.lineno) for name, value in holes.items()]
        return nodes.Mod(nodes.Const(text), nodes.Dict(pairs, lineno=node.lineno), lineno=node.lineno)


class _Template(Template):
    """A template whose macros are made once: none is rendered with globals of its own, for which Jinja would look."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self._module is None:
            self._module = self.make_module()
        return self._module


class Templates(Environment):
    """The templates as one language reads them: `spoken` is that language, or nothing where none is known yet."""

    spoken = ""
    template_class = _Template

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        # Jinja offers no place for this: its own i18n looks sentences up at each rendering.
        parsed = super()._parse(source, name, filename)
        if self.spoken != language():
            return parsed
        escapes = self.autoescape(name) if callable(self.autoescape) else self.autoescape
        translated: nodes.Template = _Translation(escapes).visit(parsed)
        return translated


class Spoken:
    """The environments of an application, the one of all settings and one for each language it speaks."""

    def __init__(self, common: Templates) -> None:
        self.common = common
        self._each: dict[str, Templates] = {}

    def now(self) -> Templates:
        """That of the language of this answer."""
        spoken = language()
        if spoken not in self._each and spoken in LANGUAGES:
            own: Any = self.common.overlay()
            own.spoken = spoken
            self._each[spoken] = own
        return self._each.get(spoken, self.common)
