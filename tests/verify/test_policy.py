"""Policies: by name, by file and by options, on small programs; and on real wheels, compared with auditwheel."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pinning import run, symver_pin_command
from symver_pin.errors import UsageError
from symver_pin.findings import VIOLATIONS
from symver_pin.glibc.maps import default_maps
from symver_pin.paths import shipped_maps
from symver_pin.verifier import Content, FileVerdict, verify
from symver_pin.verifier.policies.policy import FileRule, Limits, Policy, split_node
from symver_pin.verifier.policies.table import find_policy

from . import packages
from .programs import compile_library, compile_program

MANYLINUX = sorted(
    {line.split("\t")[0] for line in (shipped_maps() / "policies.tsv").read_text().splitlines()
     if line.startswith("manylinux")},
    key=lambda name: int(name.rpartition("_")[2]),
)  # fmt: skip

DOCS = Path(__file__).resolve().parents[2] / "docs" / "verify.md"


def policy_of(name: str) -> Policy:
    """A policy of the shipped tables, or of a file."""
    return find_policy(name, default_maps())


def violations(verdict: FileVerdict) -> list[tuple[str, str | None, str | None]]:
    """(kind, library, version) of the violations of a policy."""
    return sorted(
        (finding.kind, finding.library, finding.version) for finding in verdict.findings if finding.kind in VIOLATIONS
    )


@pytest.mark.parametrize(
    "requirement", ["pyzmq==26.2.0", "zopfli==0.4.3", "msgpack==1.2.4", "lxml==5.3.0", "tokenizers==0.21.0"]
)
def test_policies_agree_with_auditwheel_on_real_wheels(requirement: str) -> None:
    wheel = packages.wheel(requirement)
    done = run([sys.executable, "-m", "auditwheel", "show", wheel])
    tag = re.search(r'following platform tag:\s+"(\w+?)_x86_64"', done.stdout)
    assert tag is not None, done.stdout + done.stderr
    kept = [name for name in MANYLINUX if not any(map(violations, verify([wheel], "2.36", policy=name).files))]
    assert kept == MANYLINUX[MANYLINUX.index(tag[1]) :]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that needs memcpy of 2.14 and a library with versions, libown.so.1, which lies beside it."""
    folder = tmp_path_factory.mktemp("program")
    library = compile_library(
        folder,
        "libown.so.1",
        "int foo(void) { return 1; } int bar(void) { return 1; }",
        "OWN_LIB_1.2 { global: foo; }; OWN_LIB_1.10.3 { global: bar; };",
    )
    source = (
        "#include <string.h>\nextern int foo(), bar();\nint program(void) { char *volatile p = 0; if (never) "
        "memcpy(p, p, never); return never && foo() + bar(); }"
    )
    return compile_program(folder, "program", source, [str(library), "-fno-builtin"])


def verdict_of(program: Path, *words: str) -> tuple[int, list[tuple[str, str | None, str | None]]]:
    """The exit status of the command, and the violations."""
    done = symver_pin_command("verify", "--glibc", "2.36", "--format", "json", program, *words)
    findings = json.loads(done.stdout)["files"][0]["findings"]
    found = [(f["kind"], f["library"], f["version"]) for f in findings if f["kind"] in VIOLATIONS]
    return done.returncode, sorted(found)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], []),
        (["--max", "GLIBC_2.14"], []),
        (["--max", "GLIBC_2.13"], [("above-maximum", "libc.so.6", "GLIBC_2.14")]),
        # numbers, not texts: 1.10.3 is above 1.9 and above 1.2
        (["--max", "OWN_LIB_1.9"], [("above-maximum", "libown.so.1", "OWN_LIB_1.10.3")]),
        (["--max", "OWN_LIB_1.1", "--max", "GLIBC_2.2.5"],
         [("above-maximum", "libc.so.6", "GLIBC_2.14"), ("above-maximum", "libown.so.1", "OWN_LIB_1.10.3"),
          ("above-maximum", "libown.so.1", "OWN_LIB_1.2")]),
        (["--max", "OWN_1.0"], []),
        (["--allow-lib", "libown.so.?"], []),
        (["--allow-lib", "libother.so"], [("library-not-allowed", "libown.so.1", None)]),
        (["--deny-lib", "libown*"], [("library-denied", "libown.so.1", None)]),
        (["--deny-lib", "libc.so.*", "--deny-lib", "libnone*"], [("library-denied", "libc.so.6", None)]),
        (["--policy", "lsb"], [("library-not-allowed", "libown.so.1", None)]),
        (["--policy", "lsb", "--allow-lib", "libown*"], []),
        (["--policy", "manylinux2010"],
         [("above-maximum", "libc.so.6", "GLIBC_2.14"), ("library-not-allowed", "libown.so.1", None)]),
    ],
    ids=lambda value: " ".join(value) if value and isinstance(value[0], str) else "",
)  # fmt: skip
def test_options_make_a_policy(words: list[str], found: list[tuple[str, str, str]], program: Path) -> None:
    assert verdict_of(program, *words) == (int(bool(found)), found)


