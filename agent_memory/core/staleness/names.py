"""Which files of a set a mention can mean: exactly, by suffix, or by the only base name."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property

Lives = Callable[[str], bool]


class Names:
    """Paths of a repository, to be looked up as people write them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = frozenset(paths)

    @cached_property
    def _by_base(self) -> dict[str, list[str]]:
        bases: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            bases[path.rpartition("/")[2]].append(path)
        return bases

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.paths)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder above a path."""
        found: set[str] = set()
        for path in self.paths:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    @cached_property
    def _folders_by_base(self) -> dict[str, list[str]]:
        bases: dict[str, list[str]] = defaultdict(list)
        for folder in self.folders:
            bases[folder.rpartition("/")[2]].append(folder)
        return bases

    def files(self, path: str, prefix: str = "", among: Lives = bool) -> list[str]:
        """The files that a path can mean: seen from `prefix` or the root, else by suffix.

        Only those count that `among` lets pass.
        """
        return self._found(path, prefix, self.paths, self._by_base, among)

    def directories(self, path: str, prefix: str = "", among: Lives = bool) -> list[str]:
        """The folders that a path can mean, likewise."""
        return self._found(path, prefix, self.folders, self._folders_by_base, among)

    def named(self, base: str) -> list[str]:
        """The files with this base name."""
        return sorted(self._by_base.get(base, ()))

    def below(self, folder: str) -> list[str]:
        """The files in a folder, at any depth."""
        start = bisect_left(self._sorted, f"{folder}/")
        end = bisect_left(self._sorted, f"{folder}0")  # "0" comes after "/"
        return self._sorted[start:end]

    @staticmethod
    def _found(
        path: str,
        prefix: str,
        known: frozenset[str],
        bases: dict[str, list[str]],
        among: Lives,
    ) -> list[str]:
        spelled = dict.fromkeys((prefix + path, path))
        exact = [one for one in spelled if one in known and among(one)]
        if exact:
            return exact
        same = bases.get(path.rpartition("/")[2], ())
        return sorted(one for one in same if one.endswith(f"/{path}") and among(one))
