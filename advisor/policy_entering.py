"""登记一份新依据：写进合适的登记册文件，被它取代的补上“被替代”；原有的字一个不动。"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import Field

from advisor.errors import InputError, RulePackError
from advisor.rulepack import load_rule_pack
from advisor.rulepack.model import RulePack
from advisor.rulepack.reading import Problems, read_model
from advisor.rulepack.schema import PoliciesFile, PolicyCodes, PolicyEntry
from advisor.yamlsource import reads_as_text

_CODE = re.compile(r"([A-Z])(\d{1,2})[a-z]?\Z")
_KEYS = (
    "代码",
    "名称",
    "文号",
    "层级",
    "地域",
    "生效",
    "失效",
    "试行",
    "时效",
    "被替代",
    "置信",
    "要点",
    "条款",
    "备注",
)


class NewPolicy(PolicyEntry):
    """要登记的一份依据。supersedes 是被它取代的代码；file 是登记册文件名，不写就照同层级、同地域的放。"""

    code: str = Field("", alias="代码")
    supersedes: PolicyCodes = Field((), alias="取代")
    file: str = Field("", alias="登记册")


def read_new_policy(path: Path, pack: RulePack, rules: Path) -> NewPolicy:
    """读写好的答案；没有写代码、登记册的，照建议补上。

    Raises:
        InputError: 文件读不了，或有写错的；一次列全。
    """
    problems = Problems()
    read = read_model(path, path.parent, NewPolicy, problems)
    if read is None:
        found = "\n".join(problems.found)
        raise InputError("", f"还没有写进登记册，这份答案要先改：\n{found}".rstrip("。"), fix="改好再运行一次")
    return checked(read[0], pack, rules)


def checked(new: NewPolicy, pack: RulePack, rules: Path) -> NewPolicy:
    """核对代码没有用过、地域与被取代的都登记了、日期不颠倒；代码、登记册没有写的照建议补上。

    Raises:
        InputError: 有一样不合。
    """
    new = new.model_copy(
        update={
            "code": new.code or suggested_code(pack, rules, new.level, new.region),
            "file": new.file or suggested_file(pack, rules, new.level, new.region),
        }
    )
    where = f"依据“{new.code}”"
    if not _CODE.match(new.code):
        raise InputError(where, "代码写法不对", allowed="一个大写字母加一两位数，如 H12", fix="改代码")
    if new.code in pack.register:
        spare = suggested_code(pack, rules, new.level, new.region)
        raise InputError(
            where, f"代码已是《{pack.register[new.code].title}》", allowed=f"没有用过的，如 {spare}", fix="换一个代码"
        )
    if new.region not in pack.register.regions:
        raise InputError(where, f"地域“{new.region}”不在地域树里", fix="先在 regions.yaml 里登记")
    for code in new.supersedes:
        if code not in pack.register:
            raise InputError(where, f"被取代的“{code}”没有登记", fix="核对代码；没有登记过的不必写")
    if new.effective and new.expires and new.expires < new.effective:
        raise InputError(where, f"失效 {new.expires} 在生效 {new.effective} 之前", fix="核对两个日期")
    if not (rules / "policies" / new.file).is_file():
        known = "、".join(path.name for path in _files(rules))
        raise InputError(where, f"没有登记册“{new.file}”", allowed=known, fix="从中选一个")
    return new


def enter(new: NewPolicy, rules: Path) -> tuple[Path, ...]:
    """把核对过的写进登记册，返回改了的文件；写完读不进来的，照原样恢复。

    Raises:
        RulePackError: 写进去之后规则包读不进来。
    """
    target = rules / "policies" / new.file
    texts = {path: path.read_text("utf-8") for path in _files(rules)}
    changed = dict(texts)
    changed[target] = changed[target].rstrip("\n") + "\n\n" + entry_text(new, _indent(changed[target]))
    for code in new.supersedes:
        for path, text in changed.items():
            changed[path] = mark_superseded(text, code, new.code)
    touched = tuple(path for path in texts if changed[path] != texts[path])
    for path in touched:
        path.write_text(changed[path], encoding="utf-8")
    try:
        load_rule_pack(rules)
    except RulePackError:
        for path in touched:
            path.write_text(texts[path], encoding="utf-8")
        raise
    return touched


def entry_text(new: NewPolicy, indent: str = "  ") -> str:
    """登记册里的一段，各项照登记册的次序，空着的也列出。"""
    values: Mapping[str, str] = {
        "代码": new.code,
        "名称": _scalar(new.title),
        "文号": _scalar(new.number) or "''",
        "层级": new.level,
        "地域": new.region,
        "生效": new.effective.isoformat() if new.effective else "",
        "失效": new.expires.isoformat() if new.expires else "",
        "试行": "是" if new.trial else "否",
        "时效": new.standing,
        "被替代": f"[{', '.join(new.superseded_by)}]",
        "置信": new.confidence,
        "要点": _scalar(new.gist),
        "条款": "" if new.articles else "[]",
        "备注": _scalar(new.note),
    }
    lines: list[str] = []
    for key in _KEYS:
        if key in ("要点", "备注") and not values[key]:
            continue
        head = f"{indent}- " if key == "代码" else f"{indent}  "
        lines.append(f"{head}{key}: {values[key]}".rstrip())
        if key == "条款":
            lines += [
                f"{indent}    - {{条: {_quoted(item.number)}, 置信: {item.confidence}, 要点: {_quoted(item.gist)}}}"
                for item in new.articles
            ]
    return "\n".join(lines) + "\n"


def mark_superseded(text: str, code: str, by: str) -> str:
    """在 code 那一段的“被替代”里添上 by；这份文件里没有 code 就原样返回。

    >>> print(mark_superseded("依据:\\n  - 代码: A1\\n    被替代: []\\n", "A1", "A2"), end="")
    依据:
      - 代码: A1
        被替代: [A2]
    """
    lines = text.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if re.match(r"\s*- (?:\{)?代码:", line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if re.match(rf"\s*- \{{?代码: *{re.escape(code)}(?![\w])", lines[start]):
            return "".join([*lines[:start], *_with_successor(lines[start:end], by), *lines[end:]])
    return text


def _with_successor(block: list[str], by: str) -> Iterator[str]:
    if any("被替代:" in line for line in block):
        for line in block:
            listed = re.sub(
                r"被替代: *\[([^\]]*)\]", lambda m: f"被替代: [{', '.join(filter(None, (m[1], by)))}]", line
            )
            yield re.sub(r"被替代: *([A-Z]\w*)", rf"被替代: [\1, {by}]", listed)
        return
    if "{" in block[0].split("代码:")[0]:
        yield re.sub(r"\}(\s*)$", rf", 被替代: [{by}]}}\1", block[0])
        yield from block[1:]
        return
    yield block[0]
    yield f"{' ' * block[0].index('代码')}被替代: [{by}]\n"
    yield from block[1:]


def suggested_code(pack: RulePack, rules: Path, level: str, region: str) -> str:
    """同一登记册里与它最像（地域同根、层级相同）的那些用的字母，接着往下编。"""
    entries = _entries(rules)
    root = _province(region, pack)
    near = entries[_best_file(level, region, pack, entries)]
    alike = [entry for entry in near if entry.level == level and _province(entry.region, pack) == root]
    alike = alike or [entry for entry in near if entry.level == level] or list(near)
    letters = Counter(found[1] for entry in alike if (found := _CODE.match(entry.code)))
    letter = letters.most_common(1)[0][0] if letters else "Z"
    used = {int(found[2]) for code in pack.register.codes if (found := _CODE.match(code)) and found[1] == letter}
    return f"{letter}{max(used, default=0) + 1}"


def suggested_file(pack: RulePack, rules: Path, level: str, region: str) -> str:
    """同层级、同地域（或其上级）的依据最多的登记册。"""
    return _best_file(level, region, pack, _entries(rules))


def _best_file(level: str, region: str, pack: RulePack, entries: Mapping[str, tuple[PolicyEntry, ...]]) -> str:
    """先看地域同根（全国之下的那一级），再看层级。"""
    root = _province(region, pack)

    def score(file: str) -> tuple[int, int]:
        same = [entry for entry in entries[file] if _province(entry.region, pack) == root]
        return sum(entry.level == level for entry in same), len(same)

    return max(sorted(entries), key=score)


def _province(region: str, pack: RulePack) -> str:
    """全国之下的那一级；全国是它自己。"""
    regions = pack.register.regions
    chain = regions.chain(region) if region in regions else ()
    return chain[1] if len(chain) > 1 else "".join(chain)


def _entries(rules: Path) -> dict[str, tuple[PolicyEntry, ...]]:
    problems = Problems()
    read = {path.name: read_model(path, rules, PoliciesFile, problems) for path in _files(rules)}
    return {name: found[0].policies for name, found in read.items() if found is not None}


def _files(rules: Path) -> Iterable[Path]:
    return sorted((rules / "policies").glob("*.yaml"))


def _indent(text: str) -> str:
    found = re.search(r"^(\s*)- ", text, re.MULTILINE)
    return found[1] if found else "  "


def _scalar(text: str) -> str:
    """能不加引号就不加。"""
    plain = not re.search(r"^[\s'\"\[\]{}>|*&!%@`#-]|: |:$| #|\s$|\n", text) and reads_as_text(text)
    return text if not text or plain else _quoted(text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"
