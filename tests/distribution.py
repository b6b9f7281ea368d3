"""A tree of files as a package of Debian's or of RPM's, made by their own tools."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import need_tool, succeeded
from pinning import run


def build_deb(tree: Path, folder: Path, compression: str) -> Path:
    """A `.deb` in `folder` with the whole tree; `compression` as dpkg-deb's `-Z` calls it."""
    package = Path(shutil.copytree(tree, folder / "package", symlinks=True))
    (package / "DEBIAN").mkdir()
    (package / "DEBIAN" / "control").write_text(
        "Package: x\nVersion: 1\nArchitecture: amd64\nMaintainer: nobody <nobody@example.org>\nDescription: x\n"
    )
    succeeded(run([need_tool("dpkg-deb"), f"-Z{compression}", "--build", package, folder / "x.deb"]))
    return folder / "x.deb"


def build_rpm(tree: Path, folder: Path, payload: str, files: str) -> Path:
    """An `.rpm` below `folder` with what `files` names of the tree; `payload` as `_binary_payload` calls it."""
    spec = folder / "x.spec"
    spec.write_text(
        "Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nAutoReqProv: no\n"
        "%global __os_install_post %{nil}\n%define _build_id_links none\n%define debug_package %{nil}\n"
        f"%description\nx\n%install\ncp -a {tree}/. %{{buildroot}}/\n%files\n{files}\n"
    )
    settings = (f"_topdir {folder}/rpm", f"_binary_payload {payload}", "_rpmformat 4")
    words = [word for setting in settings for word in ("--define", setting)]
    succeeded(run([need_tool("rpmbuild"), "-bb", *words, spec]))
    return next((folder / "rpm" / "RPMS").glob("**/*.rpm"))
