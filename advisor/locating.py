"""规则包与手册在哪里：命令参数、环境变量、源码目录、随包附带，依次找。"""

from __future__ import annotations

import os
from pathlib import Path

from advisor.errors import InputError

RULES_VARIABLE, PLAYBOOKS_VARIABLE = "ADVISOR_RULES", "ADVISOR_PLAYBOOKS"
_PACKAGE = Path(__file__).resolve().parent


def rules_folder(chosen: str | Path | None = None) -> Path:
    """规则包所在的文件夹。

    Raises:
        InputError: 指定的文件夹不存在，或里面没有规则包。
    """
    return _find("rules", chosen, RULES_VARIABLE, "facts.yaml")


def playbooks_folder(chosen: str | Path | None = None) -> Path:
    """手册所在的文件夹。

    Raises:
        InputError: 指定的文件夹不存在，或里面没有案例。
    """
    return _find("playbooks", chosen, PLAYBOOKS_VARIABLE, "cases")


def features_folder(rules: Path) -> Path | None:
    """规则包旁边的政策情景；没有的为 None。"""
    folder = rules.parent / "features" / "tools"
    return folder if folder.is_dir() else None


def grading_schemes(rules: Path) -> list[str]:
    """随规则包的亩均评价方案的名称。"""
    return sorted(path.stem for path in (rules / "grading").glob("*.yaml"))


def _find(name: str, chosen: str | Path | None, variable: str, mark: str) -> Path:
    asked = str(chosen) if chosen else os.environ.get(variable, "")
    if asked:
        folder = Path(asked).expanduser().resolve()
        if not (folder / mark).exists():
            source = f"--{name}" if chosen else f"环境变量 {variable}"
            raise InputError(str(folder), f"{source} 指到的文件夹里没有 {mark}", fix=f"指到含 {mark} 的 {name} 文件夹")
        return folder
    for folder in (_PACKAGE.parent / name, _PACKAGE / "_bundled" / name):
        if (folder / mark).exists():
            return folder
    raise InputError("", f"找不到随包附带的 {name}", fix=f"重新安装，或用 --{name} 指到它")
