"""把期限写成 iCalendar（RFC 5545）：日历软件、手机都能订。同样的输入逐字节相同。"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from advisor.clocks import ClockReport, DueDate
from advisor.errors import InputError
from advisor.expiring import ExpiringPolicy


def icalendar_text(report: ClockReport) -> bytes:
    """report 里全部期限与到期的依据，一个一天的日程一条；UTF-8，按规范折行。

    UID 由案卷名（依据代码）与期限编号得出：日子变了重新导入，日历里是改而不是多一条。

    Raises:
        InputError: 没有装 icalendar；两宗地同名（UID 会撞，后一宗会盖掉前一宗）。
    """
    icalendar = _library()
    names = [parcel.name for parcel in report.parcels]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            "导出日历", f"有几宗地都叫“{'、'.join(doubled)}”，日历里分不开", fix="给它们起不同的名称，再导出一次"
        )
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//advisor//clocks//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "期限")
    stamp = datetime.combine(report.as_of, time(), UTC)
    for parcel in report.parcels:
        for item in parcel.due:
            mark = "" if item.status == "成立" else "（待核实）"
            calendar.add_component(
                _event(
                    icalendar, (parcel.name, item.clock), item.due, stamp,
                    summary=f"{parcel.name}：{item.clock}{mark}",
                    description=_description(item),
                    categories=[item.kind],
                    status="CONFIRMED" if item.status == "成立" else "TENTATIVE",
                )
            )  # fmt: skip
    for policy in report.policies:
        if policy.expires is not None:
            calendar.add_component(
                _event(
                    icalendar, ("依据", policy.code), policy.expires, stamp,
                    summary=f"依据到期：《{policy.title}》",
                    description=_policy_description(policy),
                    categories=["依据到期"],
                    status="CONFIRMED",
                )
            )  # fmt: skip
    written: bytes = calendar.to_ical()
    return written


def _event(icalendar: Any, key: tuple[str, str], day: date, stamp: datetime, **fields: Any) -> Any:
    event = icalendar.Event()
    event.add("uid", hashlib.sha256("\0".join(key).encode()).hexdigest()[:32] + "@advisor")
    event.add("dtstamp", stamp)
    event.add("dtstart", day)
    if day < date.max:
        event.add("dtend", day + timedelta(days=1))
    for name, value in fields.items():
        event.add(name, value)
    event.add("transp", "TRANSPARENT")
    return event


def _description(item: DueDate) -> str:
    lines = [item.text, f"怎么算：{item.how}"]
    if item.status != "成立":
        lines.append(f"待核实：{'、'.join(item.unknown) or '依据'}")
    if item.consequence:
        lines.append(f"到期：{item.consequence}")
    lines += [f"该办：{item.duty}", f"谁办：{item.actor}", "依据：" + "；".join(basis.text for basis in item.basis)]
    lines += [f"注意：{note}" for note in item.notes]
    return "\n".join(lines)


def _policy_description(policy: ExpiringPolicy) -> str:
    lines = [f"{policy.number or policy.code}，{policy.region}", "核续期或替代文件"]
    if policy.tools:
        lines.append(f"引用它的工具：{'、'.join(policy.tools)}")
    return "\n".join(lines)


def _library() -> Any:
    try:
        import icalendar
    except ImportError:
        raise InputError(
            "导出日历", "这台机器没有装 icalendar", fix="运行 pip install 'advisor[calendar]' 装上，再导出一次"
        ) from None
    return icalendar
