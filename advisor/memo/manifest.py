"""生成记录：docx 里每一段、每一行当初生成时是什么样，存成散列放在自定义 XML 部件里，不显示，也不含原文。"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

from advisor.vocabulary import Frozen

PART = "customXml/memo.xml"
NAMESPACE = "urn:advisor:memo:1"
MARK = "memo"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
_RELS = "word/_rels/document.xml.rels"
_BREAKS = re.compile(r"[。；，：、\n\t\x1f]+")
_MOST_FRAGMENTS = 40
_OBJECTS = frozenset(
    W + name
    for name in (
        "drawing", "pict", "object", "commentReference", "footnoteReference", "endnoteReference",
        "ins", "del", "moveFrom", "moveTo", "sdt", "txbxContent", "sectPr",
    )
)  # fmt: skip


class Block(Frozen):
    """一段或一行的生成记录。

    key 指向内容模型；digest 是生成时的散列；kept 是官员改过、上次更新时照留的样子的散列；fragments 是各小句的散列。
    pinned 是官员挪过地方的，以后不再照新次序搬动；deleted 是他删了的。
    """

    key: str
    digest: str
    kept: str = ""
    fragments: tuple[str, ...] = ()
    pinned: bool = False
    deleted: bool = False


class Manifest(Frozen):
    """一份 docx 的生成记录；figure 是时限图的散列，parts 是有哪几件。"""

    blocks: tuple[Block, ...]
    figure: str = ""
    parts: tuple[str, ...] = ()


def text_of(element: Any) -> str:
    """一段或一行的全部文字；图、批注、修订等用一个记号代替，改了它们也算改过。"""
    pieces: list[str] = []
    for node in element.iter():
        if node.tag in (W + "t", W + "delText", W + "instrText"):
            pieces.append(node.text or "")
        elif node.tag == W + "tab":
            pieces.append("\t")
        elif node.tag in (W + "br", W + "cr") and node.get(W + "type") != "page":
            pieces.append("\n")
        elif node.tag == W + "tc":
            pieces.append("\x1f")
        elif node.tag == W + "p" and node is not element:
            pieces.append("\n")
        elif node.tag in _OBJECTS:
            pieces.append("\x1e")
    return "".join(pieces)


def digest_of(text: str) -> str:
    """一段文字的散列。"""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def fragments_of(text: str) -> tuple[str, ...]:
    """各小句的散列，用来认出改过几个字的段落原是哪一段。"""
    parts = [part for part in _BREAKS.split(text) if len(part) > 1][:_MOST_FRAGMENTS]
    return tuple(hashlib.blake2b(part.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest() for part in parts)


def blocks_of(body: Any) -> Iterator[Any]:
    """正文里可以单独增删改的单位：顶层的段，顶层表格的行。"""
    for child in body:
        if child.tag == W + "p":
            yield child
        elif child.tag == W + "tbl":
            yield from child.findall(W + "tr")


def take_marks(body: Any) -> dict[Any, str]:
    """模板渲染时留下的处理指令变成 元素 → 标识，并从文中去掉；没有标识的照文字自成标识。"""
    keys: dict[Any, str] = {}
    marks = [node for node in body.iter(etree.ProcessingInstruction) if node.target == MARK]
    for mark in marks:
        following = mark.getnext()
        while following is not None and following.tag is etree.ProcessingInstruction:
            following = following.getnext()
        if following is not None and following.tag in (W + "p", W + "tr"):
            keys[following] = mark.text or ""
        _drop(mark)
    seen: dict[str, int] = {}
    for block in blocks_of(body):
        key = keys.get(block) or f"静/{digest_of(text_of(block))}"
        seen[key] = seen.get(key, 0) + 1
        keys[block] = key if seen[key] == 1 else f"{key}#{seen[key]}"
    return keys


def _drop(node: Any) -> None:
    parent = node.getparent()
    if node.tail:
        previous = node.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    node.tail = None
    parent.remove(node)


def record(body: Any, keys: Mapping[Any, str], figure: bytes | None, parts: tuple[str, ...]) -> Manifest:
    """照刚生成的正文记一份。"""
    blocks = []
    for element in blocks_of(body):
        text = text_of(element)
        blocks.append(Block(key=keys[element], digest=digest_of(text), fragments=fragments_of(text)))
    return Manifest(blocks=tuple(blocks), figure=figure_digest(figure), parts=parts)


def figure_digest(figure: bytes | None) -> str:
    """时限图的散列；没有图为空。"""
    return hashlib.blake2b(figure, digest_size=8).hexdigest() if figure else ""


def save(manifest: Manifest, parts: dict[str, bytes]) -> None:
    """写进 docx 的部件里。"""
    root = etree.Element(
        f"{{{NAMESPACE}}}memo", nsmap={None: NAMESPACE}, figure=manifest.figure, parts=" ".join(manifest.parts)
    )
    for block in manifest.blocks:
        node = etree.SubElement(root, f"{{{NAMESPACE}}}b", k=block.key, h=block.digest)
        if block.kept:
            node.set("kept", block.kept)
        if block.pinned:
            node.set("pinned", "1")
        if block.deleted:
            node.set("deleted", "1")
        if block.fragments:
            node.set("f", " ".join(block.fragments))
    parts[PART] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    relations = parts[_RELS].decode("utf-8")
    if "customXml/memo.xml" not in relations:
        added = f'<Relationship Id="rIdMemo" Type="{_RELATIONSHIP}" Target="../{PART}"/>'
        parts[_RELS] = relations.replace("</Relationships>", f"{added}</Relationships>").encode("utf-8")


def load(parts: Mapping[str, bytes]) -> Manifest | None:
    """读回；别的软件另存可能给部件改了名，按命名空间找。没有记录的为 None。"""
    for name, data in parts.items():
        if name.startswith("customXml/") and NAMESPACE.encode() in data:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
            parts_named = tuple(root.get("parts", "").split())
            return Manifest(blocks=tuple(_blocks(root)), figure=root.get("figure", ""), parts=parts_named)
    return None


def _blocks(nodes: Iterable[Any]) -> Iterator[Block]:
    for node in nodes:
        yield Block(
            key=node.get("k", ""),
            digest=node.get("h", ""),
            kept=node.get("kept", ""),
            pinned=node.get("pinned") == "1",
            deleted=node.get("deleted") == "1",
            fragments=tuple(node.get("f", "").split()),
        )
