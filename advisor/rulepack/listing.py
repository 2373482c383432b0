"""各项可填什么，写给编辑器：只用来生成 JSON Schema，不影响读入。名单的内容由规则包来定。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

LISTING = "名单"
Listing = Literal["事实", "事实与值", "条件", "依据", "依据代码", "地域", "闸门", "症结", "工具"]
Schema = dict[str, Any]


@dataclass(frozen=True)
class Among:
    """文字出自哪份名单；是“键: 值”的一组时，键出自名单，“事实与值”则整组照词表。"""

    listing: Listing

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        inner = handler(core)
        if self.listing == "事实与值":
            return {LISTING: self.listing}
        if inner.get("type") == "object":
            return {**inner, "propertyNames": {LISTING: self.listing}}
        return self._named(inner)

    def _named(self, schema: Schema) -> Schema:
        if "string" in schema.get("type", ()):
            return {LISTING: self.listing}
        named = {key: self._named(value) for key, value in schema.items() if isinstance(value, dict)}
        chosen = {key: [self._named(item) for item in value] for key, value in schema.items() if key == "anyOf"}
        return {**schema, **named, **chosen}


class OneOrMany:
    """一串也可以只写一个，或者空着。"""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        several = handler(core)
        return {"anyOf": [several["items"], several, {"type": "null"}]}


class Cited:
    """依据：一个代码、带置信的一组，或者几个。"""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        several = handler(core)
        one = {"anyOf": [{LISTING: "依据"}, several["items"]]}
        return {"anyOf": [*one["anyOf"], {"type": "array", "items": one}, {"type": "null"}]}
