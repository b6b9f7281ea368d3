"""A command line of the plain form is taken apart here; every other one is left to ``argparse``.

``argparse`` and what it imports take 7 ms, as long as the verdict on a small file. So a parser is a list of
declarations, in ``argparse``'s own words. Plain is a line of ``--name value``, ``--name=value``, declared switches, and
the operands in one place. Anything else (``--help``, a mistake, an abbreviation, ``--``) is parsed by the real
``ArgumentParser``, made of the same declarations; it has the last word on what is an error and what it is called.
"""

from __future__ import annotations

from symver_pin.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any, NoReturn


class Options:
    """The values, by the names that ``argparse`` would give them."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


class _UnplainError(Exception):
    """The line needs ``argparse``."""


class Parser:
    """A command's options: declared by ``add_argument``, as in ``argparse``, and read by ``parse_args``."""

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        self.prog, self._description, self._epilog = prog, description, epilog
        self._declared: list[tuple[tuple[str, ...], dict[str, Any]]] = []

    def add_argument(self, *names: str, **settings: Any) -> None:
        """Declare an option or operand, in ``argparse``'s words."""
        self._declared.append((names, settings))

    def parse_args(self, words: list[str]) -> Options:
        """The values of a line. Raises UsageError where ``argparse`` finds fault; prints and exits for ``--help``."""
        options = Options()
        try:
            self._read_plain(words, options.__dict__)
        except (_UnplainError, ValueError, TypeError, UsageError):
            options.__dict__.clear()
            self.argparse().parse_args(words, namespace=options)
        return options

    def argparse(self) -> argparse.ArgumentParser:
        """The same parser, as ``argparse`` has it."""
        import argparse

        class Strict(argparse.ArgumentParser):
            def error(self, message: str) -> NoReturn:
                raise UsageError(f"{message}; see {self.prog} --help")

        made = Strict(
            prog=self.prog,
            description=self._description,
            epilog=self._epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for names, settings in self._declared:
            made.add_argument(*names, **settings)
        return made

    @property
    def switches(self) -> frozenset[str]:
        """The names of the options that take none."""
        return frozenset(
            name for names, settings in self._declared for name in names if settings.get("action") == "store_true"
        )

    @property
    def options_with_value(self) -> frozenset[str]:
        """The names of the options that take a value."""
        return frozenset(
            name
            for names, settings in self._declared
            for name in names
            if name.startswith("-") and settings.get("action") in (None, "append")
        )

    def _read_plain(self, words: list[str], values: dict[str, Any]) -> None:
        by_name: dict[str, dict[str, Any]] = {}
        operands: list[dict[str, Any]] = []
        for names, settings in self._declared:
            if names[0].startswith("-"):
                by_name |= dict.fromkeys(names, settings)
                longest = next((name for name in names if name.startswith("--")), names[0])
                settings.setdefault("dest", longest.lstrip("-").replace("-", "_"))
                default = settings.get("default", False if settings.get("action") == "store_true" else None)
                convert = settings.get("type")
                values[settings["dest"]] = convert(default) if convert and isinstance(default, str) else default
            else:
                operands.append({**settings, "dest": names[0]})
        given: list[str] = []
        last = -1
        position = 0
        while position < len(words):
            word = words[position]
            if word[:1] != "-":
                if given and last != position - 1:
                    raise _UnplainError
                given.append(word)
                last = position
            else:
                name, is_assigned, text = word.partition("=")
                found = by_name.get(name)
                if found is None or (is_assigned and not name.startswith("--")):
                    raise _UnplainError
                action = found.get("action")
                if action == "store_true" and not is_assigned:
                    values[found["dest"]] = True
                elif action in (None, "append") and "nargs" not in found:
                    if not is_assigned:
                        position += 1
                        text = words[position] if position < len(words) else "-"
                        if text[:1] == "-":
                            raise _UnplainError
                    value = _convert(text, found)
                    earlier = values[found["dest"]]
                    values[found["dest"]] = value if action is None else [*(earlier or ()), value]
                else:
                    raise _UnplainError
            position += 1
        if any(settings.get("required") for settings in by_name.values()):
            raise _UnplainError
        self._take_operands(operands, given, values)

    @staticmethod
    def _take_operands(operands: list[dict[str, Any]], given: list[str], values: dict[str, Any]) -> None:
        count = operands[0].get("nargs") if len(operands) == 1 else None
        if count == "*" or (count == "+" and given):
            values[operands[0]["dest"]] = [_convert(word, operands[0]) for word in given]
        elif len(operands) == len(given) and not any("nargs" in operand for operand in operands):
            for operand, word in zip(operands, given, strict=True):
                values[operand["dest"]] = _convert(word, operand)
        else:
            raise _UnplainError


def _convert(word: str, settings: dict[str, Any]) -> Any:
    convert, choices = settings.get("type"), settings.get("choices")
    value = convert(word) if convert else word
    if choices is not None and value not in choices:
        raise _UnplainError
    return value
