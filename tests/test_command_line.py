"""命令行：退出码、报错、问答、草案。真的起进程跑。"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.rulepack import RulePack
from advisor.vocabulary import Kind

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "playbooks" / "samples" / "示例地块.yaml"
AS_OF = ("--as-of", "2026-11-21")


def advisor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "advisor", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )


def test_assess_json_twice_is_byte_identical() -> None:
    first, second = (advisor("assess", str(SAMPLE), "--format", "json", *AS_OF) for _ in range(2))
    assert first.returncode == 0
    assert first.stderr == ""
    assert first.stdout == second.stdout
    tools = json.loads(first.stdout)["parcels"][0]["tools"]
    assert sorted(tool["rank"] for tool in tools) == list(range(1, len(tools) + 1))


def test_assess_text_without_a_terminal_has_no_escape_codes() -> None:
    done = advisor("assess", str(SAMPLE), *AS_OF)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "主推方案：带押分割 → 分割收储 → 收储再供应 → 自主改造" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("assess", "没有.yaml"), "没有.yaml：没有这个文件。下一步：核对路径与文件名。"),
        (("assess",), "缺 文件..."),
        (
            ("assess", str(SAMPLE), "--as-of", "昨天"),
            "--as-of：收到“昨天”。可填：日期，如 2026-11-21。下一步：改成年-月-日。",
        ),
        (("interview",), "这里不是终端"),
        (("rules", "show", "没有这个"), "没有“没有这个”这个工具"),
        (("assess", str(SAMPLE), "--rules", "tests"), "--rules 指到的文件夹里没有 facts.yaml"),
        (("不是命令",), "没有这个命令（'不是命令'）"),
        (("assess", str(SAMPLE), "--formatt", "json"), "没有 --formatt 这个选项，是不是 --format"),
    ],
)
def test_wrong_usage_exits_two_in_plain_words(arguments: tuple[str, ...], said: str) -> None:
    done = advisor(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_unattended_interview_writes_a_transcript(tmp_path: Path) -> None:
    out = tmp_path / "记录.json"
    done = advisor("interview", "--answers", str(SAMPLE), "--transcript", str(out), *AS_OF)
    assert done.returncode == 0, done.stderr
    record = json.loads(out.read_text("utf-8"))
    facts = [item["fact"] for item in record["asked"]]
    assert len(facts) == len(set(facts))
    assert 0 < record["settled_at"] <= len(facts)
    assert record["plan"] == ["带押分割", "分割收储", "收储再供应", "自主改造"]
    answered = {item["fact"]: item["answer"] for item in record["asked"]}
    assert answered["抵押权人同意"] == "不清楚"
    assert answered["愿部分退出"] is True


def test_demo_and_memo_write_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("甲", "乙"):
        done = advisor("memo", str(SAMPLE), "--out", str(tmp_path / name), *AS_OF)
        assert done.returncode == 0, done.stderr
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("甲", "乙"))
    assert [path.suffix for path in first] == [".docx", ".html", ".md"]
    for left, right in zip(first, second, strict=True):
        assert left.read_bytes() == right.read_bytes()
    done = advisor("demo", "--out", str(tmp_path / "示例"), *AS_OF)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().splitlines()[-2].endswith(".docx")
    assert Path(done.stdout.rstrip().splitlines()[-2]).is_file()


def test_rules_come_from_the_environment_too(tmp_path: Path) -> None:
    done = advisor("rules", "facts", ADVISOR_RULES=str(ROOT / "tests" / "packs" / "minimal"))
    assert done.returncode == 0, done.stderr
    assert "零星面积" in done.stdout
    assert advisor("rules", "facts", ADVISOR_RULES=str(tmp_path)).returncode == 2


def test_rules_check_fails_with_one_on_a_broken_pack(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("分组: 不是列表\n", encoding="utf-8")
    done = advisor("rules", "check", "--rules", str(tmp_path))
    assert done.returncode == 1
    assert "规则包问题" in done.stdout
    assert advisor("rules", "check").returncode == 0


def test_rules_show_says_the_conditions_in_chinese() -> None:
    done = advisor("rules", "show", "零星用地并宗", *AS_OF)
    assert done.returncode == 0
    assert "〔仅天津〕" in done.stdout
    assert "零星占比不超过 10%" in done.stdout
    assert "自然资发〔2023〕171号" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="没有伪终端")
def test_without_durable_rules_a_visible_notice(tmp_path: Path) -> None:
    """装不上 durable_rules 的机器：错误流里有提示，判定逐字节相同。"""
    (tmp_path / "durable").mkdir()
    blocker = tmp_path / "sitecustomize.py"
    blocker.write_text(
        "import importlib.util as u\n_find = u.find_spec\n"
        "u.find_spec = lambda n, p=None: None if n.startswith('durable') else _find(n, p)\n",
        encoding="utf-8",
    )
    normal = advisor("assess", str(SAMPLE), "--format", "json", *AS_OF)
    without = advisor("assess", str(SAMPLE), "--format", "json", *AS_OF, PYTHONPATH=str(tmp_path))
    assert without.returncode == 0
    assert "没有装推理引擎 durable_rules" in without.stderr
    assert without.stdout == normal.stdout


def test_a_parcel_nobody_means_to_touch_is_told_what_would_change_it(tmp_path: Path, pack: RulePack) -> None:
    """是否类全填“否”的国有出让地：一个工具的情形都没有，不叫人去补没有用的事实。"""
    facts = {fact.name: "否" for fact in pack.vocabulary if fact.kind is Kind.BOOL}
    facts |= {"权属清晰无争议": "是", "已办不动产登记": "是", "房地权利人一致": "是", "符合国土空间规划": "是"}
    facts |= {
        "登记权利人与实际用地主体一致": "是",
        "零星与主地块用途一致": "是",
        "价款已缴清": "是",
        "已依法动工": "是",
    }
    facts |= {"省份": "湖南", "地级市": "株洲", "土地所有权": "国有", "权利类型": "出让", "建设状态": "已建成"}
    facts |= {"登记用途": "工业", "规划用途": "工业", "拟改造用途": "工业", "权利人数量": "1", "超约定动工日年限": "0"}
    path = tmp_path / "地.yaml"
    path.write_text("名称: 地\n事实:\n" + "".join(f"  {name}: {value}\n" for name, value in facts.items()), "utf-8")
    said = advisor("assess", str(path), *AS_OF).stdout
    assert "没有一个工具有它的情形" in said and "还拼不出方案" not in said, said
