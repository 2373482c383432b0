"""接口说明：离线的一页，与 OpenAPI 文件同源。登录了就能看。"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from advisor.web.callers import CallerHere, PersonHere, SiteHere
from advisor.web.rendering import page

router = APIRouter(prefix="/api")


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request, person: PersonHere) -> Response:
    """OpenAPI 文件。"""
    return JSONResponse(request.app.openapi())


@router.get("/docs", include_in_schema=False)
def docs(request: Request, site: SiteHere, caller: CallerHere, person: PersonHere) -> Response:
    """接口说明。"""
    schema: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            shown = {"path": path, "method": method.upper(), **operation}
            groups.setdefault(operation["tags"][0], []).append(shown)
    base = str(request.base_url).rstrip("/")
    return page(
        request, site, caller, "api_docs.html", groups=groups, schemas=schema["components"]["schemas"],
        kind=kind, base=base,
    )  # fmt: skip


def kind(schema: dict[str, Any]) -> str:
    """一个字段的类型，一句话。

    >>> kind({"type": "array", "items": {"$ref": "#/components/schemas/ParcelBody"}})
    '一列 ParcelBody'
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " 或 ".join(dict.fromkeys(kind(item) for item in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"一列 {kind(schema.get('items', {}))}"
    if schema.get("type") == "object":
        return "对象"
    if schema.get("format") == "date":
        return "日期"
    names = {"string": "文字", "integer": "整数", "number": "数", "boolean": "真假", "null": "空"}
    return names.get(str(schema.get("type")), "任意")
