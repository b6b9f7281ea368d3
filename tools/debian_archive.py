"""Packages of other Debian releases, from the mirror that this machine's own apt already uses.

apt keeps everything it knows about the world under `Dir::State` and `Dir::Cache`. Point those two (and the list of
sources) at a temporary directory and apt becomes a plain downloader: it verifies a suite's signature and hashes as
always, sees none of the machine's own lists, and changes nothing on the machine.

The mirror is never written down here: the entry of the machine's sources that carries its own release's codename is the
Debian archive, whatever its address, and only the suite in it is replaced.

A package of a stable suite stands in up to three places: the suite itself, its updates (`trixie-updates`) and its
security updates (`trixie-security`, an archive of its own). A mirror may list a file and not have it, or have one of
the places only; so each place is asked, in this order.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import clients
from clients import reason_of, run_client
from unavailable import NotServed, Unavailable

ARCHIVE_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""Package debian-archive-keyring: the keys of all current releases and of sid, wherever the machine's own is older."""

APT = Path("/etc/apt")

PLACES = ("updates", "security")
"""The places of a stable suite beside the suite itself."""

MOVING = frozenset({"sid", "unstable"})
"""Suites without places beside them: a new version replaces the old one."""


@dataclass(frozen=True)
class AptEntry:
    """One archive in apt's sources: its URI, the suites taken from it, its keyring (None: apt's trusted keys), and
    whether the machine trusts it without a signature (`trusted=yes`).
    """

    uri: str
    suites: tuple[str, ...]
    signed_by: str | None
    trusted: bool = False


def download_packages(
    suite: str, packages: Sequence[str], into: Path, architecture: str = "amd64", version: str = ""
) -> list[Path]:
    """Download the binary `packages` of a Debian suite to the directory `into`; the .deb files' paths, in their order.

    Of the first package only versions of the release `version` ("2.41") are taken. Raises `Unavailable` when apt is
    missing or no Debian archive is configured, `NotServed` when a package is served in none of the suite's places.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Unavailable(f"Debian {suite} needs apt-get and dpkg-deb, and this machine has none")
    downloader = _Downloader(suite, into / "apt", architecture)
    versions = downloader.find_versions(packages, version)
    return downloader.download(versions)


def download_source(suite: str, package: str, into: Path) -> Path:
    """Download the source `package` of a Debian suite; the archive of the upstream source (`NAME_VERSION.orig.tar.*`).

    Raises `Unavailable` and `NotServed` as `download_packages` does.
    """
    if shutil.which("apt-get") is None:
        raise Unavailable(f"Debian {suite} needs apt-get, and this machine has none")
    downloader = _Downloader(suite, into / "apt", "amd64", "deb-src")
    return downloader.download_source(package)


def unpack_deb(package: Path, into: Path) -> None:
    """Write the files of a .deb below the directory `into`. Raises `Unavailable` when they cannot be written."""
    done = subprocess.run(["dpkg-deb", "-x", package, into], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Unavailable(f"cannot unpack {package.name}: {reason_of(done.stdout, done.stderr)}")


class _Downloader:
    """apt with a state of its own in the directory `private`, which knows one suite, its updates and its security
    updates, for one architecture: its binary packages (`kind` "deb") or its source packages ("deb-src").
    """

    def __init__(self, suite: str, private: Path, architecture: str, kind: str = "deb") -> None:
        self._suite = suite
        self._private = private
        for folder in ("state/lists/partial", "cache/archives/partial", "debs"):
            (private / folder).mkdir(parents=True, exist_ok=True)
        sources = _sources(suite, architecture, kind)
        (private / "sources.list").write_text("".join(f"{line}\n" for line in sources))
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
        self._options = ["-q", *(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))]

    def find_versions(self, packages: Sequence[str], version: str) -> dict[str, list[str]]:
        """Package -> its versions, in the order in which they are to be tried. Raises `NotServed` when one has none."""
        refusal = ""
        listed: dict[str, list[str]] = {}
        for pause in (*clients.PAUSES, 0):
            refusal = self._update() or refusal
            listed = _versions(self._call("apt-cache", "madison", *packages), self._suite, packages)
            if all(listed.values()):
                break
            time.sleep(pause)
        missing = [name for name, versions in listed.items() if not versions]
        if missing:
            reason = refusal or "its index does not list it"
            raise NotServed(f"cannot download {' '.join(missing)} of Debian {self._suite}: {reason}")
        first = packages[0]
        release = re.compile(rf"{re.escape(version)}(?!\d)") if version else re.compile("")
        matching = [candidate for candidate in listed[first] if release.match(candidate)]
        if not matching:
            raise NotServed(f"Debian {self._suite} has {first} {listed[first][0]} now, not {version}")
        return listed | {first: matching}

    def download(self, versions: dict[str, list[str]]) -> list[Path]:
        """The packages, each in the first of its versions that is served."""
        first = [f"{name}={candidates[0]}" for name, candidates in versions.items()]
        try:
            self._call("apt-get", "download", *first, pauses=())
        except NotServed:
            for name, candidates in versions.items():
                self._call_any("download", [f"{name}={version}" for version in candidates])
        found: list[Path] = []
        for name in versions:
            found += self._private.glob(f"debs/{name}_*.deb")
        return found

    def download_source(self, package: str) -> Path:
        """The upstream archive of a source package, in the first of its versions that is served."""
        (versions,) = self.find_versions([package], "").values()
        self._call_any("source", [f"{package}={version}" for version in versions])
        found = self._private.glob(f"debs/{package}_*.orig.tar.*")
        return next(path for path in found if path.suffix != ".asc")  # the signature of the archive

    def _update(self) -> str:
        """Fetch the indexes of all places. Return why that failed, or "": most suites lack one of the places, which is
        an error only if a package is then not found.
        """
        try:
            self._call("apt-get", "--error-on=any", "update")
        except NotServed as error:
            return str(error)
        return ""

    def _call_any(self, action: str, choices: Sequence[str]) -> None:
        """Let apt-get download the first of `choices` ("NAME=VERSION") that is served."""
        for choice in choices:
            last = choice == choices[-1]
            try:
                self._call("apt-get", action, "--download-only", choice, pauses=None if last else ())
            except NotServed:
                if last:
                    raise
            else:
                return

    def _call(self, program: str, *words: str, pauses: Sequence[float] | None = ()) -> str:
        command = [program, *self._options, *words]
        return run_client(command, f"Debian {self._suite}", self._private / "debs", pauses=pauses)


def _versions(listing: str, suite: str, packages: Sequence[str]) -> dict[str, list[str]]:
    """The versions that `apt-cache madison` lists: those of the suite itself first, then of updates and security."""
    found: dict[str, list[str]] = {name: [] for name in packages}
    rows = [[cell.strip() for cell in line.split("|")] for line in listing.splitlines()]
    places = (suite, *(f"{suite}-{place}" for place in PLACES))
    for place in places:
        for name, version, source in rows:
            # "URI SUITE/COMPONENT ARCHITECTURE Packages"
            if source.split()[1].partition("/")[0] == place and version not in found.get(name, [version]):
                found[name].append(version)
    return found


def _sources(suite: str, architecture: str, kind: str) -> list[str]:
    """The lines of a sources.list for a suite, its updates and its security updates; `kind` as for `_Downloader`."""
    archive = debian_entry(APT)
    lines = [_line(archive, suite, architecture, kind)]
    if suite not in MOVING:
        lines.append(_line(archive, f"{suite}-updates", architecture, kind))
        security = _entry_with(APT, {f"{name}-security" for name in host_suites()})
        if security is not None:
            lines.append(_line(security, f"{suite}-security", architecture, kind))
    return lines


def _line(entry: AptEntry, suite: str, architecture: str, kind: str) -> str:
    trust = "trusted=yes" if entry.trusted else f"signed-by={_keyrings(entry)}"
    return f"{kind} [arch={architecture} {trust}] {entry.uri} {suite} main"


def debian_entry(apt: Path) -> AptEntry:
    """The official Debian archive among the sources in `apt` ("/etc/apt"): the first that has this release's suite."""
    suites = host_suites()
    entry = _entry_with(apt, suites)
    if entry is None:
        raise Unavailable(f"no Debian archive with suite {' or '.join(sorted(suites))} in {apt}/sources.list(.d)")
    return entry


