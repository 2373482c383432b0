"""编辑器帮助：由各数据文件的结构生成 JSON Schema，写 YAML 时名字可补全，键与名字打错了当场标红。"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from advisor.errors import InputError
from advisor.rulepack.listing import LISTING, Schema
from advisor.rulepack.model import RulePack
from advisor.vocabulary import UNKNOWN_WORDS, Fact, Kind

FACTS_FILE = "事实文件"
_DRAFT = "http://json-schema.org/draft-07/schema#"
_WORDS = ("and", "or", "not", "in", "True", "False", "是", "否")


@dataclass(frozen=True)
class DataFile:
    """一种数据文件：schema 的名字、在仓库里的位置（可含 *）、结构所在的“模块:类”。"""

    name: str
    path: str
    model: str

    def structure(self) -> type[BaseModel]:
        """结构。

        Raises:
            InputError: 结构所在的模块要的库没有装。
        """
        module, _, name = self.model.partition(":")
        try:
            found: type[BaseModel] = getattr(import_module(f"advisor.{module}"), name)
        except ImportError as problem:
            raise InputError(
                "advisor rules schemas", f"没有装 {problem.name}，{self.path} 的写法读不出来",
                fix="运行 pip install 'advisor[screen,geo]'",
            ) from None  # fmt: skip
        return found


DATA_FILES = (
    DataFile("词表", "rules/facts.yaml", "rulepack.schema:FactsFile"),
    DataFile("推导事实", "rules/derived.yaml", "rulepack.schema:DerivedFile"),
    DataFile("地域", "rules/regions.yaml", "rulepack.schema:RegionsFile"),
    DataFile("依据", "rules/policies/*.yaml", "rulepack.schema:PoliciesFile"),
    DataFile("闸门", "rules/gates.yaml", "rulepack.schema:GatesFile"),
    DataFile("症结", "rules/obstacles.yaml", "rulepack.schema:ObstaclesFile"),
    DataFile("工具", "rules/tools/*.yaml", "rulepack.schema:ToolEntry"),
    DataFile("关系", "rules/relations.yaml", "rulepack.schema:RelationsFile"),
    DataFile("地方分类", "rules/taxonomies/*.yaml", "rulepack.schema:TaxonomyFile"),
    DataFile("一致性", "rules/consistency.yaml", "rulepack.schema:ConsistencyFile"),
    DataFile("改名", "rules/renamed.yaml", "rulepack.schema:RenamedFile"),
    DataFile("单位", "rules/units.yaml", "rulepack.schema:UnitsFile"),
    DataFile("期限", "rules/clocks.yaml", "rulepack.clocks:ClocksFile"),
    DataFile("测算", "rules/estimates/*.yaml", "rulepack.estimates:EstimatesFile"),
    DataFile("表头", "rules/headers.yaml", "screening.headers:HeadersFile"),
    DataFile("图形", "rules/spatial.yaml", "screening.spatial:SpatialFile"),
    DataFile("需求表", "rules/demand.yaml", "screening.demand:DemandFile"),
    DataFile("评价方案", "rules/grading/*.yaml", "screening.grading:SchemeFile"),
    DataFile("办法", "playbooks/tools/*.yaml", "playbook:ToolPlaybook"),
    DataFile("案例", "playbooks/cases/*.yaml", "playbook:CaseFile"),
    DataFile("草案编排", "playbooks/templates/草案.yaml", "memo.outline:Outline"),
    DataFile(FACTS_FILE, "playbooks/samples/*.yaml", ""),
)


class _Generator(GenerateJsonSchema):
    """与读入的宽严一致：文字的位置写数也收；不留机器起的标题。"""

    def str_schema(self, schema: core_schema.StringSchema) -> Schema:
        """写成数的文字照收。"""
        return {**super().str_schema(schema), "type": ["string", "number"]}


def editor_schemas(pack: RulePack) -> dict[str, Schema]:
    """每种数据文件的 JSON Schema，键是 DATA_FILES 里的名字。

    Raises:
        InputError: 有的结构要的库没有装。
    """
    listings = _listings(pack)
    return {file.name: _complete(_outline(file), file, listings) for file in DATA_FILES}


def write_schemas(pack: RulePack, folder: Path) -> tuple[Path, ...]:
    """写成 folder 下一种一个 .json；返回写了哪些。

    Raises:
        InputError: 有的结构要的库没有装。
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, schema in editor_schemas(pack).items():
        path = folder / f"{name}.json"
        path.write_text(schema_text(schema), encoding="utf-8")
        written.append(path)
    return tuple(written)


