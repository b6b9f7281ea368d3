"""One tree of programs and libraries in every form that software is shipped in, and real wheels."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from cache import kept_folder
from distribution import build_deb, build_rpm
from python_packages import pip_download
from served import PACKAGES, served

Form = Callable[[Path, Path], Path]


def as_folder(tree: Path, folder: Path) -> Path:
    return Path(shutil.copytree(tree, folder / "tree", symlinks=True))


def as_deb(compression: str) -> Form:
    return lambda tree, folder: build_deb(tree, folder, compression)


def as_rpm(payload: str) -> Form:
    return lambda tree, folder: build_rpm(tree, folder, payload, "/opt")


def as_tar(compression: str) -> Form:
    def build(tree: Path, folder: Path) -> Path:
        path = folder / f"x.tar{'.' if compression else ''}{compression}"
        if compression == "zst":
            import zstandard

            plain = as_tar("")(tree, folder)
            path.write_bytes(zstandard.compress(plain.read_bytes()))
            return path
        with tarfile.open(path, f"w:{compression}") as archive:  # type: ignore[call-overload]
            archive.add(tree, ".")
        return path

    return build


def as_zip(method: int) -> Form:
    def build(tree: Path, folder: Path) -> Path:
        with zipfile.ZipFile(folder / "x.whl", "w", method) as archive:
            for path in sorted(tree.rglob("*")):
                if not path.is_symlink():  # zipfile would follow it
                    archive.write(path, path.relative_to(tree))
        return folder / "x.whl"

    return build


def as_squashfs(compression: str) -> Form:
    def build(tree: Path, folder: Path) -> Path:
        command = ["mksquashfs", str(tree), str(folder / "x.snap"), "-comp", compression, "-quiet", "-no-progress"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return folder / "x.snap"

    return build


def as_cpio(form: str) -> Form:
    """A cpio archive; ``initrd`` is a small one, zeros, and then a compressed one, as an initial RAM disk is."""

    def build(tree: Path, folder: Path) -> Path:
        names = "".join(f"{path.relative_to(tree)}\n" for path in sorted(tree.rglob("*")))
        command = ["cpio", "--quiet", "-o", "-H", "odc" if form == "odc" else "newc"]
        data = subprocess.run(command, cwd=tree, input=names.encode(), capture_output=True, check=True).stdout
        if form == "initrd":
            early = subprocess.run(command, cwd=tree, input=b".\n", capture_output=True, check=True).stdout
            data = early + bytes(1024) + gzip.compress(data)
        (folder / "x.img").write_bytes(data)
        return folder / "x.img"

    return build


def as_image(packed: bool) -> Form:
    """An image of a container, whose layers are blobs without a suffix: as `docker save` writes it, or an OCI layout
    with compressed layers.
    """

    def build(tree: Path, folder: Path) -> Path:
        layer = as_tar("gz" if packed else "")(tree, folder).read_bytes()
        digest = hashlib.sha256(layer).hexdigest()
        manifest = json.dumps({"schemaVersion": 2, "layers": [{"digest": f"sha256:{digest}"}]}).encode()
        blobs = folder / "image" / "blobs" / "sha256"
        blobs.mkdir(parents=True)
        (blobs / digest).write_bytes(layer)
        (blobs / hashlib.sha256(manifest).hexdigest()).write_bytes(manifest)
        (folder / "image" / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        with tarfile.open(folder / "image.tar", "w") as archive:
            archive.add(folder / "image", ".")
        return folder / "image.tar"

    return build


def behind(start: bytes, form: Form) -> Form:
    """The form, behind a script or a program."""

    def build(tree: Path, folder: Path) -> Path:
        inner = form(tree, folder)
        (folder / "installer").write_bytes(start + inner.read_bytes())
        return folder / "installer"

    return build


SHELL_SCRIPT = b"#!/bin/sh\n# It unpacks what follows.\ntail -n +4 $0 | tar xz\nexit 0\n"


def inside_of_a_zip(form: Form) -> Form:
    """The form, in a zip, under a name that tells nothing."""

    def build(tree: Path, folder: Path) -> Path:
        inner = form(tree, folder)
        with zipfile.ZipFile(folder / "outer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(inner, "0123abcd")
        return folder / "outer.zip"

    return build


def inside_of_a_tar(form: Form) -> Form:
    """The form, in a tar."""

    def build(tree: Path, folder: Path) -> Path:
        inner = form(tree, folder)
        with tarfile.open(folder / "outer.tar.gz", "w:gz") as archive:
            archive.add(inner, inner.name)
        return folder / "outer.tar.gz"

    return build


FORMS: dict[str, Form] = {
    "folder": as_folder,
    **{f"deb-{compression}": as_deb(compression) for compression in ("gzip", "xz", "zstd", "none")},
    **{f"rpm-{name}": as_rpm(payload) for name, payload in (("gzip", "w6.gzdio"), ("xz", "w2.xzdio"),
                                                            ("zstd", "w3.zstdio"))},
    **{f"tar-{compression or 'plain'}": as_tar(compression) for compression in ("", "gz", "bz2", "xz", "zst")},
    "zip-deflated": as_zip(zipfile.ZIP_DEFLATED),
    "zip-stored": as_zip(zipfile.ZIP_STORED),
    "wheel-in-tar": inside_of_a_tar(as_zip(zipfile.ZIP_DEFLATED)),
    "deb-in-tar": inside_of_a_tar(as_deb("xz")),
    "tar-in-tar": inside_of_a_tar(as_tar("xz")),
    "tar-in-zip-in-tar": inside_of_a_tar(inside_of_a_zip(as_tar("gz"))),
    **{f"squashfs-{compression}": as_squashfs(compression) for compression in ("gzip", "xz", "zstd")},
    **{f"cpio-{form}": as_cpio(form) for form in ("newc", "odc", "initrd")},
    "image-docker": as_image(False),
    "image-oci": as_image(True),
    "makeself": behind(SHELL_SCRIPT, as_tar("gz")),
    "makeself-plain": behind(SHELL_SCRIPT, as_tar("")),
    "zipapp": behind(b"#!/usr/bin/env python3\n", as_zip(zipfile.ZIP_DEFLATED)),
    "squashfs-in-tar": inside_of_a_tar(as_squashfs("gzip")),
    "makeself-in-zip": inside_of_a_zip(behind(SHELL_SCRIPT, as_tar("xz"))),
}  # fmt: skip


def wheel(requirement: str) -> Path:
    """A real wheel for x86_64 and CPython 3.11 ("pyzmq==26.2.0"), from the Python index into the cache."""

    def fill(folder: Path, download: Path) -> None:
        tags = [f"--platform={tag}_x86_64" for tag in ("manylinux_2_28", "manylinux_2_17", "manylinux2014")]
        pip_download([requirement], folder, ("--no-deps", "--only-binary=:all:", *tags, "--python-version=3.11"))

    folder = served(PACKAGES, requirement, lambda: kept_folder(f"wheels/{requirement}", fill))
    return next(folder.glob("*.whl"))


def thin_archive(folder: Path) -> Path:
    """A static archive whose members lie beside it."""
    (folder / "thin.c").write_text("int thin;\n")
    subprocess.run(["gcc", "-c", "thin.c"], cwd=folder, check=True)
    subprocess.run(["ar", "rcT", "libthin.a", "thin.o"], cwd=folder, check=True)
    return folder / "libthin.a"
