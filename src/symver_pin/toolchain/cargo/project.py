"""The files that make a cargo project build pinned for everybody who has it: an alias of ``cargo symver-pin`` and a CI
workflow. Unlike a configuration that names a kit, they hold no path of one machine and change no plain ``cargo build``.
"""

from pathlib import Path

from symver_pin.errors import OutputError, UsageError
from symver_pin.files import write_atomic
from symver_pin.maps.platforms import Target
from symver_pin.resources import cargo_template_dir
from symver_pin.templates import render

_CONFIG, _WORKFLOW = Path(".cargo/config.toml"), Path(".github/workflows/symver-pin.yml")
_ALIAS = "pinned-build"


def init_project(folder: Path, target: Target) -> list[Path]:
    """Write the files of a project; those that are there already keep what is not ours. Returns the files changed.

    Raises UsageError when the folder is no cargo project, its configuration is no TOML, or a workflow of that name is
    another; OutputError when a file cannot be written. Nothing is written then.
    """
    if not (folder / "Cargo.toml").is_file():
        raise UsageError(f"{folder}: no Cargo.toml in it; run cargo init first, or name the project's folder")
    wanted = {folder / _CONFIG: _config(folder / _CONFIG, target), folder / _WORKFLOW: _workflow(folder, target)}
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    try:
        for path in changed:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    for path in changed:
        write_atomic(path, wanted[path].encode())
    return changed


def _config(path: Path, target: Target) -> str:
    """The configuration with the alias: our template, or the project's own file with the alias set in it."""
    template = render("project.toml.j2", cargo_template_dir(), alias=_ALIAS, label=target.label)
    if not path.exists():
        return template
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise UsageError(f"{path}: {error}; mend it first") from error
    words = tomlkit.parse(template)["alias"][_ALIAS]
    aliases = document.setdefault("alias", tomlkit.table())
    if aliases.get(_ALIAS) != words:
        aliases[_ALIAS] = words
    return tomlkit.dumps(document)


def _workflow(folder: Path, target: Target) -> str:
    text = render("workflow.yml.j2", cargo_template_dir(), alias=_ALIAS, label=target.label)
    path = folder / _WORKFLOW
    if path.exists() and "symver-pin cargo-init" not in path.read_text(encoding="utf-8", errors="replace"):
        raise UsageError(f"{path}: is there already and not made by symver-pin; move it away first")
    return text
