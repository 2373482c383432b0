"""多人同时答题：起一个真网站，一百人各答各的卷，量每答一问要等多久、有没有出错、答案丢没丢。

    python -m tests.bench.web --officials 100 --seconds 60 --think 8

每人答一问想 think 秒（指数分布）；等的时间从交表单算到下一问的页面收完。think 为 0 是一刻不停，量最多能答多快。
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

from advisor.accounts.office import Office
from advisor.dossier.store import Store
from advisor.dossier.values import written
from advisor.loading import load_advisor
from advisor.vocabulary import FactValue
from advisor.web.callers import SESSION

ROOT = Path(__file__).resolve().parents[2]
_ACTION = re.compile(r'action="(/dossiers/[^"]+/ask/[^"]+)"')
_SEEN = re.compile(r'name="seen" value="(\d+)"')
_SEAL = re.compile(r'name="seal" value="(\w+)"')


@dataclass
class Official:
    """一个人：会话、案卷、照哪个案例答。"""

    ticket: str
    number: str
    facts: dict[str, FactValue]
    waits: list[float] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    done: bool = False

    def answer_until(self, host: str, deadline: float, think: float, rng: random.Random) -> None:
        """一问一答，到时候为止；答完一卷就停。"""
        connection = http.client.HTTPConnection(host, timeout=60)
        time.sleep(rng.random() * think)
        page = self.fetch(connection, "GET", f"/dossiers/{self.number}/ask?all=1")
        while time.monotonic() < deadline and (found := _ACTION.search(page)):
            if think:
                connection.close()  # 想久了服务器会挂断，浏览器也是重新连
                time.sleep(min(rng.expovariate(1 / think), max(deadline - time.monotonic(), 0)))
                if time.monotonic() >= deadline:
                    break
            action = unescape(found[1])
            fact = unquote(action.rsplit("/", 1)[-1])
            value = written(self.facts.get(fact))
            seal, seen = _SEAL.search(page), _SEEN.search(page)
            assert seal and seen
            fields = {"seal": seal[1], "seen": seen[1], "value": value, "all": "1", "sure": "1"}
            started = time.monotonic()
            page = self.fetch(connection, "POST", action, urlencode(fields))
            self.waits.append(time.monotonic() - started)
            self.given[fact] = value
        self.done = not _ACTION.search(page)
        connection.close()

    def fetch(self, connection: http.client.HTTPConnection, method: str, path: str, body: str = "") -> str:
        """打开一页或交一张表，跟着转页。"""
        headers = {"Cookie": f"{SESSION}={self.ticket}"}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8")
        if response.status == 303:
            to = urlsplit(response.headers["Location"])
            return self.fetch(connection, "GET", f"{to.path}?{to.query}" if to.query else to.path)
        if response.status != 200:
            self.faults.append(f"{method} {unquote(path)} {response.status}")
        return text


def prepared(store: str, count: int) -> list[Official]:
    """开账号、立卷：每人照一个案例答。"""
    office, kept = Office(store), Store(store, create=True)
    cases = load_advisor().playbook.cases
    office.people.set_up("某局", "guan", "管理", "压测-2026-abc", ["经办"])
    officials: list[Official] = []
    for index in range(count):
        number = kept.create(f"地块{index}", "管理")
        office.custody.assign(number, "某局")
        officials.append(Official(office.sessions.open("guan"), number, dict(cases[index % len(cases)].facts)))
    office.close()
    kept.close()
    return officials


def used(process: int) -> tuple[float, float]:
    """一个进程连同它的孩子占多少内存（MB），用了多少处理器时间（秒）。"""
    memory = seconds = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status, times = (folder / "status").read_text(), (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found = dict(re.findall(r"^(PPid|VmRSS):\s+(\d+)", status, re.MULTILINE))
        if int(folder.name) == process or found.get("PPid") == str(process):
            memory += int(found.get("VmRSS", 0)) / 1024
            seconds += (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
    return memory, seconds


def main() -> None:
    """量一次。"""
    parser = argparse.ArgumentParser()
    parser.add_argument("--officials", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=8)
    parser.add_argument("--store", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or str(Path(folder) / "库.db")
        officials = prepared(store, options.officials)
        command = [sys.executable, "-m", "advisor", "serve", "--port", "0", "--store", store]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}) as server:
            assert server.stdout is not None
            found = re.search(r"http://([\d.:]+)", server.stdout.readline())
            assert found
            for one in officials[:8]:  # 等各进程的规则包都读好
                one.fetch(http.client.HTTPConnection(found[1], timeout=60), "GET", f"/dossiers/{one.number}/to-verify")
            before, idle = used(server.pid)
            deadline = time.monotonic() + options.seconds
            threads = [
                threading.Thread(
                    target=one.answer_until, args=(found[1], deadline, options.think, random.Random(index))
                )
                for index, one in enumerate(officials)
            ]
            for thread in threads:
                thread.start()
            memory = [before]
            while any(thread.is_alive() for thread in threads):
                time.sleep(min(60.0, max(deadline - time.monotonic(), 1.0)))
                memory.append(used(server.pid)[0])
            for thread in threads:
                thread.join()
            after, busy = used(server.pid)
            server.terminate()
        waits = sorted(wait for one in officials for wait in one.waits)
        faults = [fault for one in officials for fault in one.faults]
        with Store(store) as kept:
            lost = sum(
                kept.read(one.number, log_only=True).answers.get(fact) != value
                for one in officials
                for fact, value in one.given.items()
            )
    cuts = statistics.quantiles(waits, n=100)
    print(
        f"{options.officials} 人 {options.seconds:.0f} 秒，想 {options.think:g} 秒：答了 {len(waits)} 问"
        f"（{len(waits) / options.seconds:.1f} 问/秒），答完的 {sum(one.done for one in officials)} 卷；"
        f"等待中位 {cuts[49] * 1000:.0f} ms，p95 {cuts[94] * 1000:.0f} ms，最长 {waits[-1] * 1000:.0f} ms；"
        f"每问用处理器 {(busy - idle) / len(waits) * 1000:.0f} ms；"
        f"出错 {len(faults)}，丢答案 {lost}；内存 {before:.0f} → {after:.0f} MB（逐分钟 {' '.join(f'{item:.0f}' for item in memory)}）；负载 {os.getloadavg()[0]:.1f}"
    )
    for fault in faults[:5]:
        print(fault)


if __name__ == "__main__":
    main()
