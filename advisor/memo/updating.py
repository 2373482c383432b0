"""更新：在官员改过的 docx 上，照新的事实更新。写成新文件，原件不动。"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from advisor.assess import Advisor
from advisor.assessment import Assessment, ParcelView
from advisor.errors import InputError
from advisor.memo import manifest
from advisor.memo.content import build_memo
from advisor.memo.docx_package import DOCUMENT, read_package
from advisor.memo.docx_writing import picture_part, resize
from advisor.memo.merging import Merging
from advisor.memo.model import Estimate
from advisor.memo.rendering import render_docx
from advisor.office_package import package_bytes, parts_of

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_STYLES = "word/styles.xml"


def update_memo(
    parcel: ParcelView,
    result: Assessment,
    advisor: Advisor,
    edited: Path,
    folder: Path,
    *,
    only: tuple[str, ...] = (),
    estimates: Sequence[Estimate] = (),
    remarks: Sequence[str] = (),
) -> tuple[Path, str]:
    """更新一份改过的草案，返回新文件与做了什么；only 空着时照原来的件。

    Raises:
        InputError: 不是本系统生成的 docx，或写不了。
    """
    parts = read_package(edited)
    base = manifest.load(parts)
    if base is None:
        raise InputError(
            str(edited), "里面没有生成记录，不知道哪些是当初生成的、哪些是您写的",
            fix="用本系统生成的 docx 改；别的软件另存时丢了记录的，重新生成一份再把改动抄过去",
        )  # fmt: skip
    known = tuple(name for name in base.parts if name)
    memo = build_memo(parcel, result, advisor, estimates=estimates, remarks=remarks, only=only or known)
    data, said = merged(parts, base, render_docx(memo, advisor.playbook.root / "templates"), str(edited))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(str(folder), f"建不了这个目录（{problem.strerror}）", fix="换一个能写的目录") from None
    path = _free(folder, edited)
    path.write_bytes(data)
    return path, said


def merged(parts: Mapping[str, bytes], base: manifest.Manifest, fresh: bytes, where: str = "") -> tuple[bytes, str]:
    """把新生成的 docx 合进官员改过的各部件，返回新 docx 与做了什么。"""
    ours = parts_of(fresh)
    remembered = manifest.load(ours)
    assert remembered is not None
    try:
        root = etree.fromstring(parts[DOCUMENT], _PARSER)
    except etree.XMLSyntaxError:
        raise InputError(where, "正文已损坏，读不了", fix="用 Word 或 WPS 打开，另存为 docx 再试") from None
    fresh_root = etree.fromstring(ours[DOCUMENT], _PARSER)
    styles = _styles(ours.get(_STYLES, b""), parts.get(_STYLES, b""))
    merging = Merging(
        body=root.find(f"{manifest.W}body"), base=base, fresh=fresh_root.find(f"{manifest.W}body"),
        fresh_blocks=remembered.blocks, styles=styles,
    )  # fmt: skip
    record = merging.run()
    done = dict(parts)
    figure = _figure(done, ours, base, root)
    done[DOCUMENT] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    manifest.save(record.model_copy(update={"figure": figure, "parts": remembered.parts}), done)
    return package_bytes(done), str(merging.tally)


def _figure(done: dict[str, bytes], ours: Mapping[str, bytes], base: manifest.Manifest, root: Any) -> str:
    """时限图：他没换过就换成新的；换过的照留。返回要记的散列。"""
    mine, theirs = picture_part(ours), picture_part(done)
    if not mine or not theirs or theirs not in done:
        return base.figure
    if manifest.figure_digest(done[theirs]) != base.figure:
        return base.figure
    done[theirs] = ours[mine]
    resize(root, ours[mine])
    return manifest.figure_digest(ours[mine])


def _styles(fresh: bytes, theirs: bytes) -> dict[str, str]:
    """样式按名称对照：另存过的文件样式标识可能变了。"""
    ours, known = _named(fresh), {name: key for key, name in _named(theirs).items()}
    return {key: known[name] for key, name in ours.items() if name in known}


def _named(data: bytes) -> dict[str, str]:
    if not data:
        return {}
    found: dict[str, str] = {}
    for style in etree.fromstring(data, _PARSER).iter(f"{manifest.W}style"):
        name = style.find(f"{manifest.W}name")
        if name is not None:
            found[style.get(f"{manifest.W}styleId", "")] = name.get(f"{manifest.W}val", "")
    return found


def _free(folder: Path, edited: Path) -> Path:
    """不盖住任何已有的文件。"""
    stem = re.sub(r"（更新\d*）\Z", "", edited.stem)
    number = 1
    while (path := folder / f"{stem}（更新{number if number > 1 else ''}）.docx").exists():
        number += 1
    return path
