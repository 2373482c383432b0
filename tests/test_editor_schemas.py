"""编辑器帮助：存着的 JSON Schema 就是现在的结构；随包的每个 YAML 都合，打错的键与名字会标红。"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from advisor import yamlsource
from advisor.cli import run
from advisor.editor_schemas import DATA_FILES, editor_schemas, editor_settings, schema_text
from advisor.rulepack import RulePack

ROOT = Path(__file__).resolve().parent.parent
PATHS = sorted(path for folder in ("rules", "playbooks") for path in (ROOT / folder).rglob("*.yaml"))


@pytest.fixture(scope="module")
def validators(pack: RulePack) -> Mapping[str, Any]:
    checker = jsonschema.FormatChecker()
    return {
        name: jsonschema.Draft7Validator(schema, format_checker=checker)
        for name, schema in editor_schemas(pack).items()
    }


def plain(value: Any) -> Any:
    """像编辑器那样看：数就是数。"""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def kind_of(path: Path) -> str:
    """管这个文件的 schema；每个文件恰有一份。"""
    (file,) = [file for file in DATA_FILES if path.relative_to(ROOT).match(file.path)]
    return file.name


def complaints(validator: Any, data: Any) -> list[str]:
    return [f"{'/'.join(map(str, error.path))} {error.message[:120]}" for error in validator.iter_errors(plain(data))]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_shipped_file_is_accepted(path: Path, validators: Mapping[str, Any]) -> None:
    assert complaints(validators[kind_of(path)], yamlsource.read(path)) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_shipped_file_names_its_schema(path: Path) -> None:
    """不用 VS Code 的编辑器看第一行。"""
    first = path.read_text("utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == ROOT / "schemas" / f"{kind_of(path)}.json"


def test_kept_schemas_are_current(pack: RulePack) -> None:
    """不一致就运行 advisor rules schemas。"""
    kept = {path.stem: path.read_text("utf-8") for path in (ROOT / "schemas").glob("*.json")}
    assert kept == {name: schema_text(schema) for name, schema in editor_schemas(pack).items()}


def test_the_editor_is_wired_to_them() -> None:
    settings = json.loads((ROOT / ".vscode" / "settings.json").read_text("utf-8"))
    assert settings["yaml.schemas"] == editor_settings()


TOOL = "rules/tools/分割收储.yaml"
MISTAKES = {
    "键": (TOOL, "要件:", "要建:"),
    "条件里的事实": (TOOL, "条件: 分割后可独立分宗", "条件: 分割后可独立分中"),
    "条件里的全角符号": (TOOL, "登记用途 != '工业' or", "登记用途 ≠ '工业' or"),
    "依据代码": (TOOL, "[S1, S0]", "[S1, Z99]"),
    "地域": (TOOL, "地域: 莆田", "地域: 莆甜"),
    "闸门": (TOOL, "国有土地, ", "国有地, "),
    "症结": (TOOL, "大地小用", "大地大用"),
    "替代的工具": (TOOL, "改走: 协议收回", "改走: 协议收地"),
    "替代的事实值": (TOOL, "抵押权人同意: 是", "抵押权人同意: 大概"),
    "定好的选项": (TOOL, "角色: 主", "角色: 主要"),
    "日期": ("rules/policies/法律.yaml", "生效: 20", "生效: 二〇"),
    "关系里的工具": ("rules/relations.yaml", "须先: [带押分割]", "须先: [带押切割]"),
    "案例的事实": ("playbooks/cases/H01a.yaml", "土地所有权: 国有", "土地归属: 国有"),
    "事实文件的选项": ("playbooks/samples/示例地块.yaml", "土地所有权: 国有", "土地所有权: 公有"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_typo_turns_red(mistake: str, validators: Mapping[str, Any]) -> None:
    """原来没有毛病，改错一处就有。"""
    where, right, wrong = MISTAKES[mistake]
    text = (ROOT / where).read_text("utf-8")
    assert right in text, "样本里没有这一处"
    data = yamlsource.read_yaml(text.replace(right, wrong, 1), where)
    assert complaints(validators[kind_of(ROOT / where)], data), mistake


def test_command_writes_them_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "schemas", "--out", str(tmp_path)]) == 0
    assert {path.stem for path in tmp_path.iterdir()} == {file.name for file in DATA_FILES}
    assert f"写了 {len(DATA_FILES)} 份" in capsys.readouterr().out
