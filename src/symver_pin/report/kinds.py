"""What each kind of finding is called and means, for formats that list rules; docs/verify.md has it at length."""

from typing import NamedTuple

from symver_pin.verify.model import Kind


class Meaning(NamedTuple):
    """A kind's words."""

    title: str
    """A few words, without a full stop."""
    text: str
    """One sentence: what happens on the target."""


MEANINGS: dict[Kind, Meaning] = {
    "missing-version": Meaning(
        "Missing version node", "The file wants a version node that the target's library does not define."
    ),
    "missing-symbol": Meaning("Missing symbol", "No library that the file loads on the target has the symbol."),
    "link-time-reference": Meaning(
        "Symbol in another library",
        "Up to glibc 2.29 the symbol must be in the very library that the linker found it in; on the target it is not.",
    ),
    "versions-lost": Meaning(
        "Library without its versions", "The library has lost the versions that the file was linked with."
    ),
    "missing-library": Meaning("Missing library", "The target's glibc does not have the library yet."),
    "library-not-loaded": Meaning("Library not loaded", "The file wants a version of a library that nothing loads."),
    "glibc-private": Meaning("glibc's private interface", "The file uses symbols that change with every glibc."),
    "dt-relr": Meaning(
        "Packed relative relocations", "The file has DT_RELR, which loaders before glibc 2.36 do not understand."
    ),
    "constructors-not-run": Meaning(
        "Constructors do not run", "The program starts on the target, and silently leaves its constructors out."
    ),
    "interpreter": Meaning("Loader's path", "The program asks for a loader that is not where glibc installs its own."),
    "header-refused": Meaning(
        "Header refused", "The library's ELF header is not one that the target's loader accepts."
    ),
    "broken-library": Meaning("Broken library", "A library that the file loads is no sound ELF file."),
    "missing-at-link": Meaning(
        "Missing for a link", "The objects call a function that no library of the target has to link with."
    ),
    "above-maximum": Meaning("Version above the maximum", "The file wants a version node above the one allowed."),
    "library-not-allowed": Meaning("Library not allowed", "The file wants a library that the policy does not list."),
    "library-denied": Meaning("Library denied", "The file wants a library that the policy forbids."),
    "symbol-denied": Meaning("Symbol denied", "The file uses a symbol that the policy forbids."),
    "architecture-not-allowed": Meaning("Architecture not covered", "The policy says nothing of this architecture."),
    "provided-by-system": Meaning(
        "Left to the system", "A library that cannot be seen from here must be there on the target."
    ),
    "unjudged-symbols": Meaning(
        "Symbols not judged", "Symbols without a version may come from what loads the file or is linked with it."
    ),
    "unjudged-start-up": Meaning(
        "Start-up not judged", "The start-up code is unknown; whether constructors run cannot be told."
    ),
    "older-meaning": Meaning(
        "Older function", "The file is bound to an older version of a function, which means something else."
    ),
    "x86-level": Meaning("Processor level", "The file asks for a newer processor than the oldest of the architecture."),
    "kernel-version": Meaning("Kernel version", "The file asks for a newer Linux than the target may run on."),
}
