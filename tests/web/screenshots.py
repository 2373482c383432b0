"""给说明文档截图：起一个真网站，用示例地块走一遍，存成 docs/网页-*.png。

python -m tests.web.screenshots docs
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.web.browsing import Walk, chromium
from tests.web.driving import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
_TALL = 1_000


def _inventory(path: Path) -> Path:
    """案例库里的各宗写成一张台账。"""
    from advisor.playbook import Playbook
    from advisor.rulepack import load_rule_pack

    pack = load_rule_pack(ROOT / "rules")
    cases = Playbook(ROOT / "playbooks", pack.vocabulary, tuple(pack.tools)).cases
    names = list(pack.vocabulary.names)
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["编号", *names])
        for case in cases:
            known = {name: pack.vocabulary[name].show(value) for name, value in case.facts.items()}
            table.writerow([case.id, *(known.get(name, "") for name in names)])
    return path


def main(folder: Path) -> None:
    """截六张。"""
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        command = [sys.executable, "-m", "advisor", "serve", "--port", "0", "--store", f"{place}/库.db"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
            assert server.stdout is not None
            found = re.search(r"(http://\S+)(/setup\S+?)（", server.stdout.readline())
            assert found
            walk = Walk.start(browser, found[1])
            walk.open(found[2])
            filled = {
                "单位": "示例区自然资源局",
                "登录名": "zhang",
                "姓名": "张三",
                "口令": PASSWORD,
                "再输一遍口令": PASSWORD,
            }
            for label, value in filled.items():
                walk.fill(label, value)
            walk.page.get_by_label("经办").check()
            walk.press("建好并登录")
            walk.open("/dossiers/new")
            walk.page.set_input_files("#file", str(ROOT / "playbooks" / "samples" / "示例地块.yaml"))
            walk.press("立卷，先核对")
            walk.press("核对无误，出结果")
            dossier = walk.page.url.removeprefix(walk.base).removesuffix("/result")
            shots = {
                "结果": f"{dossier}/result", "问答": f"{dossier}/ask/抵押权人同意", "待核实清单": f"{dossier}/to-verify",
                "假设": f"{dossier}/what-if?set=抵押权人同意=是", "案卷": "/dossiers",
            }  # fmt: skip
            for name, path in shots.items():
                walk.open(path)
                box = {"x": 0, "y": 0, "width": 1180, "height": _TALL}
                tall = min(_TALL, walk.page.evaluate("document.documentElement.scrollHeight"))
                walk.page.screenshot(path=folder / f"网页-{name}.png", full_page=True, clip={**box, "height": tall})
            walk.open("/inventories")
            walk.page.set_input_files("#file", str(_inventory(Path(place) / "某县存量台账.csv")))
            walk.press("交去判")
            walk.page.get_by_role("link", name="结果.xlsx").wait_for(timeout=120_000)
            walk.page.screenshot(path=folder / "网页-台账.png")
            assert walk.faults == [], walk.faults
            server.terminate()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
