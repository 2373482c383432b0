"""接口：与命令行逐字节相同；乱来不出 5xx；说明页离线。"""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from advisor import yamlsource
from advisor.cli import run
from advisor.web.callers import SESSION
from tests.web.driving import Visitor
from tests.web.test_access import TABLE

schemathesis = pytest.importorskip("schemathesis", reason="没有装 schemathesis")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def token(app: FastAPI, admin: Visitor, handler: Visitor) -> str:
    """管理员在页面上发的令牌。"""
    admin.open("/admin/tokens").submit("/admin/tokens", client="测试", login="jing")
    return str(admin.page.xpath("string(//p[@class='mono']/strong)"))


def call(app: FastAPI, token: str, method: str, path: str, **options: object) -> object:
    headers = {"Authorization": f"Bearer {token}"}
    return Visitor(app).client.request(method, path, headers=headers, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", ["示例", "H09", "H02a", "N22"])
def test_assess_is_the_command_line_byte_for_byte(
    app: FastAPI, token: str, case: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    if case == "示例":
        raw = yamlsource.read(ROOT / "playbooks" / "samples" / "示例地块.yaml")["事实"]
    else:
        raw = yamlsource.read(ROOT / "playbooks" / "cases" / f"{case}.yaml")["facts"]
    facts = {
        name: value if value is None or isinstance(value, bool | str) else float(value) for name, value in raw.items()
    }
    path = tmp_path / "地块.json"
    path.write_text(json.dumps({"名称": "某地", "事实": facts}, ensure_ascii=False), encoding="utf-8")
    assert run(["assess", str(path), "--format", "json", "--as-of", "2026-11-21"]) == 0
    expected = capfdbinary.readouterr().out
    body = {"parcels": [{"name": "某地", "facts": facts}], "as_of": "2026-11-21"}
    assert call(app, token, "POST", "/api/assess", json=body).content == expected  # type: ignore[attr-defined]


def test_wrong_fact_says_what_may_be_filled(app: FastAPI, token: str) -> None:
    for facts, said in (({"地块面积": "很大"}, "单位亩"), ({"地块面职": 3}, "最接近的是“地块面积”")):
        answer = call(app, token, "POST", "/api/assess", json={"parcels": [{"facts": facts}]})
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert said in answer.json()["error"]  # type: ignore[attr-defined]


def test_dossier_from_opening_to_memo(app: FastAPI, token: str, handler: Visitor) -> None:
    """接口立的卷，网页上看得见；别人先改了同一项，报 409，没有写入。"""
    made = call(app, token, "POST", "/api/dossiers", json={"name": "接口地块", "facts": {"省份": "湖南"}}).json()  # type: ignore[attr-defined]
    number = made["number"]
    assert "湖南" in handler.open(f"/dossiers/{number}/check").text
    handler.open(f"/dossiers/{number}/ask/已抵押").submit("/ask/已抵押", value="是")
    body = {"facts": {"已抵押": "否"}, "seen": made["version"]}
    answer = call(app, token, "POST", f"/api/dossiers/{number}/answers", json=body)
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "已抵押" in answer.json()["error"]  # type: ignore[attr-defined]
    info = call(app, token, "GET", f"/api/dossiers/{number}").json()  # type: ignore[attr-defined]
    assert info["answers"] == {"省份": "湖南", "已抵押": "是"}
    assert call(app, token, "POST", f"/api/dossiers/{number}/assess").status_code == 200  # type: ignore[attr-defined]
    memo = call(app, token, "GET", f"/api/dossiers/{number}/memo?form=md")
    assert "接口地块" in memo.text  # type: ignore[attr-defined]


def test_docs_page_lists_every_operation(app: FastAPI, handler: Visitor) -> None:
    shown = set(handler.open("/api/docs").page.xpath("//article/h3/text()"))
    schema = handler.client.get("/api/openapi.json").json()
    assert shown == {f"{method.upper()} {path}" for path, item in schema["paths"].items() for method in item}
    assert handler.page.xpath("//script[not(starts-with(@src, '/static/'))]") == []


@pytest.fixture(scope="module")
def api_schema(app: FastAPI, admin: Visitor) -> object:
    """网站自己给出的 OpenAPI。"""
    cookie = f"{SESSION}={app.state.site.office.sessions.open('guan')}"
    return schemathesis.openapi.from_asgi("/api/openapi.json", app, headers={"Cookie": cookie})


OPERATIONS = [item for item in TABLE if " /api/" in item and not item.endswith(("/docs", "/openapi.json"))]


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=["合的", "不合的"])
@pytest.mark.parametrize("address", OPERATIONS)
def test_no_server_error_whatever_is_sent(address: str, mode: object, api_schema: Any, token: str) -> None:
    """照 OpenAPI 造请求，合的、不合的都有：没有 5xx。"""
    method, path = address.split(" ")

    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=api_schema[path][method].as_strategy(generation_mode=mode))
    def sent(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        assert response.status_code < 500, (response.status_code, response.text)

    try:
        sent()
    except Unsatisfiable:
        pytest.skip("这个接口没有可以写错的参数")


def test_an_inventory_is_screened_and_taken_only_by_its_sender(app: FastAPI, token: str, outsider: Visitor) -> None:
    """交一份台账，判好了取结果；一地一策三宗都在；别人看不见；写错的说清。"""
    pytest.importorskip("polars", reason="没有装台账部件")
    table = "编号,省份,权利性质,是否抵押\n1,湖南,出让,是\n2,湖南,划拨,否\n3,湖南,出让,\n"
    files = {"file": ("../台账.csv", table.encode())}
    made = call(app, token, "POST", "/api/screenings", files=files, data={"plans": "false"}).json()  # type: ignore[attr-defined]
    assert made["state"] in ("排队", "在判")
    path, deadline = f"/api/screenings/{made['job']}", time.monotonic() + 240
    while (found := call(app, token, "GET", path).json())["state"] in ("排队", "在判"):  # type: ignore[attr-defined]
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert found["state"] == "完成", found
    assert found["said"].startswith("3 宗")
    assert found["files"] == ["结果.html", "结果.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(call(app, token, "GET", f"{path}/files/结果.xlsx").content))  # type: ignore[attr-defined]
    heads, *rows = book["一地一策"].iter_rows(values_only=True)
    assert sorted(str(row[heads.index("编号")]) for row in rows) == ["1", "2", "3"]
    theirs = app.state.site.office.tokens.issue("外单位的台账", "wai")
    assert call(app, theirs, "GET", path).status_code == 404  # type: ignore[attr-defined]
    assert call(app, token, "GET", f"{path}/files/..%2F台账.csv").status_code == 404  # type: ignore[attr-defined]
    for name, data, said in (("台账.exe", {}, "不认识的格式"), ("台账.csv", {"grading": "../甲"}, "写方案名")):
        files = {"file": (name, table.encode())}
        answer = call(app, token, "POST", "/api/screenings", files=files, data=data)
        assert answer.status_code == 422 and said in answer.json()["error"]  # type: ignore[attr-defined]
