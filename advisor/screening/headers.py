"""表头对词表：先认事实名，再认常用叫法，再看人给的对照表；表头括号里的单位一并认出来。"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

from advisor import measures, yamlsource
from advisor.errors import InputError, RulePackError
from advisor.measures import Scales
from advisor.rulepack.listing import Among
from advisor.rulepack.reading import Problems, read_model
from advisor.rulepack.schema import Entry, Names
from advisor.vocabulary import Kind, Vocabulary

ID, NAME, IGNORE = "编号", "名称", "不用"
_UNIT = re.compile(r"^(?P<title>.*?)\s*[(\[【]\s*(?:单位\s*[::])?\s*(?P<unit>[^()\[\]【】]+?)\s*[)\]】]\s*$")


class HeadersFile(Entry):
    """rules/headers.yaml 的结构。"""

    ids: Names = Field((), alias="编号")
    names: Names = Field((), alias="名称")
    prefixes: Names = Field((), alias="前缀")
    suffixes: Names = Field((), alias="后缀")
    aliases: Annotated[Mapping[str, Names], Among("事实")] = Field({}, alias="别名")
    units: Mapping[str, Names] = Field({}, alias="单位写法")
    yes: Names = Field((), alias="是")
    no: Names = Field((), alias="否")
    blank: Names = Field((), alias="空白")
    size: str = Field("", alias="大小")
    totals: Names = Field((), alias="合计行")


@dataclass(frozen=True)
class Column:
    """表里的一列对到哪个事实；factor 是换成词表单位要乘的数。"""

    header: str
    target: str
    unit: str = ""
    factor: Fraction = Fraction(1)


@dataclass(frozen=True)
class Matched:
    """全部列的去处。problems 是认不出或有冲突、须人看一眼的列。"""

    columns: tuple[Column, ...]
    ignored: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def find(self, target: str) -> Column | None:
        """对到某个事实（或编号、名称）的那一列。"""
        return self._targets.get(target)

    @cached_property
    def _targets(self) -> dict[str, Column]:
        return {column.target: column for column in reversed(self.columns)}


@dataclass(frozen=True)
class Headers:
    """表头的写法：别名、单位、是否与空白的写法。"""

    vocabulary: Vocabulary
    file: HeadersFile
    _titles: dict[str, str] = field(default_factory=dict)
    _spellings: dict[str, str] = field(default_factory=dict)
    _known: Scales = field(default_factory=dict)

    def match(self, headers: Sequence[str], chosen: Mapping[str, str] | None = None) -> Matched:
        """逐列对；chosen 是人给的对照（表头 → 事实名、编号、名称或“不用”），先于一切。"""
        chosen = chosen or {}
        columns: list[Column] = []
        ignored: list[str] = []
        problems: list[str] = []
        taken: dict[str, str] = {}
        order = sorted(range(len(headers)), key=lambda i: self._certainty(headers[i], chosen))
        for header in (headers[i] for i in order):
            target = chosen[header] if header in chosen else self.target(header)
            if target in ("", IGNORE):
                ignored.append(header)
                continue
            if target in taken:
                problems.append(f"“{header}”与“{taken[target]}”都对到“{target}”，用后者；要换就在对照表里写明")
                ignored.append(header)
                continue
            column = self._column(header, target)
            if column is None:
                problems.append(
                    f"“{header}”的单位换不成“{target}”的单位（{self.vocabulary[target].unit}），这一列没有用"
                )
                ignored.append(header)
                continue
            taken[target] = header
            columns.append(column)
        place = {header: at for at, header in enumerate(headers)}
        columns.sort(key=lambda column: place[column.header])
        return Matched(tuple(columns), tuple(sorted(ignored, key=lambda h: place[h])), tuple(problems))

    def target(self, header: str) -> str:
        """一个表头对到哪个事实；认不出为空。"""
        title, _ = self.split(header)
        for candidate in (title, *self._stripped(title)):
            if candidate in self._titles:
                return self._titles[candidate]
        return ""

    def nearest(self, header: str) -> str:
        """认不出的表头最像哪个事实，供人核对；没有像的为空。"""
        title, _ = self.split(header)
        close = difflib.get_close_matches(title, self._titles, n=1, cutoff=0.6)
        return self._titles[close[0]] if close else ""

    def split(self, header: str) -> tuple[str, str]:
        """表头分成名称与括号里的单位；括号里不是单位的，照原样算名称。"""
        text = clean(header)
        found = _UNIT.match(text)
        if not found:
            return _squeezed(text), ""
        unit = self.unit(found["unit"])
        if unit:
            return _squeezed(found["title"]), unit
        return (_squeezed(text), "") if _squeezed(text) in self._titles else (_squeezed(found["title"]), found["unit"])

    def unit(self, text: str) -> str:
        """单位，前面可以带万、亿；不是单位为空。"""
        word = measures.normal(text)
        word = self._spellings.get(word, word)
        known = not word[:1].isdigit() and measures.measure(f"1{word}", self._known) is not None
        return word if known and measures.number(f"1{word}") is None else ""

    def _column(self, header: str, target: str) -> Column | None:
        if target not in self.vocabulary or self.vocabulary[target].kind is not Kind.NUMBER:
            return Column(header, target)
        _, unit = self.split(header)
        factor = measures.measure(f"1{unit}", self.vocabulary[target].scales)
        return None if factor is None else Column(header, target, unit, factor)

    def _stripped(self, title: str) -> list[str]:
        found: list[str] = []
        for prefix in self.file.prefixes:
            if title.startswith(prefix):
                found.append(title.removeprefix(prefix))
        for suffix in self.file.suffixes:
            found += [item.removesuffix(suffix) for item in (title, *found) if item.endswith(suffix)]
        return found

    def _certainty(self, header: str, chosen: Mapping[str, str]) -> int:
        """人定的先占，再是事实名原样的，再是编号、名称里写在前面的叫法，最后是别名。"""
        if header in chosen:
            return 0
        title, _ = self.split(header)
        if title in self.vocabulary:
            return 1
        for words in (self.file.ids, self.file.names):
            if title in words:
                return 2 + words.index(title)
        return 100


def read_headers(rules: Path, vocabulary: Vocabulary) -> Headers:
    """读 rules/headers.yaml；没有这个文件的规则包只认事实名。

    Raises:
        RulePackError: 事实名不在词表、一个叫法对两个事实、单位没有登记。
    """
    path = rules / "headers.yaml"
    if not path.is_file():
        return assembled(vocabulary, HeadersFile.model_validate({}))
    problems = Problems()
    read = read_model(path, rules, HeadersFile, problems)
    if read is None:
        raise RulePackError(problems.found)
    file, source = read
    owner: dict[str, str] = {}
    for fact, words in file.aliases.items():
        if fact not in vocabulary:
            problems.add(source.place("别名", fact), f"“{fact}”不在事实词表里", "改成词表里的名字")
        for word in words:
            if word in owner or (word in vocabulary and word != fact):
                other = owner.get(word, word)
                problems.add(source.place("别名", fact), f"“{word}”既指“{other}”又指“{fact}”", "只留一处")
            owner[word] = fact
    if file.size and file.size not in vocabulary:
        problems.add(source.place("大小"), f"“{file.size}”不在事实词表里", "改成词表里的名字")
    headers = assembled(vocabulary, file)
    for unit in file.units:
        if not headers.unit(unit):
            problems.add(source.place("单位写法", unit), f"单位“{unit}”没有登记", "先写进 units.yaml")
    if problems.found:
        raise RulePackError(problems.found)
    return headers


def assembled(vocabulary: Vocabulary, file: HeadersFile) -> Headers:
    """词表与表头写法合起来。"""
    titles = {_squeezed(clean(word)): fact for fact, words in file.aliases.items() for word in words}
    titles |= {_squeezed(clean(word)): ID for word in (ID, *file.ids)}
    titles |= {_squeezed(clean(word)): NAME for word in (NAME, *file.names)}
    titles |= {name: name for name in vocabulary.names}
    spellings = {measures.normal(word): measures.normal(unit) for unit, words in file.units.items() for word in words}
    known = {unit: Fraction(1) for fact in vocabulary for unit in (*fact.scales, *fact.foreign_units)}
    return Headers(vocabulary, file, titles, spellings, known)


def read_mapping(path: Path, headers: Headers) -> dict[str, str]:
    """读人核定的对照表（YAML）：表头 → 事实名、编号、名称或“不用”。

    Raises:
        InputError: 不是“表头: 事实名”，或事实名不在词表。
    """
    data = yamlsource.read(path)
    if not isinstance(data, Mapping):
        raise InputError(str(path), "对照表不是“表头: 事实名”逐行写的", fix="用 --suggest-mapping 生成一份再改")
    chosen: dict[str, str] = {}
    for header, target in data.items():
        word = IGNORE if target is None else str(target).strip()
        if word not in (ID, NAME, IGNORE) and word not in headers.vocabulary:
            close = headers.vocabulary.nearest(word)
            allowed = (f"最接近的是“{close}”；" if close else "") + "也可写 编号、名称、不用"
            raise InputError(f"{path}“{header}”", f"“{word}”不在事实词表里", allowed=allowed, fix="改成词表里的名字")
        chosen[str(header)] = word
    return chosen


def suggested_mapping(headers: Headers, titles: Sequence[str]) -> str:
    """一份待人核定的对照表：认得的写好，像而拿不准的写在注释里。"""
    matched = headers.match(titles)
    found = {column.header: column.target for column in matched.columns}
    lines = [
        "# 左边是台账表头，右边是事实名（见 advisor rules facts）；不用的写“不用”。核对后用 --mapping 指到本文件。"
    ]
    for title in titles:
        close = "" if title in found else headers.nearest(title)
        note = f"  # 像“{close}”，对就改过来" if close else ""
        lines.append(f"{_quoted(title)}: {found.get(title, IGNORE)}{note}")
    return "\n".join(lines) + "\n"


def clean(text: str) -> str:
    """全角转半角，去首尾空白。

    >>> clean("　面积（㎡） ")
    '面积(m2)'
    """
    return unicodedata.normalize("NFKC", text).strip()


def _squeezed(text: str) -> str:
    return re.sub(r"[\s*:]+", "", text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