def schema_text(schema: Schema) -> str:
    """写进文件的样子。"""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def editor_settings() -> Schema:
    """.vscode/settings.json 里 yaml.schemas 的内容：schema 文件 → 管哪些文件。"""
    return {f"./schemas/{file.name}.json": [file.path] for file in DATA_FILES}


def _outline(file: DataFile) -> Schema:
    if file.name != FACTS_FILE:
        return file.structure().model_json_schema(schema_generator=_Generator)
    text = {"type": ["string", "number"]}
    properties = {"名称": text, "事实": {LISTING: "事实与值"}, "测算": {"type": "object"}}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _complete(schema: Schema, file: DataFile, listings: Mapping[str, Schema]) -> Schema:
    """换上名单：用到哪些名单，就把哪些收进这份 schema。"""
    used: dict[str, Schema] = {}
    body = _filled(schema, partial(_listed, listings=listings, used=used))
    head = {"$schema": _DRAFT, "title": f"{file.name}（{file.path}）"}
    own = body.pop("$defs", {})
    return {**head, **body, "$defs": {**own, **{name: used[name] for name in sorted(used)}}}


def _listed(name: str, listings: Mapping[str, Schema], used: dict[str, Schema]) -> Schema:
    used[f"可填的{name}"] = listings[name]
    return {"$ref": f"#/$defs/可填的{name}"}


def _filled(schema: Any, listed: partial[Schema]) -> Any:
    if isinstance(schema, list):
        return [_filled(item, listed) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if LISTING in schema:
        return listed(schema[LISTING])
    return {
        key: _filled(value, listed)
        for key, value in schema.items()
        if key != "default" and not (key == "title" and isinstance(value, str))
    }


def _listings(pack: RulePack) -> dict[str, Schema]:
    names = (*pack.vocabulary.names, *pack.derived)
    codes = pack.register.codes
    articles = [
        f"{code}§{article.number}" for code in codes for article in pack.register[code].articles if article.number
    ]
    pattern = rf"^({'|'.join(map(re.escape, codes))})§.+$"
    return {
        "事实": {"enum": list(pack.vocabulary.names)},
        "事实与值": {
            "type": "object",
            "properties": {fact.name: _value(fact) for fact in pack.vocabulary},
            "additionalProperties": False,
        },
        "条件": {"type": ["string", "boolean"], "pattern": expression_pattern(names)},
        "依据": {"anyOf": [{"enum": [*codes, *dict.fromkeys(articles)]}, {"type": "string", "pattern": pattern}]},
        "依据代码": {"enum": list(codes)},
        "地域": {"enum": list(pack.register.regions.names)},
        "闸门": {"enum": list(pack.gates)},
        "症结": {"enum": list(pack.obstacles)},
        "工具": {"enum": list(pack.tools)},
    }


def expression_pattern(names: tuple[str, ...]) -> str:
    """条件写法的正则：名字、数、引号里的文字、运算符；名字写错、用了全角符号都不合。

    >>> import re
    >>> written = re.compile(expression_pattern(("甲", "乙")))
    >>> bool(written.search("甲 >= 20 and not 乙")), bool(written.search("丙 >= 20")), bool(written.search("甲 ≥ 20"))
    (True, False, False)
    """
    words = "|".join(re.escape(word) for word in (*names, *_WORDS))
    within = "0-9A-Za-z_\u4e00-\u9fff"
    tokens = (rf"(?:{words}|\d+)(?![{within}])", "'[^']*'", '"[^"]*"', r"[\s()\[\],.<>=!+*/-]")
    return f"^(?:{'|'.join(tokens)})+$"


def _value(fact: Fact) -> Schema:
    """一个事实可填的值：选项、是否可补全，不清楚也可以。"""
    unknown = sorted(UNKNOWN_WORDS)
    note = {"description": f"{fact.question}{f'（{fact.unit}）' if fact.unit else ''}"}
    if fact.kind is Kind.BOOL:
        return {"enum": ["是", "否", True, False, None, *unknown], **note}
    if fact.kind is Kind.CHOICE:
        return {"enum": [*fact.options, *fact.aliases, None, *unknown], **note}
    return {"type": ["string", "number", "null"], **note}
