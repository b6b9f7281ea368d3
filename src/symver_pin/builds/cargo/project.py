"""Write files with which everybody can build a cargo project pinned: an alias for ``cargo symver-pin`` and a CI
workflow.

Unlike a configuration that names a kit, these files contain no path of one machine, and they do not change a plain
``cargo build``.
"""

from pathlib import Path

from symver_pin.errors import OutputError, UsageError
from symver_pin.files import write_atomic
from symver_pin.glibc.platforms import Target
from symver_pin.paths import cargo_template_dir
from symver_pin.templates import render

_CONFIG, _WORKFLOW = Path(".cargo/config.toml"), Path(".github/workflows/symver-pin.yml")
_ALIAS = "pinned-build"


def init_project(folder: Path, target: Target) -> list[Path]:
    """Write the alias and the workflow of a project. Returns the paths of the files that changed.

    Other content of an existing configuration stays. Raises UsageError if the folder is not a cargo project, if its
    configuration is not TOML, or if a workflow of that name was not made by symver-pin; nothing is written then. Raises
    OutputError if a file cannot be written.
    """
    if not (folder / "Cargo.toml").is_file():
        raise UsageError(f"{folder}: has no Cargo.toml; run cargo init first, or name the project's folder")
    texts = {folder / _CONFIG: _config(folder / _CONFIG, target), folder / _WORKFLOW: _workflow(folder, target)}
    changed = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    try:
        for path in changed:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    for path in changed:
        write_atomic(path, texts[path].encode())
    return changed


def _config(path: Path, target: Target) -> str:
    """The text of the configuration with the alias: the project's file with the alias set, or a new file."""
    template = render("project.toml.j2", cargo_template_dir(), alias=_ALIAS, label=target.label)
    if not path.exists():
        return template
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise UsageError(f"{path}: {error}; correct the file first") from error
    words = tomlkit.parse(template)["alias"][_ALIAS]
    aliases = document.setdefault("alias", tomlkit.table())
    if aliases.get(_ALIAS) != words:
        aliases[_ALIAS] = words
    return tomlkit.dumps(document)


def _workflow(folder: Path, target: Target) -> str:
    text = render("workflow.yml.j2", cargo_template_dir(), alias=_ALIAS, label=target.label)
    path = folder / _WORKFLOW
    if path.exists() and "symver-pin cargo-init" not in path.read_text(encoding="utf-8", errors="replace"):
        raise UsageError(f"{path}: exists and was not made by symver-pin; rename it first")
    return text
