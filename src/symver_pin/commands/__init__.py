"""One module a group of commands: options in, one call, text out. ``COMMANDS`` is the table of them all."""

from __future__ import annotations

from symver_pin.light import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Command(NamedTuple):
    """A command: its line in the overview, and ``module:function`` that runs it, imported when asked for."""

    summary: str
    where: str

    def run(self, arguments: list[str]) -> int:
        """Run the command with the words after its name; returns the exit status."""
        module, _, function = self.where.partition(":")
        entry: Callable[[list[str]], int] = getattr(__import__(f"{__name__}.{module}", fromlist=[function]), function)
        return entry(arguments)


COMMANDS: dict[str, Command] = {
    "gen": Command("print the pin header, or a linker script", "generate:gen"),
    "kit": Command("make or find the link kit, print its folder", "generate:kit"),
    "flags": Command("print the kit's flags for cc, cxx or ld", "build:flags"),
    "rustflags": Command("print the kit's flags for RUSTFLAGS", "cargo:rustflags"),
    "cc": Command("run the C compiler with the kit", "build:cc"),
    "c++": Command("run the C++ compiler with the kit", "build:cxx"),
    "cargo": Command("run cargo with the kit, verify what it made", "cargo:cargo"),
    "cargo-config": Command("print, merge or check a .cargo/config.toml that uses the kit", "cargo:cargo_config"),
    "cargo-init": Command("give a cargo project a pinned build and a CI workflow", "cargo:cargo_init"),
    "verify": Command("say whether files load on a release, and why not", "verify:verify"),
    "show": Command("print the history of a symbol", "inspect:show"),
    "maps": Command("list the symbol tables, or dump one release", "inspect:maps"),
    "platforms": Command("list distributions, or those that a release runs on", "platforms:platforms"),
    "harvest": Command("make symbol tables from libraries, packages, glibc's sources", "harvest:harvest"),
    "compat": Command("list the compat objects, print their coverage", "compat:compat"),
    "doctor": Command("say what this host has and what works on it", "inspect:doctor"),
}