def test_lsb_has_maxima_and_a_target(tmp_path: Path) -> None:
    source = "#include <threads.h>\nint program(void) { static mtx_t lock; return mtx_lock(&lock); }"
    path = compile_program(tmp_path, "app", source)
    done = symver_pin_command("verify", "--policy", "lsb", "--format", "json", path)
    report = json.loads(done.stdout)
    findings = [(f["kind"], f["library"], f["version"]) for f in report["files"][0]["findings"]]
    assert done.returncode == 1 and ("above-maximum", "libc.so.6", "GLIBC_2.34") in findings
    policy = policy_of("lsb")
    assert policy.target == "2.15"
    for arch in ("i386", "x86_64", "s390x"):
        limits = policy.limits(arch)
        assert limits is not None and {ceiling.node for ceiling in limits.ceilings} >= {"GLIBC_2.15", "GCC_4.2.0"}
    assert policy.limits("aarch64") is None


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("GLIBC_2.9", "GLIBC_2.17"),
        ("GLIBCXX_3.4", "GLIBCXX_3.4.1"),
        ("GCC_4.8.0", "GCC_11.0"),
        ("OPENSSL_1_1_0", "OPENSSL_1_1_1d"),
        ("OPENSSL_1.1.1", "OPENSSL_1.1.1d"),
        ("LIBXML2_2.9.8", "LIBXML2_2.11.0"),
        ("GLIBCXX_LDBL_3.4.10", "GLIBCXX_LDBL_3.4.29"),
    ],
)
def test_nodes_are_compared_as_numbers(lower: str, higher: str) -> None:
    (family, low), (other, high) = split_node(lower), split_node(higher)
    assert family == other and low < high


def test_libraries_in_the_verified_set_are_no_violation(program: Path) -> None:
    words = ("--deny-lib", "libown*", "--max", "OWN_LIB_1.0")
    assert verdict_of(program, str(program.with_name("libown.so.1")), *words) == (0, [])


def test_private_symbols_are_denied(tmp_path: Path) -> None:
    both = "int inflate_fast(void) { return 1; } int inflate(void) { return 1; }"
    library = compile_library(tmp_path, "libz.so.1", both)
    source = "extern int inflate_fast(), inflate(); int program(void) { return never && inflate_fast() + inflate(); }"
    bad = compile_program(tmp_path, "bad", source, [str(library)])
    (found,) = verify([bad], "2.17", policy="manylinux_2_17").files
    denied = [finding for finding in found.findings if finding.kind == "symbol-denied"]
    assert [(finding.library, [s.name for s in finding.symbols]) for finding in denied] == [
        ("libz.so.1", ["inflate_fast"])
    ]
    assert "VIOLATES manylinux_2_17" in symver_pin_command("verify", bad, "--policy", "manylinux_2_17").stdout


