"""合并：官员改过的照留，没动过的刷新，事实变了的在旁边加建议，他加的、删的都算数。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from advisor.memo.aligning import Match, Theirs, align, in_order, theirs_of
from advisor.memo.manifest import Block, Manifest, W, blocks_of, digest_of, fragments_of, text_of

SUGGESTION = "【建议】"
_SUGGESTED = "建议/"
_GONE = "据更新后的事实，此处可以删去。"
_UNTOUCHED = 10_000
"""没动过的一段在定次序时的分量：一段就重过全部改过的。"""
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass
class Tally:
    """这次更新做了什么。"""

    refreshed: int = 0
    kept: int = 0
    suggested: int = 0
    added: int = 0
    removed: int = 0

    def __str__(self) -> str:
        return (
            f"刷新 {self.refreshed} 处，照留您改过的 {self.kept} 处，加建议 {self.suggested} 处，"
            f"新增 {self.added} 处，撤去 {self.removed} 处"
        )


@dataclass
class Merging:
    """一次合并；body 是官员的正文，就地改；styles 是样式标识的对照（新 → 官员文件里的）。"""

    body: Any
    base: Manifest
    fresh: Any
    fresh_blocks: Sequence[Block]
    styles: Mapping[str, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        elements = list(blocks_of(self.fresh))
        self.ours = {block.key: (block, item) for block, item in zip(self.fresh_blocks, elements, strict=True)}
        self.written: dict[Any, Block] = {}
        self.placed: dict[str, Any] = {}
        self.gone: list[Block] = []
        self.keys = list(self.ours)
        self.order = {key: index for index, key in enumerate(self.keys)}
        self.again: set[str] = set()
        self.loose: set[str] = set()
        self.tables: dict[Any, Any] = {}
        live = [block for block in self.base.blocks if not block.deleted]
        self.theirs: list[Theirs] = theirs_of(list(blocks_of(self.body)))
        self.matches: dict[int, Match] = align(live, self.theirs)
        matched = {match.block.key for match in self.matches.values()}
        self.lost = {b.key: b for b in self.base.blocks if b.deleted or b.key not in matched}

    def run(self) -> Manifest:
        """合并，返回新的生成记录。"""
        for index, item in enumerate(self.theirs):
            match = self.matches.get(index)
            if match is None:
                continue
            if match.untouched:
                self._untouched(item.element, match.block)
            else:
                self._edited(item, match.block)
        self._reorder()
        self._insert_new()
        self._suggest_lost()
        for table in list(self.body.iterchildren(f"{W}tbl")):
            if table.find(f"{W}tr") is None:
                self.body.remove(table)
        kept = [self.written[element] for element in blocks_of(self.body) if element in self.written]
        return Manifest(blocks=(*kept, *self.gone), figure=self.base.figure)

    def _untouched(self, element: Any, block: Block) -> None:
        """没动过的：换成新写的；新的里没有这一段就撤去；建议一律先撤，该有的后面重写。"""
        if block.key not in self.ours:
            if block.key.startswith(_SUGGESTED):
                self.lost.pop(block.key, None)
            else:
                self.tally.removed += 1
            self._remove(element)
            return
        fresh, source = self.ours[block.key]
        if fresh.digest != block.digest:
            copy = self._copied(source)
            copy.tail = element.tail
            element.getparent().replace(element, copy)
            element = copy
            self.tally.refreshed += 1
        self._place(element, fresh.model_copy(update={"pinned": block.pinned}))

    def _edited(self, item: Theirs, block: Block) -> None:
        """改过的：一字不动；底下的事实变了，旁边写建议。"""
        fragments = tuple(dict.fromkeys((*block.fragments, *fragments_of(item.text))))
        self._place(item.element, block.model_copy(update={"kept": item.digest, "fragments": fragments}))
        if block.key.startswith(_SUGGESTED):
            return
        self.tally.kept += 1
        if block.key not in self.ours:
            if not block.key.startswith("静/"):
                self._suggest(block.key, item.element, None)
        elif self.ours[block.key][0].digest != block.digest:
            self._suggest(block.key, item.element, self.ours[block.key][1])

    def _reorder(self) -> None:
        """新的次序变了：没动过的照新次序搬，改过的、挪过的留在原处，也不拿来定别的段的位置。"""
        found = [self.written[element] for element in blocks_of(self.body) if element in self.written]
        found = [block for block in found if block.key in self.order]
        self.loose = {block.key for block in found if block.pinned}
        free = [block for block in found if not block.pinned]
        chain = in_order([(self.order[block.key], 1 if block.kept else _UNTOUCHED) for block in free])
        for at, block in enumerate(free):
            if at in chain:
                continue
            if block.kept:
                self.loose.add(block.key)
            else:
                element = self.placed.pop(block.key)
                del self.written[element]
                self._remove(element)
                self.again.add(block.key)

    def _suggest_lost(self) -> None:
        """他删去的：内容没变就当真删了；变了就写一条建议，放不放由他。"""
        for key, block in self.lost.items():
            if key.startswith(_SUGGESTED):
                continue
            self.gone.append(block.model_copy(update={"deleted": True}))
            if key in self.ours and self.ours[key][0].digest != block.digest and not key.startswith("静/"):
                anchor = self._before(key)
                if anchor is not None:
                    self._suggest(key, anchor, self.ours[key][1])

    def _suggest(self, key: str, anchor: Any, source: Any) -> None:
        """在 anchor 后面写一条建议；同样的建议他删过就不再写。"""
        made = self._suggestion(anchor, source)
        digest = digest_of(text_of(made))
        name = f"{_SUGGESTED}{key}"
        dismissed = self.lost.get(name)
        if dismissed is not None and dismissed.digest == digest:
            self.gone.append(dismissed.model_copy(update={"deleted": True}))
            return
        answered = self.placed.get(name)
        if answered is not None and self.written[answered].digest == digest:
            return
        place = anchor if made.tag == anchor.tag else self._top(anchor)
        place.addnext(made)
        self.written[made] = Block(key=name, digest=digest)
        self.tally.suggested += 1

    def _suggestion(self, anchor: Any, source: Any) -> Any:
        same_row = source is not None and source.tag == anchor.tag == f"{W}tr" and _columns(source) == _columns(anchor)
        if source is not None and (same_row or source.tag == f"{W}p"):
            made = self._copied(source)
            _prefix(made, SUGGESTION)
            return made
        text = _GONE if source is None else "｜".join(text_of(cell).strip("\x1f\n") for cell in source.iter(f"{W}tc"))
        return _paragraph(f"{SUGGESTION}{text}")

    def _insert_new(self) -> None:
        """新写的、当初没有的，放在它前一段的后面。"""
        known = {block.key for block in self.base.blocks}
        for key, (block, source) in self.ours.items():
            if key in self.placed or (key in known and key not in self.again) or _has_picture(source):
                continue
            copy = self._copied(source)
            if source.tag == f"{W}tr":
                self._insert_row(key, source, copy)
            else:
                self._insert_top(self._before(key), copy)
            self._place(copy, block)
            self.tally.added += key not in self.again

    def _insert_row(self, key: str, source: Any, copy: Any) -> None:
        table = source.getparent()
        anchor = next((n for n in self._placed_before(key) if self.ours[n][1].getparent() is table), None)
        if anchor is not None and self.placed[anchor].tag == f"{W}tr":
            beside = self.placed[anchor]
            while (following := beside.getnext()) is not None and self._is_suggestion(following):
                beside = following
            beside.addnext(copy)
            return
        if table not in self.tables:
            shell = deepcopy(table)
            for row in shell.findall(f"{W}tr"):
                shell.remove(row)
            self._insert_top(self._before(key), shell)
            self.tables[table] = shell
        self.tables[table].append(copy)

    def _insert_top(self, anchor: Any, element: Any) -> None:
        if anchor is None:
            self.body.insert(0, element)
            return
        top = self._top(anchor)
        while (following := top.getnext()) is not None and self._is_suggestion(following):
            top = following
        top.addnext(element)

    def _is_suggestion(self, element: Any) -> bool:
        block = self.written.get(element)
        return block is not None and block.key.startswith(_SUGGESTED)

    def _placed_before(self, key: str) -> Iterator[str]:
        """新文件里在它前面、已经有着落的各段，由近到远。"""
        for name in reversed(self.keys[: self.order[key]]):
            if name in self.placed and name not in self.loose:
                yield name

    def _before(self, key: str) -> Any:
        """新文件里在它前面、已经有着落的最近一段。"""
        return next((self.placed[name] for name in self._placed_before(key)), None)

    def _place(self, element: Any, block: Block) -> None:
        self.written[element] = block
        self.placed[block.key] = element

    def _remove(self, element: Any) -> None:
        element.getparent().remove(element)

    def _top(self, element: Any) -> Any:
        while element.getparent() is not self.body:
            element = element.getparent()
        return element

    def _copied(self, source: Any) -> Any:
        copy = deepcopy(source)
        copy.tail = None
        for style in copy.iter(f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle"):
            named = style.get(f"{W}val", "")
            style.set(f"{W}val", self.styles.get(named, named))
        return copy


def _columns(row: Any) -> int:
    return len(row.findall(f"{W}tc"))


def _has_picture(element: Any) -> bool:
    return next(element.iter(f"{W}drawing"), None) is not None


def _prefix(element: Any, text: str) -> None:
    """在一段、一行的开头加几个字，字体随第一处文字。"""
    paragraph = element if element.tag == f"{W}p" else next(element.iter(f"{W}p"))
    first = paragraph.find(f"{W}r")
    run = etree.Element(f"{W}r")
    if first is not None and first.find(f"{W}rPr") is not None:
        run.append(deepcopy(first.find(f"{W}rPr")))
    etree.SubElement(run, f"{W}t", {_SPACE: "preserve"}).text = text
    if first is not None:
        first.addprevious(run)
    else:
        paragraph.append(run)


def _paragraph(text: str) -> Any:
    made = etree.Element(f"{W}p")
    etree.SubElement(etree.SubElement(made, f"{W}r"), f"{W}t", {_SPACE: "preserve"}).text = text
    return made
