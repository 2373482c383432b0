"""测算输入写进日志再读回，还是原来的数、区间、逐年。"""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from advisor.dossier.values import read_estimate, written_estimate

NUMBERS = st.decimals(min_value=0, max_value=10**9, places=2)
ENDS = NUMBERS | NUMBERS.map(lambda number: f"{number}亿元") | st.just("不清楚")
RAW = ENDS | st.lists(ENDS, min_size=2, max_size=2) | st.dictionaries(st.sampled_from(["第1年", "其余年"]), ENDS)


@given(raw=RAW)
def test_an_estimate_input_reads_back_as_written(raw: Decimal | str | list[object] | dict[str, object]) -> None:
    read = read_estimate("案卷“甲”", "楼面地价", written_estimate(raw))
    assert read.raw == raw
    assert read.where == "案卷“甲”测算输入“楼面地价”"