def test_a_weak_reference_to_a_denied_symbol_is_no_violation(tmp_path: Path) -> None:
    source = "int library(void) {{ return __cxa_thread_atexit_impl && __cxa_thread_atexit_impl(); }}"
    declaration = "extern int __cxa_thread_atexit_impl(void) {};\n"
    weak = compile_library(tmp_path, "weak.so", declaration.format("__attribute__((weak))") + source.format())
    strong = compile_library(tmp_path, "strong.so", declaration.format("") + source.format())
    (weak_verdict,) = verify([weak], "2.19", policy="manylinux_2_17").files
    (strong_verdict,) = verify([strong], "2.19", policy="manylinux_2_17").files
    assert [kind for kind, _, _ in violations(weak_verdict)] == []
    assert "symbol-denied" in [kind for kind, _, _ in violations(strong_verdict)]


def test_a_policy_names_the_target_unless_one_is_given(program: Path) -> None:
    alone = symver_pin_command("verify", program, "--policy", "manylinux_2_17").stdout
    assert "ok on manylinux2014 (glibc 2.17)" in alone
    given = symver_pin_command("verify", program, "--policy", "manylinux_2_17", "--glibc=debian8").stdout
    assert "ok on debian8 (glibc 2.19), VIOLATES manylinux_2_17" in given


def test_a_policy_covers_the_architectures_that_it_lists(program: Path, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('name = "ours"\n')
    assert policy_of(str(tmp_path / "other.toml")).limits("mips64") is not None
    assert policy_of("manylinux_2_5").limits("aarch64") is None
    foreign = bytearray(program.read_bytes())
    foreign[18:20] = (183).to_bytes(2, "little")  # EM_AARCH64
    (found,) = verify([Content("foreign", bytes(foreign))], "2.28", policy="manylinux_2_12").files
    assert violations(found) == [("architecture-not-allowed", None, None)]


def test_every_manylinux_policy_is_a_platform_with_the_same_nodes() -> None:
    platforms = {name: platform for platform in default_maps().platforms for name in (platform.id, *platform.aliases)}
    for name in MANYLINUX:
        platform, limits = platforms[name], policy_of(name).limits("x86_64")
        assert limits is not None
        nodes = {ceiling.family: ceiling.node for ceiling in limits.ceilings}
        assert nodes["GLIBCXX_"] == platform.glibcxx_node and nodes["CXXABI_"] == platform.cxxabi_node, name
        assert policy_of(platform.id).name == name


def test_the_policy_file_of_the_docs_works(program: Path, tmp_path: Path) -> None:
    text = DOCS.read_text().partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "servers.toml").write_text(text)
    policy = policy_of(str(tmp_path / "servers.toml"))
    assert policy.name == "our servers" and policy.target == "rhel7"
    status, found = verdict_of(program, "--policy", str(tmp_path / "servers.toml"))
    assert status == 1 and ("library-not-allowed", "libown.so.1", None) in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("allow-libs = []\n", "unknown key 'allow-libs'; known: allow-lib, deny-lib"),
        ("allow-lib = 'libc.so.6'\n", "allow-lib must be a list of strings"),
        ("max = ['GLIBC']\n", "max: 'GLIBC' has no number"),
        ("[max]\nx86 = ['GLIBC_2.17']\n", "max has an unknown architecture 'x86'; known: aarch64"),
        ("[max]\nx86_64 = 'GLIBC_2.17'\n", "max.x86_64 must be a list of strings"),
        ("[max]\nx86_64 = ['GLIBC']\n", "max.x86_64: 'GLIBC' has no number"),
        ("[file]\nmatch = 'x'\n", "file must be a list of tables: write [[file]]"),
        ("[[file]]\nallow-lib = []\n", "file 1: match must be a list of strings"),
        ("[[file]]\nmatch = []\n", "file 1: match is missing"),
        ("[[file]]\nmatch = 'a'\n[[file]]\nmatch = 'x'\nname = 'y'\n", "file 2: unknown key 'name'; known: allow-lib"),
        ("[[file]]\nmatch = 'x'\nmax = ['GLIBC']\n", "file 1: max: 'GLIBC' has no number"),
        ("glibc = 2.17\n", "glibc must be a string"),
        ("deny-symbol = ['x']\n", "deny-symbol must be a table"),
        ("[deny-symbol]\n'libz.so.1' = 'x'\n", "deny-symbol.libz.so.1 must be a list of strings"),
        ("max = [\n", "not a TOML file"),
        ("\udcff", "not a TOML file"),
    ],
)
def test_a_faulty_policy_file_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=r"policy\.toml") as caught:
        policy_of(str(path))
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).count("policy.toml") == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[max]\nx86_64 = ['GLIBC_2.14']\n", []),
        ("[max]\nx86_64 = ['GLIBC_2.13']\nmips64 = ['GLIBC_2.19']\n", [("above-maximum", "libc.so.6", "GLIBC_2.14")]),
        ("[max]\nmips64 = ['GLIBC_2.19']\n", [("architecture-not-allowed", None, None)]),
        ("[max]\nmips64 = ['GLIBC_2.19']\ndefault = ['GLIBC_2.9']\n", [("above-maximum", "libc.so.6", "GLIBC_2.14")]),
        ("[max]\nmips64 = ['GLIBC_2.19']\ndefault = []\n", []),
        ("allow-lib = ['libc.so.6']\n", [("library-not-allowed", "libown.so.1", None)]),
        ("allow-lib = ['libc.so.6']\n[[file]]\nmatch = 'prog*'\nallow-lib = ['libown.so.*']\n", []),
        ("allow-lib = ['libc.so.6']\n[[file]]\nmatch = ['x', 'program']\nallow-lib = ['libown.so.1']\n", []),
        (
            "allow-lib = ['libc.so.6']\n[[file]]\nmatch = 'other'\nallow-lib = ['libown.so.1']\n",
            [("library-not-allowed", "libown.so.1", None)],
        ),
        ("deny-lib = ['libown*']\n[[file]]\nmatch = 'program'\nallow-lib = ['lib*']\n", []),
        ("[[file]]\nmatch = 'program'\ndeny-lib = ['libown*']\n", [("library-denied", "libown.so.1", None)]),
        ("max = ['GLIBC_2.5']\n[[file]]\nmatch = 'program'\nmax = ['GLIBC_2.14']\n", []),
        (
            "max = ['GLIBC_2.14']\n[[file]]\nmatch = 'program'\n[file.max]\nx86_64 = ['OWN_LIB_1.9']\n",
            [("above-maximum", "libown.so.1", "OWN_LIB_1.10.3")],
        ),
        (
            "[[file]]\nmatch = 'program'\n[file.deny-symbol]\n'libown.so.1' = ['foo']\n",
            [("symbol-denied", "libown.so.1", None)],
        ),
    ],
)  # fmt: skip
def test_a_policy_file_has_rules_by_architecture_and_by_file(
    text: str, found: list[tuple[str, str | None, str | None]], program: Path, tmp_path: Path
) -> None:
    (tmp_path / "rules.toml").write_text(text)
    assert verdict_of(program, "--policy", str(tmp_path / "rules.toml")) == (int(bool(found)), found)


