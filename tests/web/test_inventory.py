"""网页上交台账：交、等、取，写错的说清，别人看不见。"""

from __future__ import annotations

import io
import time

import openpyxl
import pytest
from fastapi import FastAPI

from tests.web.driving import Visitor

pytest.importorskip("polars", reason="没有装台账部件")
TABLE = "编号,省份,权利性质,是否抵押\n1,湖南,出让,是\n2,湖南,划拨,否\n3,湖南,出让,看着办\n"


def send(visitor: Visitor, name: str = "某县台账.csv", table: str = TABLE, **choices: str) -> Visitor:
    return visitor.open("/inventories").submit("/inventories", files={"file": (name, table.encode())}, **choices)


def waited(visitor: Visitor) -> Visitor:
    """看到判完为止。"""
    deadline = time.monotonic() + 240
    while visitor.page.xpath("//*[@id='state' and @hx-get]"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
        visitor.open(visitor.path)
    return visitor


def test_an_inventory_is_sent_screened_and_taken(handler: Visitor, colleague: Visitor) -> None:
    """三宗都在结果里，认不出的格子列进数据问题；清单里看得见，同单位的别人看不见。"""
    sent = send(handler, plans="no", taxonomy="望城")
    place = sent.path
    assert sent.status == 200 and place.startswith("/inventories/")
    assert "3 宗" in waited(handler).text and "数据问题 1 条" in handler.text
    handler.open(f"{place}/files/结果.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(handler.response.content))
    heads, *rows = book["一地一策"].iter_rows(values_only=True)
    assert sorted(str(row[heads.index("编号")]) for row in rows) == ["1", "2", "3"]
    problems = list(book["数据问题"].iter_rows(values_only=True))
    assert "看着办" in problems[1]
    assert handler.open("/inventories").page.xpath(f"//a[contains(@href, '{place.rsplit('/', 1)[-1]}')]")
    assert colleague.open(place).status == 404
    assert colleague.open(f"{place}/files/结果.xlsx").status == 404
    assert handler.open(f"{place}/files/没有.xlsx").status == 404


@pytest.mark.parametrize(
    ("name", "table", "said"),
    [("台账.exe", TABLE, "不认识的格式"), ("台账.csv", "甲,乙\n1,2\n", "认得的表头")],
)
def test_what_is_wrong_is_said_on_the_page(handler: Visitor, name: str, table: str, said: str) -> None:
    waited(send(handler, name, table))
    assert said in handler.problem
    assert "advisor-" not in handler.text, "不露服务器上的路径"


def test_the_blank_inventory_can_be_sent_back(app: FastAPI, handler: Visitor) -> None:
    """空白台账的表头全认得：填一行交回来，没有一列用不上。"""
    handler.open("/inventories/blank.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(handler.response.content))
    page = book["台账"]
    page.append(["甲", "某厂", *[None] * (page.max_column - 2)])
    filled = io.BytesIO()
    book.save(filled)
    handler.open("/inventories").submit("/inventories", files={"file": ("填好的.xlsx", filled.getvalue())}, plans="no")
    assert "1 宗" in waited(handler).text and "没有用的列" not in handler.text
