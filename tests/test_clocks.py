"""期限：到期日照民法典期间规则与日历手算；未知不等于没有；日历导出读得回来；退出码供定时任务用。"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.assess import Advisor
from advisor.clocks import clock_report, due_dates, undated
from advisor.due_calendar import icalendar_text
from advisor.errors import InputError
from advisor.expiring import expiring_policies
from advisor.parcel import Parcel, read_facts
from advisor.period import Period
from advisor.rulecheck import check_pack
from advisor.rulepack import RulePack, load_rule_pack
from advisor.rulepack.loading import fingerprint
from advisor.vocabulary import FactValue, Kind

ROOT = Path(__file__).resolve().parent.parent
AS_OF = date(2026, 11, 21)
QUARTER = Period(days=90)
IDLE = {
    "土地所有权": "国有", "约定动工日": "2025-03-01", "已依法动工": "否", "建设状态": "未动工",
    "闲置原因": "企业自身", "已收归国有储备": "否",
}  # fmt: skip


def facts_of(pack: RulePack, **raw: str) -> dict[str, FactValue]:
    return read_facts(raw, pack.vocabulary, "试验")


# 期间


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("1年", "2025-03-01", "2026-03-01"),
        ("1年", "2024-02-29", "2025-02-28"),  # 平年没有对应日，取月末日
        ("4年", "2024-02-29", "2028-02-29"),  # 闰年有对应日
        ("1年", "2023-02-28", "2024-02-28"),  # 有对应日的就是对应日，不因月末而取月末
        ("1个月", "2024-01-31", "2024-02-29"),
        ("2个月", "2026-12-31", "2027-02-28"),
        ("6个月", "2026-08-31", "2027-02-28"),
        ("90日", "2026-09-01", "2026-11-30"),  # 九月余 29 天，十月 31 天，十一月 30 天
        ("15日", "2026-12-25", "2027-01-09"),
        ("1年6个月", "2026-08-31", "2028-02-29"),
    ],
)
def test_last_day_of_a_period(period: str, start: str, end: str) -> None:
    """民法典第二百零一、二百零二条。"""
    assert Period.read(period).after(date.fromisoformat(start)) == date.fromisoformat(end)


@pytest.mark.parametrize(("end", "before"), [("2045-06-30", "2044-06-30"), ("2028-02-29", "2027-02-28")])
def test_one_year_before_the_term_ends(end: str, before: str) -> None:
    assert Period(years=1).before(date.fromisoformat(end)) == date.fromisoformat(before)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("90d", Period(days=90)), ("90D", Period(days=90)), ("９０天", Period(days=90)), ("90 日", Period(days=90)),
        ("3个月", Period(months=3)), ("3月", Period(months=3)), ("1年", Period(years=1)),
        ("1年6个月", Period(years=1, months=6)), ("0天", Period()),
    ],
)  # fmt: skip
def test_periods_people_write(text: str, period: Period) -> None:
    assert Period.read(text) == period


@pytest.mark.parametrize("text", ["", "90", "天", "-1天", "一年", "1.5年", "3周", "年1", "101年", "99999d", "1年后"])
def test_periods_refused(text: str) -> None:
    with pytest.raises(ValueError, match="期间"):
        Period.read(text)


def test_far_dates_stop_at_the_end_of_the_calendar() -> None:
    assert Period(years=2).after(date(9998, 5, 1)) == date.max
    assert Period(years=2).before(date(2, 5, 1)) == date.min


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(0, 40), st.integers(0, 11))
def test_years_and_months_land_on_the_same_day_or_the_end_of_the_month(start: date, years: int, months: int) -> None:
    end = Period(years=years, months=months).after(start)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == years * 12 + months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(
    st.dates(date(1950, 1, 1), date(2150, 1, 1)),
    st.integers(0, 400),
    st.builds(Period, years=st.integers(0, 20), months=st.integers(0, 11), days=st.integers(0, 400)),
)
def test_a_later_start_never_ends_earlier(start: date, gap: int, period: Period) -> None:
    assert period.after(start) <= period.after(start + timedelta(days=gap))


# 不变量


def clock_facts(pack: RulePack) -> list[str]:
    """判断期限用得到的事实。"""
    regions = pack.register.regions
    names = {name for clock in pack.clocks.clocks for name in (clock.start, *clock.asks)}
    cited = {pack.register[item.code].region for clock in pack.clocks.clocks for item in clock.citations}
    return sorted({*names, *(name for region in cited for name in regions.asks(region))})


_VALUES = {
    Kind.BOOL: st.booleans(),
    Kind.DATE: st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    Kind.TEXT: st.sampled_from(["株洲", "泉州", "万州", "德化"]),
}


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_learning_a_fact_never_moves_a_date_or_flips_a_settled_clock(pack: RulePack, data: st.DataObject) -> None:
    """未知不等于没有：少知道一个前提事实，成立的只会变成待核实，没有的不会变成成立，日子不变。"""
    facts: dict[str, FactValue] = {}
    for name in clock_facts(pack):
        fact = pack.vocabulary[name]
        if data.draw(st.booleans(), label=name):
            facts[name] = data.draw(_VALUES.get(fact.kind, st.sampled_from(fact.options or ("",))), label=name)
    starts = {clock.start for clock in pack.clocks.clocks}
    droppable = [name for name in facts if name not in starts]
    if not droppable:
        return
    dropped = data.draw(st.sampled_from(droppable))
    full = {item.clock: item for item in due_dates(pack, facts, AS_OF)}
    partial = {item.clock: item for item in due_dates(pack, {n: v for n, v in facts.items() if n != dropped}, AS_OF)}
    for name, item in full.items():
        assert name in partial, (name, dropped)
        assert partial[name].due == item.due
        if partial[name].status == "成立":
            assert item.status == "成立"
    for name in set(partial) - set(full):
        assert partial[name].status == "待核实"
        assert dropped in partial[name].unknown


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_due_date_does_not_depend_on_today(pack: RulePack, first: date, second: date) -> None:
    facts = facts_of(pack, **IDLE)
    one, two = due_dates(pack, facts, first), due_dates(pack, facts, second)
    assert [(item.clock, item.due) for item in one] == [(item.clock, item.due) for item in two]
    assert [item.days_left for item in one] == [(item.due - first).days for item in one]


def test_order_of_facts_is_irrelevant(pack: RulePack) -> None:
    facts = facts_of(pack, **IDLE)
    assert due_dates(pack, dict(reversed(facts.items())), AS_OF) == due_dates(pack, facts, AS_OF)


# 要办的与不再提的


@pytest.mark.parametrize(
    ("as_of", "open_", "pressing"),
    [
        ("2026-09-01", True, False),  # 还差 91 天
        ("2026-09-02", True, True),  # 到 12-01 正好 90 天
        ("2026-12-01", True, True),  # 当天
        ("2026-12-02", True, True),  # 约束：过了没了结，一直列着
    ],
)
def test_binding_clock_presses_from_the_window_until_it_is_settled(
    pack: RulePack, as_of: str, open_: bool, pressing: bool
) -> None:
    day = date.fromisoformat(as_of)
    facts = facts_of(pack, 闲置费决定书送达日="2026-11-01", 闲置费已缴清="否")
    (item,) = due_dates(pack, facts, day)
    assert item.due == date(2026, 12, 1)
    assert (item.open, item.pressing(QUARTER.after(day))) == (open_, pressing)


def test_reminder_is_dropped_once_past(pack: RulePack) -> None:
    facts = facts_of(pack, 异议登记日="2026-11-10", 权属清晰无争议="否")
    for as_of, expected in ((date(2026, 11, 25), True), (date(2026, 11, 26), False)):
        (item,) = due_dates(pack, facts, as_of)
        assert item.due == date(2026, 11, 25)
        assert item.open is item.pressing(QUARTER.after(as_of)) is expected
        assert bool(clock_report(pack, [("甲", facts)], as_of, QUARTER).parcels[0].due) is expected


def test_every_binding_clock_can_be_settled(pack: RulePack) -> None:
    """约束类过了还一直列着，所以要有前提或地域能了结它。"""
    for clock in pack.clocks.clocks:
        assert clock.kind == "提醒" or clock.test or clock.regions, clock.id


def test_wanted_date_is_asked_for_once(pack: RulePack) -> None:
    facts = facts_of(pack, **{**IDLE, "约定动工日": "不清楚"}, 司法查封="是", 权利类型="出让", 登记用途="工业")
    asked = {item.start_fact: item.clocks for item in undated(pack, facts, AS_OF)}
    assert asked == {"约定动工日": ("闲置满一年",), "查封到期日": ("查封期满",), "使用权届满日": ("使用权届满",)}


# 依据


@pytest.fixture
def small(tmp_path: Path) -> Path:
    root = tmp_path / "minimal"
    shutil.copytree(ROOT / "tests" / "packs" / "minimal", root)
    (root / "clocks.yaml").write_text(
        "算法: {说明: 当日不计入, 依据: [A1§1]}\n"
        "期限:\n"
        "  - {编号: 天津的, 类别: 约束, 起算: 动工日, 加: 1年, 依据: [L1], 说明: 天津的, 该办: 办, 谁办: 权利人}\n"
        "  - {编号: 全国的, 类别: 约束, 起算: 动工日, 加: 2年, 依据: [D1§5], 说明: 全国的, 该办: 办, 谁办: 权利人}\n",
        encoding="utf-8",
    )
    return root


def test_clock_of_another_place_is_not_listed(small: Path) -> None:
    pack = load_rule_pack(small)
    names = {
        where: [
            (item.clock, item.status, item.unknown)
            for item in due_dates(pack, facts_of(pack, 动工日="2026-01-01", 省份=where), date(2026, 6, 1))
        ]
        for where in ("天津", "湖南", "不清楚")
    }
    assert names == {
        "天津": [("天津的", "成立", ()), ("全国的", "成立", ())],
        "湖南": [("全国的", "成立", ())],
        "不清楚": [("天津的", "待核实", ("省份",)), ("全国的", "成立", ())],
    }


def test_expired_basis_is_said_and_not_taken_as_settled(small: Path) -> None:
    """L1 有效至 2026-12-31：当天还作数，次日起待核实并写明。"""
    pack = load_rule_pack(small)
    facts = facts_of(pack, 动工日="2026-01-01", 省份="天津")
    last, after = (due_dates(pack, facts, day)[0] for day in (date(2026, 12, 31), date(2027, 1, 1)))
    assert (last.status, last.notes) == ("成立", ())
    assert after.status == "待核实"
    assert after.notes == ("依据都不在有效期内（L1已过期），须核续期或替代文件",)
    assert after.basis[0].text == "《天津通知》〔典型案例转述，已过期〕"


def test_unverified_basis_is_marked(small: Path) -> None:
    pack = load_rule_pack(small)
    item = due_dates(pack, facts_of(pack, 动工日="2026-01-01", 省份="湖南"), AS_OF)[0]
    assert item.basis[0].text == "《记忆中的办法》第五条〔依据待核〕"
    assert item.notes[0] == "依据待核"
    assert (item.due, item.notes[1]) == (
        date(2028, 1, 1), "最后一日是星期六，属法定休假日的顺延到休假日结束的次日",
    )  # fmt: skip


def test_days_counted_backwards_are_not_put_off(pack: RulePack) -> None:
    """届满前一年（2027-02-28，星期日）要赶在前面，不提示顺延。"""
    facts = facts_of(pack, 权利类型="出让", 登记用途="工业", 使用权届满日="2028-02-29", 已申请续期="否")
    item = due_dates(pack, facts, AS_OF)[0]
    assert (item.due, item.due.weekday(), item.notes) == (date(2027, 2, 28), 6, ())


def test_rule_pack_hash_covers_the_clocks(small: Path) -> None:
    before = fingerprint(small)
    text = (small / "clocks.yaml").read_text("utf-8")
    (small / "clocks.yaml").write_text(text.replace("加: 1年", "加: 2年"), encoding="utf-8")
    assert fingerprint(small) != before


def test_older_pack_without_clocks_still_loads() -> None:
    pack = load_rule_pack(ROOT / "tests" / "packs" / "minimal")
    assert due_dates(pack, facts_of(pack, 动工日="2026-01-01"), AS_OF) == ()
    assert clock_report(pack, [("甲", {})], AS_OF, QUARTER).method == ""


def test_expiring_policies_of_a_place(small: Path) -> None:
    pack = load_rule_pack(small)
    listed = {
        (where, days): [item.code for item in expiring_policies(pack, AS_OF, Period(days=days), facts)]
        for where, facts in (
            ("各地", None),
            ("天津", facts_of(pack, 省份="天津")),
            ("湖南", facts_of(pack, 省份="湖南")),
        )
        for days in (39, 40)
    }
    assert listed == {  # 2026-11-21 起 40 天是 12-31
        ("各地", 39): [], ("各地", 40): ["L1"],
        ("天津", 39): [], ("天津", 40): ["L1"],
        ("湖南", 39): [], ("湖南", 40): [],
    }  # fmt: skip
    (item,) = expiring_policies(pack, AS_OF, Period(days=40))
    assert (item.days_left, item.tools, item.clocks) == (40, ("甲工具",), ("天津的",))


def test_shipped_policies_that_expire(pack: RulePack) -> None:
    """摘编写明的到期日：H11 与 E13 2025-12-31，H1 2030-10-12；试行期不明的排在最后、没有日子。"""
    found = {item.code: item for item in expiring_policies(pack, AS_OF, Period(years=5))}
    days = {code: found[code].days_left for code in ("H11", "E13", "H1")}
    assert days == {"H11": -325, "E13": -325, "H1": (date(2030, 10, 12) - AS_OF).days}
    assert found["L6"].expires is None
    codes = list(found)
    assert codes.index("H1") < codes.index("L6")
    assert "E16" in found
    assert found["E16"].clocks == ("储备地临时利用满两年",)
    assert "A2" not in found


# 随仓库的期限


def test_interview_never_asks_for_facts_only_clocks_use(advisor: Advisor) -> None:
    pack = advisor.pack
    regions = pack.register.regions
    used = {name for rule in pack.all_rules() for name in rule.asks} | set(regions.asked)
    used |= {name for relation in pack.relations for name in relation.asks}
    only_clocks = {fact.name for fact in pack.vocabulary if fact.group == "期限"}
    assert only_clocks.isdisjoint(used)
    assert only_clocks <= {name for clock in pack.clocks.clocks for name in (clock.start, *clock.asks)}
    asked = {item.fact for item in advisor.assess_one(Parcel(name="空", facts={}), AS_OF).questions}
    assert asked
    assert only_clocks.isdisjoint(asked)


def test_dates_do_not_change_a_verdict(advisor: Advisor) -> None:
    facts = dict(advisor.playbook.case("H09").facts)
    plain = advisor.assess_one(Parcel(name="甲", facts=facts), AS_OF)
    dated = advisor.assess_one(
        Parcel(name="甲", facts={**facts, **facts_of(advisor.pack, 约定动工日="2020-01-01", 查封到期日="2026-12-01")}),
        AS_OF,
    )
    assert dated.tools == plain.tools
    assert dated.plans == plain.plans


def test_each_clock_has_scenarios_for_due_unknown_and_absent(pack: RulePack) -> None:
    text = (ROOT / "features" / "clocks" / "期限.feature").read_text("utf-8")
    rows = re.findall(r"^ *\|(.*)\|$", text, re.MULTILINE)
    outlined = {cell.strip() for row in rows for cell in row.split("|")}
    for clock in pack.clocks.clocks:
        assert f'期限"{clock.id}"在"' in text or clock.id in outlined, clock.id
        assert f'期限"{clock.id}"要核实"' in text or f'期限"{clock.id}"为"待核实"' in text, clock.id
        assert f'没有期限"{clock.id}"' in text or clock.id in outlined, clock.id


def test_rules_check_wants_a_scenario_for_each_clock(tmp_path: Path) -> None:
    for name in ("rules", "playbooks", "features"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "features" / "clocks" / "期限.feature").write_text('# language: zh-CN\n期限"查封期满"\n', "utf-8")
    found = [item for item in check_pack(tmp_path / "rules", tmp_path / "playbooks", AS_OF) if "没有情景" in item.text]
    assert "期限“闲置满一年”没有情景" in [item.text for item in found]
    assert "期限“查封期满”没有情景" not in [item.text for item in found]


# 日历


def calendar_of(pack: RulePack, named: list[tuple[str, dict[str, FactValue]]], as_of: date = AS_OF) -> bytes:
    return icalendar_text(clock_report(pack, named, as_of, Period(years=2)))


def test_calendar_reads_back_the_same(pack: RulePack) -> None:
    named = [("甲，地块；一期", facts_of(pack, **IDLE)), ("乙地块", facts_of(pack, 查封到期日="2026-12-01"))]
    report = clock_report(pack, named, AS_OF, Period(years=2))
    events = icalendar.Calendar.from_ical(icalendar_text(report)).walk("VEVENT")
    read = {(str(e["summary"]), e.decoded("dtstart"), e.decoded("dtend"), str(e["status"])) for e in events}
    expected = {
        ("甲，地块；一期：闲置满一年", date(2026, 3, 1), date(2026, 3, 2), "CONFIRMED"),
        ("甲，地块；一期：闲置满两年", date(2027, 3, 1), date(2027, 3, 2), "CONFIRMED"),
        ("乙地块：查封期满（待核实）", date(2026, 12, 1), date(2026, 12, 2), "TENTATIVE"),
    } | {
        (f"依据到期：《{p.title}》", p.expires, p.expires + timedelta(days=1), "CONFIRMED")
        for p in report.policies
        if p.expires
    }
    assert read == expected
    seized = next(e for e in events if "查封" in str(e["summary"]))
    assert "待核实：司法查封" in str(seized["description"]).splitlines()
    assert "怎么算：查封到期日 2026-12-01" in str(seized["description"]).splitlines()


def test_calendar_is_reproducible_and_folded(pack: RulePack) -> None:
    """逐字节相同；每行不超过 75 个字节（RFC 5545 3.1），折行不切断汉字。"""
    named = [("甲", facts_of(pack, **IDLE))]
    written = calendar_of(pack, named)
    assert written == calendar_of(pack, named)
    lines = written.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode("utf-8")
    assert b"DTSTAMP:20261121T000000Z" in lines


def test_calendar_ids_survive_a_changed_date_and_are_unique(pack: RulePack) -> None:
    def ids(as_of: date, start: str) -> list[str]:
        facts = facts_of(pack, **{**IDLE, "约定动工日": start})
        events = icalendar.Calendar.from_ical(calendar_of(pack, [("甲", facts), ("乙", facts)], as_of)).walk("VEVENT")
        return [str(e["uid"]) for e in events if "闲置" in str(e["summary"])]

    first = ids(AS_OF, "2025-03-01")
    assert len(set(first)) == len(first) == 4
    assert sorted(ids(date(2026, 12, 1), "2025-06-01")) == sorted(first)


def test_calendar_refuses_parcels_it_cannot_tell_apart(pack: RulePack) -> None:
    facts = facts_of(pack, **IDLE)
    with pytest.raises(InputError, match="有几宗地都叫“甲”，日历里分不开"):
        calendar_of(pack, [("甲", facts), ("甲", facts)])


def test_calendar_says_what_to_install(pack: RulePack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(InputError, match=r"没有装 icalendar。下一步：运行 pip install 'advisor\[calendar\]'"):
        calendar_of(pack, [("甲", {})])


# 命令行


def advisor_clocks(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "advisor", "clocks", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    path = tmp_path / "查封地块.yaml"
    path.write_text("名称: 查封地块\n事实:\n  司法查封: 是\n  查封到期日: 2027-02-19\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("as_of", "within", "code"),
    [
        ("2026-11-21", "90d", 1),  # 2027-02-19 正好是 90 天
        ("2026-11-20", "90天", 0),
        ("2026-11-20", "3个月", 1),  # 到 2027-02-20
        ("2027-02-19", "0d", 1),  # 当天
        ("2027-02-20", "0d", 1),  # 已过未了
    ],
)
def test_exit_code_for_cron(seized: Path, as_of: str, within: str, code: int) -> None:
    done = advisor_clocks(str(seized), "--as-of", as_of, "--within", within)
    assert (done.returncode, done.stderr) == (code, "")
    assert "2027-02-19 查封期满" in done.stdout


def test_text_says_what_when_who_and_why(seized: Path) -> None:
    done = advisor_clocks(str(seized), "--as-of", "2026-11-21")
    assert "● 2027-02-19 查封期满（约束，还剩 90 天）" in done.stdout
    for words in ("第二十七条", "该办：到期前问查封法院续不续封", "日子怎么算：开始的当日不计入", "第二百零二条"):
        assert words in done.stdout


def test_unknown_premise_is_spoken_as_if(tmp_path: Path) -> None:
    path = tmp_path / "甲.yaml"
    path.write_text("事实:\n  查封到期日: 2026-12-01\n", encoding="utf-8")
    done = advisor_clocks(str(path), "--as-of", "2026-11-21")
    assert done.returncode == 1
    assert "待核实：若“司法查封”为是，则 2026-12-01 到期；先核实 司法查封" in done.stdout


def test_json_and_calendar_files(seized: Path, tmp_path: Path) -> None:
    calendar = tmp_path / "期限.ics"
    arguments = (str(seized), "--as-of", "2026-11-21", "--format", "json", "--ics", str(calendar))
    first, second = (advisor_clocks(*arguments) for _ in range(2))
    assert first.stdout == second.stdout
    report = json.loads(first.stdout)
    assert (report["until"], report["pressing"]) == ("2027-02-19", 1)
    (item,) = report["parcels"][0]["due"]
    assert (item["clock"], item["due"], item["days_left"], item["status"]) == ("查封期满", "2027-02-19", 90, "成立")
    (event,) = icalendar.Calendar.from_ical(calendar.read_bytes()).walk("VEVENT")
    assert event.decoded("dtstart") == date(2027, 2, 19)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--within", "三周"),
            "--within：期间“三周”看不懂。可填：90d、90天、3个月、1年这样的期间，至多 100 年。下一步：改成其中一种写法。\n",
        ),
        (("--as-of", "昨天"), "--as-of：收到“昨天”。可填：日期，如 2026-11-21。下一步：改成年-月-日。\n"),
    ],
)
def test_wrong_usage(seized: Path, arguments: tuple[str, ...], said: str) -> None:
    done = advisor_clocks(str(seized), *arguments)
    assert (done.returncode, done.stderr) == (2, said)


def test_wrong_date_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "甲.yaml"
    path.write_text("事实:\n  查封到期日: 2026-02-30\n", encoding="utf-8")
    done = advisor_clocks(str(path))
    assert done.returncode == 2
    assert done.stderr == (
        f"{path} 第 2 行：事实“查封到期日”收到“2026-02-30”。可填：日期，如 2026-01-31；不清楚可写“不清楚”。"
        "下一步：照可填的写法改正，再运行一次。\n"
    )


def test_calendar_into_a_missing_folder(seized: Path, tmp_path: Path) -> None:
    done = advisor_clocks(str(seized), "--ics", str(tmp_path / "没有" / "期限.ics"))
    assert done.returncode == 2
    assert "读写失败" in done.stderr