@pytest.mark.parametrize(
    ("globs", "path", "is_matched"),
    [
        (["_crypt*"], "lib/_crypt.cpython-311.so", True),
        (["_crypt*"], "_crypt/other.so", False),
        (["lib-dynload/_crypt*"], "python/lib/lib-dynload/_crypt.so", True),
        (["lib-dynload/_crypt*"], "x.tar!/lib-dynload/_crypt.so", True),
        (["lib/_crypt.so"], "mylib/_crypt.so", False),
    ],
)
def test_a_rule_is_for_files_by_name_or_by_the_end_of_their_path(globs: list[str], path: str, is_matched: bool) -> None:
    assert FileRule(tuple(globs), Limits()).matches(path) == is_matched


def test_a_policy_file_with_an_unknown_target_is_an_error(program: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('glibc = "vms"\n')
    done = symver_pin_command("verify", program, "--policy", tmp_path / "policy.toml")
    assert done.returncode == 2 and "unknown glibc release or platform 'vms'" in done.stderr


def test_static_programs_violate_no_policy(tmp_path: Path) -> None:
    (tmp_path / "x.c").write_text("int main(void) { return 0; }\n")
    subprocess.run(["gcc", "-static", "x.c", "-o", "x"], cwd=tmp_path, check=True)
    assert verify([tmp_path / "x"], "2.19", policy="manylinux_2_5").exit_status == 0
