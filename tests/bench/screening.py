"""台账速度：行/秒、峰值内存、对“只读全部列、只写同样大小的结果”之比；三样在同一次运行里量，各起一个进程。

用法：python -m tests.bench.screening 10000 1000000
      python -m tests.bench.screening --plans 2000      连主推方案一起算
      python -m tests.bench.screening --plans --usual 100000   只有常用表头里的那些列（真台账多半如此）
      python -m tests.bench.screening --spark 1000000   另量 Spark 在本机调度（要 Java）
      python -m tests.bench.screening --xlsx 100000     工作簿进、工作簿出，对只读只写
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl

from advisor.assess import Advisor
from advisor.playbook import Playbook
from advisor.rulepack import load_rule_pack
from advisor.screening.delivering import deliver
from advisor.screening.distributing import Recipe, default_workers, run_on_processes, run_on_spark
from advisor.screening.headers import read_headers
from advisor.screening.running import PART_ROWS, Job, run, write_part
from advisor.screening.situations import Situations
from advisor.screening.tables import open_table
from tests.bench.inventories import synthetic, write_xlsx

ROOT = Path(__file__).resolve().parent.parent.parent
AS_OF = date(2026, 11, 21)
BLOCK = 250_000
CORES = os.cpu_count() or 1


def advisor() -> Advisor:
    """随仓库的规则包与手册。"""
    pack = load_rule_pack(ROOT / "rules")
    return Advisor(pack, Playbook(ROOT / "playbooks", pack.vocabulary, tuple(pack.tools)))


def generate(rows: int, path: Path, usual: bool) -> None:
    """分块造一份合成台账，免得造的时候就占满内存；usual 为只留常用表头里的列。"""
    who = advisor()
    kept = ["编号", *read_headers(ROOT / "rules", who.pack.vocabulary).file.aliases] if usual else None
    if path.suffix == ".xlsx":
        write_xlsx(synthetic(who.pack, who.playbook, rows).select(kept or pl.all()), path)
        return
    folder = path.with_suffix("")
    folder.mkdir()
    for at in range(0, rows, BLOCK):
        block = synthetic(who.pack, who.playbook, min(BLOCK, rows - at), seed=20261121 + at // BLOCK)
        block.select(kept or pl.all()).write_parquet(folder / f"{at:09d}.parquet")
    pl.scan_parquet(folder / "*.parquet").sink_parquet(path, row_group_size=131_072)


def screen(source: Path, folder: Path, plans: bool) -> None:
    """判定，结果落成分片。"""
    who = advisor()
    headers = read_headers(ROOT / "rules", who.pack.vocabulary)
    table = open_table(source, folder, headers, {})
    job = Job(who, table, headers.match(table.titles), headers, AS_OF, folder, plans)
    if plans:
        folder.mkdir(parents=True, exist_ok=True)
        situations = Situations(who, job.judge)
        for at in job.starts:
            write_part(job, at, situations)
        print("不同", situations.computed)
    else:
        run(job)
    if source.suffix == ".xlsx":
        deliver(job, folder, ["xlsx"], source.name, True)


def spread(source: Path, folder: Path, plans: bool) -> None:
    """照缺省的进程数，同 advisor screen。"""
    who = advisor()
    headers = read_headers(ROOT / "rules", who.pack.vocabulary)
    table = open_table(source, folder, headers, {})
    job = Job(who, table, headers.match(table.titles), headers, AS_OF, folder, plans)
    workers = default_workers(job)
    if workers == 1:
        run(job)
    else:
        run_on_processes(job, Recipe.of(job, ROOT / "rules", ROOT / "playbooks"), workers)
    print("进程", workers)


def schedule(source: Path, folder: Path) -> None:
    """各片由 Spark 在本机调度。"""
    who = advisor()
    headers = read_headers(ROOT / "rules", who.pack.vocabulary)
    table = open_table(source, folder, headers, {})
    job = Job(who, table, headers.match(table.titles), headers, AS_OF, folder, False)
    run_on_spark(job, Recipe.of(job, ROOT / "rules", ROOT / "playbooks"), f"local[{CORES}]")


def copy(source: Path, finished: Path, target: Path) -> None:
    """极限：读全部列，再把判好的结果原样读出写回（读结果的时间另量、扣掉）。"""
    start = time.perf_counter()
    for at in range(0, pl.scan_parquet(source).select(pl.len()).collect().item(), 131_072):
        pl.scan_parquet(source).slice(at, 131_072).collect()
    spent = time.perf_counter() - start
    for path in sorted(finished.glob("结果-*.parquet")):
        part = pl.read_parquet(path)
        start = time.perf_counter()
        part.write_parquet(target / path.name, compression="lz4")
        spent += time.perf_counter() - start
    print(spent)


def copy_xlsx(source: Path, finished: Path) -> None:
    """极限：只把工作簿读进来，再把结果簿的第一张表照样写出去。"""
    import fastexcel
    import xlsxwriter

    start = time.perf_counter()
    fastexcel.read_excel(source).load_sheet(0, dtypes="string").to_polars()
    spent = time.perf_counter() - start
    rows = fastexcel.read_excel(finished).load_sheet(0).to_polars().rows()
    start = time.perf_counter()
    book = xlsxwriter.Workbook(str(finished.with_name("照写.xlsx")), {"constant_memory": True})
    page = book.add_worksheet()
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, (int, float)):
                page.write_number(at, column, value)
            elif value:
                page.write_string(at, column, value)
    book.close()
    print(spent + time.perf_counter() - start)


def child(*arguments: str) -> tuple[float, float, str]:
    """另起一个进程跑一步：秒、峰值 MiB（连同子进程，都照最大的算）、输出。"""
    start = time.perf_counter()
    code = (
        "import resource as r, sys; from tests.bench import screening as s; s.step(sys.argv[1:]);"
        "use = [r.getrusage(who) for who in (r.RUSAGE_SELF, r.RUSAGE_CHILDREN)];"
        "print('处理器秒', sum(u.ru_utime + u.ru_stime for u in use));"
        "print('峰值', use[0].ru_maxrss + s.CORES * use[1].ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True, cwd=ROOT
    )
    peak = float(done.stdout.split("峰值")[1]) / 1024
    return time.perf_counter() - start, peak, done.stdout


def cpu(told: str) -> float:
    """用了多少处理器秒；机器上有别的活时比钟表上的秒更作得数。"""
    return float(told.split("处理器秒")[1].split(maxsplit=1)[0])


def step(arguments: list[str]) -> None:
    """一步。"""
    name, *rest = arguments
    paths = [Path(item) for item in rest[:3]]
    if name == "造":
        generate(int(rest[1]), paths[0], "常用" in rest)
    elif name == "判":
        screen(paths[0], paths[1], rest[2] == "方案")
    elif name == "分头判":
        spread(paths[0], paths[1], rest[2] == "方案")
    elif name == "调度":
        schedule(*paths[:2])
    elif name == "抄":
        copy(*paths)
    else:
        copy_xlsx(*paths[:2])


def measure(rows: int, plans: bool, xlsx: bool, usual: bool, spark: bool) -> None:
    """量一种规模。"""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source, parts, copied = folder / ("台账.xlsx" if xlsx else "台账.parquet"), folder / "判", folder / "抄"
        copied.mkdir()
        child("造", str(source), str(rows), "常用" if usual else "")
        mode = "方案" if plans else ""
        several = rows > PART_ROWS and not xlsx
        spent, peak, told = child("分头判" if several else "判", str(source), str(parts), mode)
        if plans:
            alone = child("判", str(source), str(folder / "独判"), mode)
            known = alone[2].split("不同")[1].split()[0]
            print(
                f"{rows} 行：不同的规划所看 {known} 种；一个进程 {alone[0]:.1f} s，用处理器 {cpu(alone[2]):.1f} s",
                flush=True,
            )
        if xlsx:
            bare = float(child("抄表", str(source), str(parts / "结果.xlsx"))[2].split()[0])
        else:
            bare = float(child("抄", str(source), str(parts), str(copied))[2].split()[0])
        start = child("判", str(_tiny(folder)), str(folder / "空"), "")[0]
        kind = "连方案" if plans else "只判定"
        kind += f"，{told.split('进程')[1].split()[0]} 进程" if several else ""
        print(
            f"{rows} 行（{kind}{'，xlsx 进出' if xlsx else ''}）：{spent:.1f} s（其中起动 {start:.1f} s），{rows / spent:.0f} 行/秒，"
            f"处理器 {cpu(told):.1f} s，峰值 {peak:.0f} MiB；只读只写 {bare:.1f} s，比值 {spent / bare:.2f}，扣起动 {(spent - start) / bare:.2f}",
            flush=True,
        )
        if spark:
            scheduled = child("调度", str(source), str(folder / "Spark"))[0]
            print(
                f"{rows} 行（Spark local[{CORES}]）：{scheduled:.1f} s，对只读只写 {scheduled / bare:.2f}", flush=True
            )


def _tiny(folder: Path) -> Path:
    path = folder / "一行.parquet"
    pl.DataFrame({"编号": ["1"], "已抵押": [True]}).write_parquet(path)
    return path


def main() -> None:
    words = sys.argv[1:] or ["10000"]
    for word in words:
        if not word.startswith("--"):
            measure(int(word), "--plans" in words, "--xlsx" in words, "--usual" in words, "--spark" in words)


if __name__ == "__main__":
    main()
