"""Commands whose modules are imported when they are run, and not before.

The list of commands is shown without importing any: what a command says of itself is read from the
text of its module.
"""

import ast
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

from cli.failures import plain

if TYPE_CHECKING:
    from typer._click.core import Command, Context, Parameter

SHARED = frozenset({"quiet", "verbose"})
"""Options of the first command that may also stand behind any other."""


class LazyCommand(TyperCommand):
    """Stands for the command that is the function `name` of a module, or the module's `app`."""

    def __init__(self, name: str, module: str) -> None:
        """Read what the command says of itself.

        Args:
            name: Of the command, and of the function whose docstring is its help; that has an
                underscore for each hyphen.
            module: Name of the module; a module that defines `app` is a group of commands.
        """
        self._module, self._function = module, name.replace("-", "_")
        super().__init__(name, help=_docstring(module, self._function))

    @cached_property
    def loaded(self) -> "Command":
        """The command itself."""
        assert self.name is not None  # noqa: S101 - for the type: the constructor demands one
        module = import_module(self._module)
        app = getattr(module, "app", None)
        if app is None:
            app = typer.Typer(rich_markup_mode="rich", add_completion=False)
            app.command(self.name)(getattr(module, self._function))
        command = typer.main.get_command(app)
        command.name = self.name
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: "Context | None" = None,
        **extra: Any,
    ) -> "Context":
        """Parse arguments as the command itself does; from here on it takes over."""
        if parent is not None:
            _share(self.loaded, [one for one in parent.command.params if one.name in SHARED])
        return self.loaded.make_context(info_name, args, parent, **extra)


class LazyGroup(TyperGroup):
    """A group whose first commands are lazy ones.

    Attributes:
        modules: Name of the module of each command, by the command's name.
    """

    modules: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        lazy = {name: LazyCommand(name, module) for name, module in self.modules.items()}
        self.commands = {**lazy, **self.commands}

    def invoke(self, ctx: "Context") -> object:
        """Run a command; wrong usage is told in plain words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            raise plain(error)  # noqa: B904 - it is the same error


def _docstring(module: str, function: str) -> str | None:
    spec = find_spec(module)
    source = Path(spec.origin).read_text("utf-8") if spec and spec.origin else ""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return ast.get_docstring(node)
    return None


def _share(command: "Command", options: "list[Parameter]") -> None:
    there = {one.name for one in command.params}
    command.params += [one for one in options if one.name not in there]
    if isinstance(command, TyperGroup):
        for one in command.commands.values():
            if not isinstance(one, LazyCommand):
                _share(one, options)
