"""模板：随包的与脚本造的一致、自检没有毛病；坏模板一个文件一个毛病，报错全文逐字核对。"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document

from advisor import yamlsource
from advisor.errors import InputError, RulePackError
from advisor.memo.blank_template import build
from advisor.memo.checking import check_template
from advisor.memo.outline import read_outline

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "playbooks" / "templates"
SAMPLES = sorted((ROOT / "tests" / "bad" / "templates").glob("*.yaml"))


def written(form: str, lines: list[str], folder: Path) -> Path:
    """照样本写出一个模板。"""
    if form == "md":
        path = folder / "模板.md.j2"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(str(folder / "模板.docx"))
    return folder / "模板.docx"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_bad_template_is_refused_with_the_whole_message(sample: Path, tmp_path: Path) -> None:
    data = yamlsource.read(sample)
    path = written(data["形式"], data["段"], tmp_path)
    assert "\n".join(check_template(path, TEMPLATES)) == data["期望"].rstrip("\n")


def test_tag_split_over_runs_by_word_is_still_read(tmp_path: Path) -> None:
    """Word 会把一个标签拆成几截、把引号变成弯的，都认得。"""
    document = Document()
    paragraph = document.add_paragraph()
    for piece in ("{", "{ memo.", "title }", "}", "{{ memo.has(“正文”) }}"):
        paragraph.add_run(piece)
    path = tmp_path / "模板.docx"
    document.save(str(path))
    assert check_template(path, TEMPLATES) == []


@pytest.mark.parametrize(
    "path", sorted(p for p in TEMPLATES.iterdir() if p.suffix in (".docx", ".j2")), ids=lambda p: p.name
)
def test_shipped_templates_have_no_fault(path: Path) -> None:
    assert check_template(path, TEMPLATES) == []


def test_shipped_template_is_the_one_the_script_builds(tmp_path: Path) -> None:
    """模板可由脚本重造，逐字节相同。"""
    rebuilt = tmp_path / "模板.docx"
    build(rebuilt, TEMPLATES)
    assert rebuilt.read_bytes() == (TEMPLATES / "处置方案.docx").read_bytes()


def test_command_says_how_many(tmp_path: Path) -> None:
    """advisor template check：好的退出码 0，坏的 1，没有的 2。"""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "advisor", "template", "check", *arguments]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT)

    good = run()
    assert (good.returncode, good.stdout) == (0, "模板 6 个，毛病 0 处\n")
    bad = run(str(written("md", ["{% endif %}"], tmp_path)))
    assert (bad.returncode, bad.stdout.splitlines()[-1]) == (1, "模板 1 个，毛病 1 处")
    assert run(str(tmp_path / "没有.docx")).returncode == 2


def test_not_a_template(tmp_path: Path) -> None:
    (tmp_path / "甲.docx").write_text("不是压缩包", encoding="utf-8")
    with pytest.raises(InputError, match=r"不是 docx 文件，或已损坏"):
        check_template(tmp_path / "甲.docx", TEMPLATES)
    (tmp_path / "甲.txt").write_text("甲", encoding="utf-8")
    with pytest.raises(InputError, match="不是模板"):
        check_template(tmp_path / "甲.txt", TEMPLATES)


def test_outline_errors_point_at_the_line(tmp_path: Path) -> None:
    """编排写错：指到文件与行。"""
    folder = tmp_path / "playbooks" / "templates"
    shutil.copytree(TEMPLATES, folder)
    text = (folder / "草案.yaml").read_text("utf-8").replace("件: [正文,", "附件: [正文,")
    (folder / "草案.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RulePackError) as caught:
        read_outline(folder)
    assert "playbooks/templates/草案.yaml 第 5 行：不认识的键“附件”" in "".join(caught.value.problems)
