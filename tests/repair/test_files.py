"""Files, folders and wheels as users give them: what is written where, and what is not."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import stat
import zipfile
from pathlib import Path

import pytest

from conftest import succeeded
from pinning import run, symver_pin_command
from symver_pin import repair, verify
from symver_pin.errors import OutputError, UsageError

from .conftest import Plain
from .test_traps import ABSENT, HOST, PLUGIN, SIGNAL_STACK


def test_the_command_says_what_it_did(plain: Plain) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    done = symver_pin_command("repair", "--glibc", "2.17", program, "-o", plain.out)
    said = succeeded(done).splitlines()
    assert said[0] == (f"{plain.out}/program: repaired for glibc 2.17: 3 supplied by libsymver_pin_compat.so")
    assert f"{plain.out}/program: ok on glibc 2.17" in said
    assert f"{plain.out}/libsymver_pin_compat.so: added" in said


def test_the_json_view_has_every_symbol(plain: Plain) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    done = symver_pin_command("repair", "--glibc", "2.17", program, "-o", plain.out, "--format", "json", "--dry-run")
    document = json.loads(succeeded(done))
    assert (document["schema"], document["written"], document["exit_status"]) == (1, False, 0)
    (file,) = (file for file in document["files"] if file["status"] == "repaired")
    symbols = {symbol["name"]: (symbol["outcome"], symbol["bound_version"]) for symbol in file["symbols"]}
    assert symbols["getrandom"] == ("supplied", "GLIBC_2.25")
    assert symbols["sysconf"] == ("supplied", "SYMVER_PIN_1")
    assert not plain.out.exists()


def test_a_refusal_names_the_symbol_and_ends_with_1(plain: Plain) -> None:
    program = plain.build(plain.write("absent.c", ABSENT))
    done = symver_pin_command("repair", "--glibc", "2.17", program, "-o", plain.out)
    assert done.returncode == 1
    assert "  _Fork@GLIBC_2.34: " in done.stdout
    assert done.stdout.endswith("nothing was written: 1 file cannot be repaired\n")


@pytest.mark.parametrize("data", [b"", b"text\n", b"\x7fELF\2\1\1", b"\x7fELF" + b"\xff" * 200])
def test_a_file_that_is_none_is_one_line(plain: Plain, data: bytes) -> None:
    file = plain.folder / "file"
    file.write_bytes(data)
    done = symver_pin_command("repair", "--glibc", "2.17", file, "-o", plain.out)
    assert done.returncode == 2 and not plain.out.exists()
    assert done.stderr.startswith("symver-pin: error: ") and done.stderr.count("\n") == 1


def test_in_place_replaces_the_file_and_keeps_its_mode(plain: Plain) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    program.chmod(0o750)
    before = program.read_bytes()
    outcome = repair([program], "2.17", in_place=True)
    assert outcome.is_written and program.read_bytes() != before
    assert stat.S_IMODE(program.stat().st_mode) == 0o750
    assert (plain.folder / "libsymver_pin_compat.so").exists()
    assert succeeded(run([program])) == "1 1\n"


def test_where_the_results_go_must_be_named(plain: Plain) -> None:
    program = plain.build(plain.write("sizes.c", SIGNAL_STACK))
    with pytest.raises(UsageError, match="in-place"):
        repair([program], "2.17")
    with pytest.raises(UsageError, match="lies in"):
        repair([program], "2.17", plain.folder)
    with pytest.raises(OutputError, match="not a folder"):
        repair([program], "2.17", program)


def folder_of(plain: Plain) -> Path:
    """A folder with a program, its plug-in, a link and a text, as an application is shipped."""
    folder = plain.folder / "app"
    for name in ("bin", "lib", "share"):
        (folder / name).mkdir(parents=True)
    host = HOST.replace("./plugin.so", "libplugin.so")
    plain.build(plain.write("host.c", host), "-Wl,-rpath,$ORIGIN/../lib").rename(folder / "bin/host")
    plain.build(plain.write("plugin.c", PLUGIN), mode="shared").rename(folder / "lib/libplugin.so")
    (folder / "share/text").write_text("as it is\n")
    (folder / "bin/link").symlink_to("host")
    return folder


def test_a_folder_is_one_set_with_one_library(plain: Plain) -> None:
    folder = folder_of(plain)
    outcome = plain.repair(folder)
    copy = plain.out / "app"
    assert sorted(str(p.relative_to(copy)) for p in copy.rglob("*") if not p.is_dir()) == [
        "bin/host", "bin/link", "lib/libplugin.so", "libsymver_pin_compat.so", "share/text",
    ]  # fmt: skip
    assert (copy / "bin/link").readlink() == Path("host")
    assert succeeded(run([copy / "bin/host"])) == "42\n"
    assert all(file.verdict == "ok" for file in verify([copy], "2.17").files)
    assert not any(file.status == "error" for file in outcome.files)
    with pytest.raises(OutputError, match="exists"):
        repair([folder], "2.17", plain.out)


def test_excluded_files_stay_as_they_are(plain: Plain) -> None:
    folder = folder_of(plain)
    refused = plain.build(plain.write("absent.c", ABSENT)).rename(folder / "lib/refused")
    assert repair([folder], "2.17", plain.out).exit_status == 1
    assert repair([folder], "2.17", plain.out, exclude=["refused"]).exit_status == 0
    assert (plain.out / "app/lib/refused").read_bytes() == refused.read_bytes()


def test_a_repair_for_an_older_target_replaces_the_library(plain: Plain) -> None:
    folder = folder_of(plain)
    repair([folder], "2.24", in_place=True)
    before = (folder / "libsymver_pin_compat.so").read_bytes()
    outcome = repair([folder], "2.17", in_place=True)
    assert outcome.exit_status == 0 and outcome.is_written
    assert (folder / "libsymver_pin_compat.so").read_bytes() != before
    assert all(file.verdict == "ok" for file in verify([folder], "2.17").files)
    assert succeeded(run([folder / "bin/host"])) == "42\n"


def wheel_of(plain: Plain, platform: str = "linux_x86_64", library: Path | None = None) -> Path:
    """A wheel with one library that needs a new glibc."""
    library = library or plain.build(plain.write("plugin.c", PLUGIN), mode="shared", output="plugin.so")
    name = f"plugged-1.0-cp311-cp311-{platform}.whl"
    info = "plugged-1.0.dist-info"
    members = {
        "plugged/__init__.py": b"pass\n",
        "plugged/plugin.so": library.read_bytes(),
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-{platform}\n\n".encode(),
        f"{info}/RECORD": b"",
    }
    rows = "".join(f"{name},sha256={'A' * 43},1\n" for name in members if not name.endswith("RECORD"))
    members[f"{info}/RECORD"] = f"{rows}{info}/RECORD,,\n".encode()
    with zipfile.ZipFile(plain.folder / name, "w") as wheel:
        for member, data in members.items():
            wheel.writestr(zipfile.ZipInfo(member, (2020, 1, 2, 3, 4, 6)), data)
    return plain.folder / name


def test_a_wheel_gets_its_record_and_an_honest_tag(plain: Plain) -> None:
    wheel = wheel_of(plain, "manylinux_2_28_x86_64")
    plain.repair(wheel)
    (result,) = plain.out.iterdir()
    assert result.name == "plugged-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(result) as new:
        info = "plugged-1.0.dist-info"
        assert set(new.namelist()) - set(old.namelist()) == {"plugged.libs/libsymver_pin_compat.so"}
        for name in ("plugged/__init__.py", f"{info}/METADATA"):
            assert new.read(name) == old.read(name)
            assert new.getinfo(name).date_time == old.getinfo(name).date_time
        tags = [line for line in new.read(f"{info}/WHEEL").decode().splitlines() if line.startswith("Tag: ")]
        assert tags == ["Tag: cp311-cp311-manylinux_2_17_x86_64", "Tag: cp311-cp311-manylinux2014_x86_64"]
        rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(new.read(f"{info}/RECORD").decode()))}
        assert rows.keys() == set(new.namelist())
        for name in ("plugged/plugin.so", "plugged.libs/libsymver_pin_compat.so", f"{info}/WHEEL"):
            digest = base64.urlsafe_b64encode(hashlib.sha256(new.read(name)).digest()).rstrip(b"=").decode()
            assert rows[name] == [f"sha256={digest}", str(len(new.read(name)))]
    assert verify([result], "2.17", policy="manylinux_2_17").exit_status == 0


def test_a_wheel_is_replaced_in_place(plain: Plain) -> None:
    folder = plain.folder / "wheels"
    folder.mkdir()
    wheel = wheel_of(plain, "manylinux_2_28_x86_64")
    repair([wheel.rename(folder / wheel.name)], "2.17", in_place=True)
    assert [path.name for path in folder.iterdir()] == [
        "plugged-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    ]


def test_a_repaired_wheel_is_repaired_again_for_an_older_target(plain: Plain) -> None:
    repair([wheel_of(plain, "manylinux_2_28_x86_64")], "2.24", plain.folder / "first")
    (first,) = (plain.folder / "first").iterdir()
    assert "manylinux_2_24_x86_64" in first.name
    plain.repair(first)
    (second,) = plain.out.iterdir()
    with zipfile.ZipFile(second) as wheel:
        assert len(wheel.namelist()) == len(set(wheel.namelist()))
    assert verify([second], "2.17", policy="manylinux_2_17").exit_status == 0


def test_a_runtime_is_not_shipped_if_that_is_switched_off(plain: Plain) -> None:
    text = (
        "#include <charconv>\nint main(int n, char **w) { double d; return int(std::from_chars(*w, *w + n, d).ec); }\n"
    )
    program = plain.build(plain.write("young.cc", text))
    outcome = repair([program], "2.17", plain.out, bundle=False)
    assert outcome.exit_status == 1 and "--bundle auto" in outcome.files[0].reason
    empty = plain.folder / "empty"
    empty.mkdir()
    outcome = repair([program], "2.17", plain.out, runtime=[empty])
    assert outcome.exit_status == 1 and "--runtime" in outcome.files[0].reason
    assert repair([program], "2.17", plain.out).exit_status == 0


def test_a_wheel_that_breaks_the_policy_keeps_its_tag(plain: Plain) -> None:
    library = plain.build(
        plain.write("packs.c", PLUGIN + "extern int BZ2_bzlibVersion(void);\nint (*more)(void) = BZ2_bzlibVersion;\n"),
        "-Wl,--no-as-needed", "-l:libbz2.so.1.0", mode="shared", output="plugin.so",
    )  # fmt: skip
    wheel = wheel_of(plain, "manylinux_2_28_x86_64", library)
    outcome = plain.repair(wheel)
    assert [path.name for path in plain.out.iterdir()] == [wheel.name]
    assert any("manylinux_2_17" in file.note and "libbz2" in file.note for file in outcome.files)


@pytest.mark.parametrize("change", ["truncated", "no RECORD", "signed", "name"])
def test_a_wheel_that_is_none_is_one_line(plain: Plain, change: str) -> None:
    wheel = wheel_of(plain)
    if change == "truncated":
        wheel.write_bytes(wheel.read_bytes()[:-30])
    elif change == "name":
        wheel = wheel.rename(wheel.with_name("plugged.whl"))
    else:
        with zipfile.ZipFile(wheel) as old:
            kept = {name: old.read(name) for name in old.namelist()}
        with zipfile.ZipFile(wheel, "w") as new:
            for name, data in kept.items():
                if change == "signed" or not name.endswith("RECORD"):
                    new.writestr(name, data)
            if change == "signed":
                new.writestr("plugged-1.0.dist-info/RECORD.jws", b"{}")
    outcome = repair([wheel], "2.17", plain.out)
    assert outcome.exit_status == 2 and not plain.out.exists()
    assert "\n" not in outcome.files[0].reason and str(wheel) in outcome.files[0].reason