def _entry_with(apt: Path, suites: Collection[str]) -> AptEntry | None:
    """The first archive among the sources from which one of these suites is taken."""
    return next((entry for entry in apt_entries(apt) if not set(suites).isdisjoint(entry.suites)), None)


def host_suites() -> frozenset[str]:
    """The names under which this machine's release may stand in apt's sources: its codename, and for testing and sid,
    which share a codename and have no version number, their lasting names.
    """
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        system = {}
    if system.get("ID") != "debian":
        raise Unavailable(f"this machine runs {system.get('ID', 'an unknown system')}, not Debian")
    codename = {system["VERSION_CODENAME"]} if "VERSION_CODENAME" in system else set()
    return frozenset(codename if "VERSION_ID" in system else codename | {"sid", "unstable", "testing"})


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
    """The archive of a line `deb [signed-by=KEYRING arch=amd64] URI SUITE COMPONENT...`."""
    match = re.match(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)", line.strip())
    if match:
        keyring = re.search(r"signed-by=(/[^\s,]+)", match["options"] or "", re.IGNORECASE)
        trusted = re.search(r"trusted=yes", match["options"] or "", re.IGNORECASE) is not None
        yield AptEntry(match["uri"], (match["suite"],), keyring.group(1) if keyring else None, trusted)


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
    signed_by = keyring if keyring.startswith("/") else None
    trusted = fields.get("trusted", "").lower() == "yes"
    for uri in fields.get("uris", "").split():
        yield AptEntry(uri, tuple(fields.get("suites", "").split()), signed_by, trusted)


def _keyrings(entry: AptEntry) -> str:
    """The keyrings a foreign suite is checked with: the entry's own, and Debian's for all its releases."""
    paths = [entry.signed_by] if entry.signed_by else []
    if ARCHIVE_KEYRING.is_file() and str(ARCHIVE_KEYRING) not in paths:
        paths.append(str(ARCHIVE_KEYRING))
    if not paths:
        raise Unavailable("no keyring to check Debian's signatures with; install debian-archive-keyring")
    return ",".join(paths)
