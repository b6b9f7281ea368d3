"""Write the files with which everybody can build a project pinned: a CI workflow and, for cargo, an alias.

They contain no path of one machine, unless ``install_from`` is one, and do not change the project's own build.
"""

from __future__ import annotations

import re
import shlex
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from symver_pin import __version__
from symver_pin.builds.cargo.project import ALIAS, alias_config
from symver_pin.builds.projects import ProjectKind
from symver_pin.errors import OutputError, UsageError
from symver_pin.files import write_atomic
from symver_pin.glibc.platforms import Target
from symver_pin.templates import render

WORKFLOW = Path(".github/workflows/symver-pin.yml")
_CARGO_CONFIG = Path(".cargo/config.toml")
_MARK = "made by symver-pin"

_GIT = re.compile(r"(git\+)?(?:https?|ssh|git|file)://.+|[\w.-]+@[\w.-]+:.+")
"""An address of a git repository: a URL, or ``user@host:path``."""


def write_ci(folder: Path, kind: ProjectKind, target: Target, install_from: str | None) -> list[Path]:
    """Write the workflow of a project, and for cargo also the alias. Returns the paths of the files that changed.

    ``install_from`` is the path or git address from which the workflow installs symver-pin; None for pip's index. Other
    content of an existing cargo configuration stays. Raises UsageError if there is a workflow of that name that
    symver-pin did not make, if the configuration is not TOML, or if the workflow could not install symver-pin; nothing
    is written then. Raises OutputError if a file cannot be written.
    """
    texts = {folder / WORKFLOW: _workflow(folder / WORKFLOW, kind, target, _requirement(install_from))}
    if kind.name == "cargo":
        texts = {folder / _CARGO_CONFIG: alias_config(folder / _CARGO_CONFIG, target), **texts}
    changed = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    try:
        for path in changed:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    for path in changed:
        write_atomic(path, texts[path].encode())
    return changed


def _workflow(path: Path, kind: ProjectKind, target: Target, requirement: str) -> str:
    """The text of the workflow. Raises UsageError if ``path`` is a file of somebody else."""
    if path.exists() and _MARK not in path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].lower():
        raise UsageError(f"{path}: exists and was not made by symver-pin; rename it first")
    commands = [command.format(glibc=target.label) for command in kind.commands]
    if kind.name == "cargo":
        commands = [f"cargo {ALIAS} --release --locked", f"cargo symver-pin --glibc {target.label} test --locked"]
    installed = " ".join(shlex.quote(word) for word in (requirement, *kind.tools))
    return render("workflow.yml.j2", label=target.label, steps=[f"python3 -m pip install {installed}", *commands])


def _requirement(install_from: str | None) -> str:
    """What pip installs to get symver-pin. Raises UsageError if pip's index does not have it, as far as known here."""
    if install_from is None:
        if not _is_from_index():
            raise UsageError(
                "this symver-pin was not installed from a package index, so a workflow cannot name it; give "
                "--install-from PATH (in the repository) or a git address"
            )
        return f"symver-pin=={__version__}"
    if not _GIT.fullmatch(install_from):
        path = Path(install_from)
        return install_from if path.is_absolute() or install_from.startswith(".") else f"./{install_from}"
    if "://" not in install_from:
        user_and_host, _, path_there = install_from.partition(":")
        install_from = f"ssh://{user_and_host}/{path_there}"
    return install_from if install_from.startswith("git+") else f"git+{install_from}"


def _is_from_index() -> bool:
    """True if this package was installed by name (PEP 610: ``direct_url.json`` is there for any other origin)."""
    try:
        return distribution("symver-pin").read_text("direct_url.json") is None
    except PackageNotFoundError:
        return False
