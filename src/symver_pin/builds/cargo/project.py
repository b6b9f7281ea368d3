"""The alias with which everybody builds a cargo project pinned: ``cargo pinned-build`` for ``cargo symver-pin build``.

Unlike a configuration that names a kit, it contains no path of one machine and does not change a plain ``cargo build``.
"""

from pathlib import Path

from symver_pin.errors import UsageError
from symver_pin.glibc.platforms import Target
from symver_pin.paths import cargo_template_dir
from symver_pin.templates import render

ALIAS = "pinned-build"


def alias_config(path: Path, target: Target) -> str:
    """The text of a cargo configuration with the alias: the project's file with the alias set, or a new file.

    Raises UsageError if the file cannot be read or is not TOML.
    """
    template = render("project.toml.j2", cargo_template_dir(), alias=ALIAS, label=target.label)
    if not path.exists():
        return template
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise UsageError(f"{path}: {error}; correct the file first") from error
    words = tomlkit.parse(template)["alias"][ALIAS]
    aliases = document.setdefault("alias", tomlkit.table())
    if aliases.get(ALIAS) != words:
        aliases[ALIAS] = words
    return tomlkit.dumps(document)
