"""装到别处也能用：轮子里带着规则与手册，装进干净的环境，换个目录就跑。"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "hatchling" in done.stderr:
        pytest.skip("没有装 hatchling，造不了轮子")
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_wheel_carries_rules_and_playbooks(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "advisor/_bundled/rules/facts.yaml" in names
    assert "advisor/_bundled/playbooks/templates/处置方案.docx" in names
    assert "advisor/dossier/migrations/versions/r0001_log.py" in names
    for part in ("templates/base.html", "templates/ask.html", "static/style.css", "static/htmx.min.js"):
        assert f"advisor/web/{part}" in names
    assert "advisor/_bundled/features/tools/分割收储.feature" in names
    assert not [name for name in names if name.startswith(("tests/", "features/"))]


def test_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(target)
    done = subprocess.run(
        [sys.executable, "-c", "from advisor.cli import main; main(['demo', '--out', 'out'])"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target), "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(target / "advisor" / "_bundled") in done.stdout.replace("\n", "")
    assert list((tmp_path / "out").glob("*.docx"))
    opened = subprocess.run(
        [sys.executable, "-c", "from advisor.cli import main; main(['dossier', 'new', '某地', '--who', '张三'])"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target), "PYTHONSAFEPATH": "1", "ADVISOR_STORE": "库.db"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert opened.returncode == 0, opened.stderr
    assert (tmp_path / "库.db").is_file()
