"""词表换版：旧事实名到哪里去了。登记在规则包的 renamed.yaml，没有这个文件就是没有换过。"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from advisor.rulepack.reading import Problems, Source, read_model
from advisor.rulepack.schema import RenamedFile
from advisor.vocabulary import Frozen, Vocabulary


class Rename(Frozen):
    """一个事实改了名；since 是从规则包的哪一版起。"""

    new: str
    since: str


class Retirement(Frozen):
    """一个事实不再用了，为什么。"""

    reason: str
    since: str


class Renaming(Frozen):
    """全部改名与退役，键是旧名。"""

    renamed: Mapping[str, Rename] = {}
    retired: Mapping[str, Retirement] = {}

    def current(self, name: str) -> str:
        """旧名现在叫什么；几次改名一路跟到底，没有改过的原样返回。

        >>> Renaming(renamed={"甲": Rename(new="乙", since="2"), "乙": Rename(new="丙", since="3")}).current("甲")
        '丙'
        """
        while name in self.renamed:
            name = self.renamed[name].new
        return name


def read_renaming(root: Path, vocabulary: Vocabulary, problems: Problems) -> Renaming:
    """读 renamed.yaml；旧名还在词表、去处不存在、绕成圈、重复登记都记入 problems。"""
    path = root / "renamed.yaml"
    if not path.is_file():
        return Renaming()
    read = read_model(path, root, RenamedFile, problems)
    if read is None:
        return Renaming()
    file, source = read
    renamed: dict[str, Rename] = {}
    retired: dict[str, Retirement] = {}
    for index, entry in enumerate(file.renames):
        _check_old(entry.old, source.place("改名", index), {*renamed, *retired}, vocabulary, problems)
        renamed[entry.old] = Rename(new=entry.new, since=entry.since)
    for index, gone in enumerate(file.retirements):
        _check_old(gone.fact, source.place("退役", index), {*renamed, *retired}, vocabulary, problems)
        retired[gone.fact] = Retirement(reason=gone.reason, since=gone.since)
    _check_destinations(file, source, renamed, {*vocabulary.names, *retired}, problems)
    return Renaming(renamed=renamed, retired=retired)


def _check_old(name: str, place: str, seen: set[str], vocabulary: Vocabulary, problems: Problems) -> None:
    if name in vocabulary:
        problems.add(place, f"“{name}”还在词表里", "先从 facts.yaml 里去掉它，或删去这一条")
    if name in seen:
        problems.add(place, f"“{name}”登记了两次", "一个旧名只写一处")


def _check_destinations(
    file: RenamedFile, source: Source, renamed: Mapping[str, Rename], ends: set[str], problems: Problems
) -> None:
    for index, entry in enumerate(file.renames):
        place, name, passed = source.place("改名", index), entry.new, {entry.old}
        while name in renamed and name not in passed:
            passed.add(name)
            name = renamed[name].new
        if name in passed:
            problems.add(place, f"“{entry.old}”改来改去又回到“{name}”", "改成指向现在词表里的名字")
        elif name not in ends:
            problems.add(place, f"“{entry.old}”改成的“{name}”不在词表里", "写现在词表里的名字；不再用的写到“退役”")
