"""The platforms that a file runs on: by the glibc releases that load it, and by the other libraries that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symver_pin.glibc.platform_libraries import OpensslRelease, PlatformLibraries, parse_openssl_release
from symver_pin.glibc.platforms import Platform
from symver_pin.glibc.release import Release, ReleaseAxis, ReleaseSet, Span


class PlatformIndex:
    """Answers which platforms a file runs on. Answers are kept, since the files of one system need much the same."""

    _FAMILIES = frozenset({"GCC", "GLIBCXX", "CXXABI"})
    """The families of version nodes, beside glibc's, whose newest node the table has."""

    def __init__(
        self,
        platforms: Iterable[Platform],
        runtime_nodes: Mapping[str, Release],
        libraries: PlatformLibraries,
        openssl: Mapping[str, OpensslRelease],
    ) -> None:
        """``runtime_nodes`` maps the nodes of GCC's runtimes to GCC releases: those of other families (GOMP, GFORTRAN)
        are on a platform with that GCC or a later one. ``openssl`` maps ids of platforms to their OpenSSL.
        """
        self.platforms = tuple(platforms)
        self._runtime_nodes, self._libraries, self._openssl = runtime_nodes, libraries, openssl
        self._answers: dict[tuple[ReleaseSet, Span, tuple[str, ...], tuple[str, ...]], tuple[Platform, ...]] = {}

    def running(
        self,
        loads: ReleaseSet,
        axis: ReleaseAxis,
        needed_nodes: Iterable[str] = (),
        needed_libraries: Iterable[str] = (),
    ) -> tuple[Platform, ...]:
        """The platforms that a file runs on.

        ``loads`` is the set of glibc releases on which the loader's rules let it start, of those on ``axis``. A
        platform with a newer glibc counts as the newest of them, one with an older glibc runs nothing. ``needed_nodes``
        are the version nodes that it needs of the platform's libraries, without those of libraries that come with the
        file. glibc's own nodes among them do not count: a number is not the verdict, ``loads`` is.
        ``needed_libraries`` are the sonames of those libraries.
        """
        if not loads:
            return ()
        nodes = tuple(node for node in needed_nodes if self._is_of_the_platform(node))
        covered = Span(axis.releases[0], axis.releases[-1])
        sonames = tuple(soname for soname in needed_libraries if soname in self._libraries)
        key = loads, covered, nodes, sonames
        if key not in self._answers:
            self._answers[key] = tuple(
                platform
                for platform in self.platforms
                if covered.first <= platform.glibc
                and axis.only(min(platform.glibc, covered.last)) & loads
                and all(self._has(platform, node) for node in nodes)
                and not any(self._libraries[soname].lacks(platform) for soname in sonames)
            )
        return self._answers[key]

    def _is_of_the_platform(self, node: str) -> bool:
        return node.partition("_")[0] in (*self._FAMILIES, "OPENSSL") or node in self._runtime_nodes

    def _has(self, platform: Platform, node: str) -> bool:
        if node.partition("_")[0] in self._FAMILIES:
            return platform.has(node)
        if node.startswith("OPENSSL_"):
            needed, present = parse_openssl_release(node.removeprefix("OPENSSL_")), self._openssl.get(platform.id)
            return needed is None or present is None or needed <= present
        return self._runtime_nodes[node] <= platform.gcc
