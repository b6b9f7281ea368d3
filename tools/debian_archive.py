"""Packages of other Debian releases, from the mirror that this machine's own apt already uses.

apt keeps everything it knows about the world under `Dir::State` and `Dir::Cache`. Point those two (and the list of
sources) at a temporary directory and apt becomes a plain downloader: it verifies a suite's signature and hashes as
always, sees none of the machine's own lists, and changes nothing on the machine.

The mirror is never written down here: the entry of the machine's sources that carries its own release's codename is the
Debian archive, whatever its address, and only the suite in it is replaced.
"""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from npm_package import call
from rootrun import RuntimeUnavailable

ARCHIVE_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""Package debian-archive-keyring: the keys of all current releases and of sid, wherever the machine's own is older."""

APT = Path("/etc/apt")


@dataclass(frozen=True)
class AptEntry:
    """One archive in apt's sources: its URI, the suites taken from it, and its keyring (None: apt's trusted keys)."""

    uri: str
    suites: tuple[str, ...]
    signed_by: str | None


def download_packages(
    suite: str, packages: Sequence[str], into: Path, architecture: str = "amd64"
) -> list[Path]:
    """Download the binary `packages` of a Debian suite to the directory `into`; the .deb files' paths.

    Raises `RuntimeUnavailable` when apt is missing, no Debian archive is configured, or the mirror lacks the suite.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise RuntimeUnavailable(f"Debian {suite} needs apt-get and dpkg-deb, and this machine has none")
    entry = debian_entry(APT)
    private = into / "apt"
    for folder in ("state/lists/partial", "cache/archives/partial", "debs"):
        (private / folder).mkdir(parents=True)
    options = f"arch={architecture} signed-by={_keyrings(entry)}"
    (private / "sources.list").write_text(f"deb [{options}] {entry.uri} {suite} main\n")
    settings = {
        "Dir::State": f"{private}/state",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": f"{private}/cache",
        "Dir::Etc::sourcelist": f"{private}/sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
    }
    apt = ["apt-get", "-q", *(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))]
    call([*apt, "--error-on=any", "update"], f"the configured mirror does not serve Debian {suite}", private)
    call([*apt, "download", *packages], f"cannot download {' '.join(packages)} of {suite}", private / "debs")
    return sorted((private / "debs").glob("*.deb"))


def debian_entry(apt: Path) -> AptEntry:
    """The official Debian archive among the sources in `apt` ("/etc/apt"): the first that has this release's suite."""
    suites = host_suites()
    for entry in apt_entries(apt):
        if suites & set(entry.suites):
            return entry
    raise RuntimeUnavailable(f"no Debian archive with suite {' or '.join(sorted(suites))} in {apt}/sources.list(.d)")


def host_suites() -> frozenset[str]:
    """The names under which this machine's release may stand in apt's sources: its codename, or the moving names."""
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        system = {}
    if system.get("ID") != "debian":
        raise RuntimeUnavailable(f"this machine runs {system.get('ID', 'an unknown system')}, not Debian")
    codename = system.get("VERSION_CODENAME")
    return frozenset({codename} if codename else {"sid", "unstable", "testing"})


def apt_entries(apt: Path) -> Iterator[AptEntry]:
    """Every binary archive in `sources.list`, `sources.list.d/*.list` (one line) and `*.sources` (deb822) of `apt`."""
    parts = apt / "sources.list.d"
    for path in [apt / "sources.list", *sorted(parts.glob("*.list"))]:
        if path.is_file():
            for line in path.read_text(errors="replace").splitlines():
                yield from _one_line_entry(line)
    for path in sorted(parts.glob("*.sources")):
        for stanza in re.split(r"\n[ \t]*\n", path.read_text(errors="replace")):
            yield from _deb822_entries(stanza)


def _one_line_entry(line: str) -> Iterator[AptEntry]:
    """`deb [signed-by=KEYRING arch=amd64] URI SUITE COMPONENT...`"""
    match = re.match(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)", line.strip())
    if match:
        keyring = re.search(r"signed-by=(/[^\s,]+)", match["options"] or "", re.IGNORECASE)
        yield AptEntry(match["uri"], (match["suite"],), keyring.group(1) if keyring else None)


def _deb822_entries(stanza: str) -> Iterator[AptEntry]:
    """`Types:`, `URIs:`, `Suites:`, `Signed-By:` of one paragraph; a keyring given inline as text is not a path."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')} {line.strip()}"
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false"):
        return
    keyring = fields.get("signed-by", "")
    for uri in fields.get("uris", "").split():
        yield AptEntry(uri, tuple(fields.get("suites", "").split()), keyring if keyring.startswith("/") else None)


def _keyrings(entry: AptEntry) -> str:
    """The keyrings a foreign suite is checked with: the entry's own, and Debian's for all its releases."""
    paths = [entry.signed_by] if entry.signed_by else []
    if ARCHIVE_KEYRING.is_file() and str(ARCHIVE_KEYRING) not in paths:
        paths.append(str(ARCHIVE_KEYRING))
    if not paths:
        raise RuntimeUnavailable("no keyring to check Debian's signatures with; install debian-archive-keyring")
    return ",".join(paths)
