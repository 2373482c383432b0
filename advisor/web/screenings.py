"""台账的活：一件一件地判，各在自己的进程里，判好的放着等人来取；只有交的人看得见。"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from advisor.dossier.store import utc_now
from advisor.errors import InputError
from advisor.rulepack.model import RulePack

State = Literal["排队", "在判", "完成", "出错"]
READABLE = (".xlsx", ".xls", ".csv", ".parquet")
_WANTED = ("polars", "fastexcel", "xlsxwriter", "numpy", "scipy")
_MOST_WAITING, _MOST_KEPT = 3, 20
_SECONDS = 3_600
_KINDS = {
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass
class Screening:
    """一件：谁交的、放在哪个目录、什么时候交的（UTC）、到哪一步、说了什么。"""

    id: str
    owner: str
    folder: Path
    source: Path
    options: tuple[str, ...]
    sent: str = ""
    state: State = "排队"
    said: str = ""

    @property
    def waiting(self) -> bool:
        """还没有判完。"""
        return self.state in ("排队", "在判")

    @property
    def out(self) -> Path:
        """结果目录。"""
        return self.folder / "结果"

    @property
    def files(self) -> list[str]:
        """判好的文件。"""
        if self.state != "完成":
            return []
        return sorted(item.name for item in self.out.iterdir() if item.is_file())


def kind_of(name: str) -> str:
    """一个结果文件的内容类型。

    >>> kind_of("结果.html")
    'text/html; charset=utf-8'
    """
    return _KINDS.get(name.rpartition(".")[2], "application/octet-stream")


def wishes(pack: RulePack, today: date, taxonomy: str, grading: str, plans: bool) -> tuple[str, ...]:
    """网页、接口上的选择 → advisor screen 的选项。

    Raises:
        InputError: 没有这个地方的分类，或评价方案写的不是名称。
    """
    if taxonomy and taxonomy not in pack.taxonomies:
        raise InputError("taxonomy", f"没有“{taxonomy}”的分类", allowed="、".join(pack.taxonomies), fix="从中选一个")
    if grading and not grading.isidentifier():
        raise InputError("grading", f"收到“{grading}”", allowed="规则包里的方案名", fix="写方案名，不写路径")
    options = ["--as-of", today.isoformat()]
    options += [f"--taxonomy={taxonomy}"] if taxonomy else []
    options += [f"--grading={grading}"] if grading else []
    return (*options, *([] if plans else ["--no-plans"]))


class Screenings:
    """一个网站的台账活。rules、playbooks 是网站用的规则包与手册，空为缺省。"""

    def __init__(self, rules: str | None, playbooks: str | None) -> None:
        self._packs = [
            word for name, value in (("--rules", rules), ("--playbooks", playbooks)) if value for word in (name, value)
        ]
        self._folder: Path | None = None
        self._hands: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Screening] = OrderedDict()
        self._running: subprocess.Popen[str] | None = None

    @property
    def ready(self) -> bool:
        """装了判台账的部件没有。"""
        return all(find_spec(module) is not None for module in _WANTED)

    def mine(self, owner: str) -> list[Screening]:
        """这个人交的，后交的在前。"""
        return [job for job in reversed(list(self._jobs.values())) if job.owner == owner]

    def start(self, owner: str, name: str, data: bytes, options: tuple[str, ...]) -> Screening:
        """收下一份台账，排队去判；options 是 advisor screen 的选项。

        Raises:
            InputError: 没有装台账部件、格式不认识、这个人没判完的太多。
        """
        if not self.ready:
            raise InputError(name, "服务器没有装台账部件", fix="请管理员运行 pip install 'advisor[screen]'")
        if Path(name).suffix.lower() not in READABLE:
            raise InputError(name, "不认识的格式", allowed="、".join(READABLE), fix="另存为其中一种再传")
        with self._lock:
            if sum(job.waiting for job in self.mine(owner)) >= _MOST_WAITING:
                raise InputError(name, f"您已有 {_MOST_WAITING} 件没有判完", fix="等判完再交")
            if self._folder is None or self._hands is None:  # 头一件才开工
                self._folder = Path(tempfile.mkdtemp(prefix="advisor-"))
                self._hands = ThreadPoolExecutor(max_workers=1)
            job_id = secrets.token_urlsafe(9)
            folder = self._folder / job_id
            folder.mkdir()
            source = folder / name
            source.write_bytes(data)
            job = Screening(job_id, owner, folder, source, options, utc_now())
            self._jobs[job_id] = job
            self._discard()
            self._hands.submit(self._run, job)
        return job

    def get(self, owner: str, job_id: str) -> Screening | None:
        """一件；没有、不是他交的为 None。"""
        job = self._jobs.get(job_id)
        return job if job is not None and job.owner == owner else None

    def close(self) -> None:
        """关门：在判的停下，没判的不判了，判好的删掉。"""
        with self._lock:
            folder, hands, running = self._folder, self._hands, self._running
            self._folder = self._hands = None
            self._jobs.clear()
        if hands is None or folder is None:
            return
        if running is not None:
            running.kill()
        hands.shutdown(cancel_futures=True)
        shutil.rmtree(folder, ignore_errors=True)

    def _run(self, job: Screening) -> None:
        command = [sys.executable, "-m", "advisor", "screen", str(job.source), "--out", str(job.out)]
        job.state = "在判"
        try:
            running = subprocess.Popen(
                [*command, "--workers", "1", *job.options, *self._packs],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            )  # fmt: skip
        except OSError as problem:
            job.said, job.state = (
                f"服务器起不了判的进程（{problem.strerror}）。下一步：请管理员看内存与进程数。",
                "出错",
            )
            return
        self._running = running
        try:
            told, wrong = running.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            told, wrong = "", f"判了 {_SECONDS // 60} 分钟还没有判完，停下了。下一步：分成几份再交，或用命令行判。"
        good = running.returncode == 0
        job.said = (
            (told.strip().splitlines() or [""])[-1] if good else wrong.strip().replace(str(job.source), job.source.name)
        )
        job.state = "完成" if good else "出错"

    def _discard(self) -> None:
        """放不下就丢最早判完的。"""
        done = [job for job in self._jobs.values() if not job.waiting]
        for job in done[: max(len(self._jobs) - _MOST_KEPT, 0)]:
            shutil.rmtree(job.folder, ignore_errors=True)
            del self._jobs[job.id]
