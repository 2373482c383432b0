"""办一卷：没有脚本，照页面上的表单从立卷走到签署。"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from fastapi import FastAPI

from advisor.assess import Advisor
from advisor.cli import run
from advisor.interview import Interview
from advisor.interview.core import told
from advisor.interview.dossier_file import load
from advisor.vocabulary import Fact, Kind
from tests.web.conftest import TODAY
from tests.web.driving import Visitor, member

ROOT = Path(__file__).resolve().parents[2]


def test_whole_way_without_script(handler: Visitor, reviewer: Visitor, advisor: Advisor) -> None:
    """空白卷一问一答到早停，核对、出结果、下载草案、换人签署。"""
    case = advisor.playbook.case("H09")
    handler.open("/dossiers/new").submit("/dossiers/new", way="blank", name="汇隆地块")
    base = handler.path.removesuffix("/ask")
    asked = 0
    while handler.heading not in ("主推方案多半不会再变了", "能改变判定的都问过了"):
        action = next(form.action for form in handler.page.forms if "/ask/" in form.action)
        fact = advisor.pack.vocabulary[handler.client.base_url.join(action).path.rsplit("/", 1)[-1]]
        value = case.facts.get(fact.name)
        handler.submit(f"/ask/{fact.name}", value="不清楚" if value is None else plain(fact, value))
        assert handler.status == 200, handler.text
        asked += 1
        assert asked <= 40
    leading = "带押分割 → 分割收储 → 收储再供应 → 自主改造"
    assert leading in handler.text
    handler.open(f"{base}/check").submit("/assess")
    assert handler.path == f"{base}/result"
    assert leading in handler.text
    docx = handler.client.get(f"{base}/memo/draft.docx")
    assert docx.headers["content-disposition"].startswith("attachment")
    assert "带押分割" in zipfile.ZipFile(io.BytesIO(docx.content)).read("word/document.xml").decode()
    handler.open(f"{base}/review")
    assert "等本单位的复核人签署" in handler.text
    reviewer.open(f"{base}/review").submit("/sign", opinion="同意", remark="")
    assert "已签署" in reviewer.text
    assert "复一" in reviewer.open(f"{base}/history").text
    assert "散列链完好" in reviewer.text


def plain(fact: Fact, value: object) -> str:
    if fact.kind is Kind.BOOL:
        return "是" if value else "否"
    return str(value)


def test_wrong_answer_keeps_what_was_typed(handler: Visitor, dossier: str) -> None:
    handler.open(f"{dossier}/ask/地块面积").submit("/ask/地块面积", value="很大")
    assert handler.status == 422
    assert "收到“很大”" in handler.problem
    assert "单位亩" in handler.problem
    assert handler.page.xpath("//input[@id='value']/@value") == ["很大"]
    handler.submit("/ask/地块面积", value="")
    assert "还没有答" in handler.problem


def test_unclear_is_kept_as_unclear_never_as_no(handler: Visitor, dossier: str) -> None:
    handler.open(f"{dossier}/ask/司法查封").submit("/ask/司法查封", value="不清楚", sure="1")
    row = handler.open(f"{dossier}/check").page.xpath("//div[dt='司法查封']")[0]
    assert "目前不清楚" in row.text_content()


def test_a_withdrawn_answer_counts_as_never_given(handler: Visitor, colleague: Visitor, dossier: str) -> None:
    """撤回以后回到没有答过的样子，历史里留着；别人刚改过的，先问要不要照撤。"""
    handler.open(f"{dossier}/ask/已抵押")
    assert "撤回这个答案" in handler.text
    colleague.open(f"{dossier}/ask/已抵押").submit("/ask/已抵押", value="否", sure="1")
    handler.submit("/ask/已抵押", withdraw="1")
    assert handler.status == 409 and "要撤回它" in handler.text
    handler.submit("/ask/已抵押")
    assert handler.path == f"{dossier}/check"
    handler.open(f"{dossier}/ask/已抵押")
    assert "撤回这个答案" not in handler.text
    assert not handler.page.xpath("//input[@type='radio'][@checked]")
    assert "撤回" in handler.open(f"{dossier}/history").text


def test_change_lists_what_it_affects_before_writing(handler: Visitor, dossier: str) -> None:
    """已抵押改成否：先列出哪些判定会变，确认才写；不改就没写。"""
    handler.open(f"{dossier}/ask/已抵押?after=check").submit("/ask/已抵押", value="否")
    assert handler.heading == "改“已抵押”会影响这些"
    assert "带押分割" in handler.text
    before = handler.client.get(f"{dossier}/check").text
    handler.submit("/ask/已抵押")
    assert handler.path == f"{dossier}/check"
    after = handler.page.xpath("//div[dt='已抵押']/dd")[0].text_content()
    assert after.strip().startswith("否")
    assert before != handler.response.text


def test_many_options_tell_what_they_open_on_request(handler: Visitor, dossier: str, advisor: Advisor) -> None:
    """选项多的一问：点开看各种答法，与问答核心说的一样。"""
    handler.open(f"{dossier}/ask/拟改造用途")
    (link,) = handler.page.xpath("//a[contains(@href, '/effects')]/@href")
    shown = handler.open(link).page.xpath("//div[@id='effects']/p/text()")
    answers = load(ROOT / "playbooks" / "samples" / "示例地块.yaml", advisor.pack.vocabulary)[1]
    found = Interview(advisor, TODAY).effects(answers, "拟改造用途")
    assert shown == [f"{item.answer}：{told(item)}" for item in found]
    assert shown


def test_contradiction_is_shown_at_once(handler: Visitor, dossier: str) -> None:
    """已开发面积大于地块面积：答完当场摆出，两边都能改。"""
    handler.open(f"{dossier}/ask/已开发面积").submit("/ask/已开发面积", value="500", sure="1")
    assert "矛盾" in handler.text
    assert "改“地块面积”" in handler.text
    assert "改“已开发面积”" in handler.text


def test_two_people_on_different_facts_both_kept(handler: Visitor, colleague: Visitor, dossier: str) -> None:
    handler.open(f"{dossier}/ask/司法查封")
    colleague.open(f"{dossier}/ask/进入破产程序")
    handler.submit("/ask/司法查封", value="否", sure="1")
    colleague.submit("/ask/进入破产程序", value="否", sure="1")
    text = handler.open(f"{dossier}/history").text
    assert "经一" in text
    assert "经二" in text
    assert "答“司法查封”" in text
    assert "答“进入破产程序”" in text


def test_two_people_on_one_fact_must_choose(handler: Visitor, colleague: Visitor, dossier: str) -> None:
    """后交的人看到对方记了什么；选用自己的才写，两次都在历史里。"""
    handler.open(f"{dossier}/ask/剩余使用年限")
    colleague.open(f"{dossier}/ask/剩余使用年限")
    handler.submit("/ask/剩余使用年限", value="30", sure="1")
    colleague.submit("/ask/剩余使用年限", value="29", sure="1")
    assert colleague.status == 409
    assert colleague.heading == "别人刚改过同一项，您的还没有写入"
    assert "经一" in colleague.text
    assert "→ 29" not in handler.open(f"{dossier}/history").text
    colleague.submit("/ask/剩余使用年限")
    history = handler.open(f"{dossier}/history").text
    assert "没有 → 30" in history
    assert "30 → 29" in history


def test_assessment_refuses_what_was_not_checked(handler: Visitor, colleague: Visitor, dossier: str) -> None:
    """核对的时候别人改了：不出结果，说重新看过。"""
    handler.open(f"{dossier}/check")
    colleague.open(f"{dossier}/ask/司法查封").submit("/ask/司法查封", value="否", sure="1")
    handler.submit("/assess")
    assert handler.status == 409
    assert "还没有出结果" in handler.text


def test_result_groups_every_tool_once_and_never_calls_open_rejected(
    handler: Visitor, dossier: str, advisor: Advisor, tmp_path: Path, sample: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """结果页各组的工具与命令行的判定一一对上，一个不多一个不少。"""
    (tmp_path / "示例地块.yaml").write_bytes(sample)
    assert run(["assess", str(tmp_path / "示例地块.yaml"), "--format", "json", "--as-of", "2026-11-21"]) == 0
    judged = json.loads(capsys.readouterr().out)["parcels"][0]["tools"]
    handler.open(f"{dossier}/check").submit("/assess")
    shown = {
        str(article.xpath("string(.//h3/a)")): str(article.xpath("string(.//h3/span)")).split()[-1]
        for article in handler.page.xpath("//article[.//h3/a[contains(@href, '/tools/')]]")
    }
    expected = {item["id"]: item["verdict"] for item in judged if item["reason"] != "无此情形"}
    assert shown == expected
    elsewhere = handler.page.xpath("//details[summary[contains(., '不是为这种局面设的')]]//a/text()")
    assert set(elsewhere) == {item["id"] for item in judged if item["reason"] == "无此情形"}


def test_review_needs_another_person_and_a_current_result(app: FastAPI, reviewer: Visitor, sample: bytes) -> None:
    """兼两种角色的人不能签自己出的结果；结果出来以后答案改了，也不能签。"""
    both = member(app, "liang", "两一", "甲区局", "经办", "复核")
    both.open("/dossiers/new").submit("/dossiers/new", way="file", files={"file": ("甲.yaml", sample)})
    base = both.path.removesuffix("/check")
    assert "还没有出结果" in both.open(f"{base}/review").text
    both.open(f"{base}/check").submit("/assess")
    assert "自己出的结果自己不能签" in both.open(f"{base}/review").text
    reviewer.open(f"{base}/review")
    both.open(f"{base}/ask/司法查封").submit("/ask/司法查封", value="否", sure="1")
    reviewer.submit("/sign", opinion="同意")
    assert reviewer.status == 422
    assert "重新出结果" in reviewer.problem


def test_return_needs_a_reason(handler: Visitor, reviewer: Visitor, dossier: str) -> None:
    handler.open(f"{dossier}/check").submit("/assess")
    reviewer.open(f"{dossier}/review").submit("/sign", opinion="退回", remark=" ")
    assert "退回没有写理由" in reviewer.problem
    reviewer.submit("/sign", opinion="退回", remark="抵押权人同意函没有附")
    assert "已退回" in reviewer.text
    assert "抵押权人同意函没有附" in handler.open(f"{dossier}/review").text


def test_override_is_written_with_its_reason(handler: Visitor, reviewer: Visitor, dossier: str) -> None:
    handler.open(f"{dossier}/check").submit("/assess")
    reviewer.open(f"{dossier}/tools/带押分割").submit("/override", verdict="不适用", reason="登记机构口径未定")
    assert "登记机构口径未定" in reviewer.text
    assert "人工改判为不适用" in handler.open(f"{dossier}/result").text
    assert "登记机构口径未定" in handler.client.get(f"{dossier}/memo/draft.md").text


def test_supposing_changes_nothing_until_kept(handler: Visitor, dossier: str) -> None:
    before = handler.open(f"{dossier}/history").text
    handler.open(f"{dossier}/what-if").submit("/what-if", pick="抵押权人同意").submit("/what-if", value="是")
    assert "带押分割" in handler.text
    assert "抵押权人同意" in handler.text
    assert handler.client.get(f"{dossier}/history").text.count("答“") == before.count("答“")
    keep = next(form for form in handler.page.forms if form.method == "POST" and "what-if" in form.action)
    handler.response = handler.client.post(keep.action, data=dict(keep.form_values()))
    row = handler.page.xpath("//div[dt='抵押权人同意']/dd")[0].text_content()
    assert row.strip().startswith("是")


def test_edited_draft_is_merged_and_fetched(handler: Visitor, colleague: Visitor, dossier: str) -> None:
    """下载的草案再传回去：生成新文件，原件没动；凭条别人取不到。"""
    docx = handler.client.get(f"{dossier}/memo/draft.docx").content
    handler.open(f"{dossier}/memo").submit("/memo/merge", files={"file": ("我改的.docx", docx)})
    assert handler.heading == "更新好了"
    link = handler.page.xpath("//main//a[contains(@href, 'draft.docx')]/@href")[0]
    merged = handler.client.get(link)
    assert merged.status_code == 200
    assert zipfile.ZipFile(io.BytesIO(merged.content)).testzip() is None
    assert colleague.client.get(link).status_code == 404


def test_replay_says_byte_for_byte(handler: Visitor, dossier: str) -> None:
    handler.open(f"{dossier}/check").submit("/assess")
    assert "重算与留存逐字节相同" in handler.open(f"{dossier}/history?replayed=1").text


def test_listing_filters_by_place_state_and_tool(handler: Visitor, dossier: str) -> None:
    handler.open(f"{dossier}/check").submit("/assess")
    number = dossier.rsplit("/", 1)[-1]
    for wanted in ("q=" + number, "place=湖南 株洲 天元", "state=已出结果", "tool=带押分割"):
        assert number in handler.open(f"/dossiers?{wanted}").text, wanted
    for unwanted in ("q=没有这样的", "place=天津", "tool=没有"):
        assert number not in handler.open(f"/dossiers?{unwanted}").text, unwanted


def test_scripted_name_is_shown_as_text(handler: Visitor) -> None:
    name = "<script>alert(1)</script>地块"
    handler.open("/dossiers/new").submit("/dossiers/new", way="blank", name=name)
    for path in ("", "/check", "/result", "/memo", "/memo/preview", "/history"):
        text = handler.client.get(handler.path.removesuffix("/ask") + path).text
        assert "<script>alert" not in text


def test_bad_fact_file_names_the_line(handler: Visitor) -> None:
    bad = "事实:\n  地块面积: 很大\n".encode()
    handler.open("/dossiers/new").submit("/dossiers/new", way="file", files={"file": ("../../坏.yaml", bad)})
    assert handler.status == 422
    assert handler.problem.startswith("坏.yaml 第 2 行：事实“地块面积”收到“很大”")


def test_estimate_inputs_come_along_from_the_file(handler: Visitor) -> None:
    """上传的事实文件里的“测算”入库，草案算得出：1.2 亿元 − 3000 万元 ＝ 9000 万元；写错的不立卷。"""
    written = (
        "名称: 改商业\n事实:\n  省份: 湖南\n  权利类型: 出让\n"
        "测算:\n  新规划条件市场价: 1.2亿元\n  原规划条件市场价: 3000\n"
    )
    bad = written.replace("3000", "三千").encode()
    handler.open("/dossiers/new").submit("/dossiers/new", way="file", files={"file": ("甲.yaml", bad)})
    assert handler.status == 422
    assert "甲.yaml" in handler.problem and "原规划条件市场价" in handler.problem
    handler.open("/dossiers/new").submit("/dossiers/new", way="file", files={"file": ("甲.yaml", written.encode())})
    base = handler.path.removesuffix("/check")
    assert "9000 万元" in handler.client.get(f"{base}/memo/draft.md").text
    assert "写测算输入“原规划条件市场价”：没有 → 3000" in handler.open(f"{base}/history").text


TABLE = "编号,名称,省份,市,权利性质,宗地面积(公顷),是否抵押\nA1,甲厂,湖南,株洲市,出让,15.2,是\nA2,乙厂,湖南,长沙,划拨,很大,否\nA2,丙厂,湖南,长沙,划拨,1,否\n"


def test_a_row_of_an_inventory_opens_a_dossier(handler: Visitor) -> None:
    """台账里按名称取一行：15.2 公顷 × 15 ＝ 228 亩；认不出的格子当作不清楚，写在备注里。"""

    def send(row: str, text: str = TABLE) -> Visitor:
        files = {"file": ("台账.csv", text.encode())}
        return handler.open("/dossiers/new").submit("/dossiers/new", way="row", row=row, files=files)

    assert send("甲厂").heading == "核对"
    assert "228 亩" in handler.text and "株洲" in handler.text
    base = handler.path.removesuffix("/check")
    assert "由台账 台账.csv 第 2 行立卷" in handler.open(f"{base}/history").text
    assert send("乙厂").heading == "核对"
    assert "地块面积" not in {item.text_content() for item in handler.page.xpath("//dt")}
    base = handler.path.removesuffix("/check")
    assert "宗地面积(公顷)：很大" in handler.open(f"{base}/history").text
    assert "有 2 行：第 3、4 行" in send("A2").problem
    assert send("4").heading == "核对"
    assert "没有编号、名称或行号是“丁厂”的一行" in send("丁厂").problem
    assert "找不到认得的表头" in send("1", "甲,乙\n1,2\n3,4\n").problem
