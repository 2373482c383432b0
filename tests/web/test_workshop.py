"""作坊：别的进程里做的与本进程做的一样；同样的活只做一次；做活的进程被杀了照样做完。"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from datetime import date

import pytest

from advisor.assess import Advisor
from advisor.errors import ConflictError, InputError, RulePackError
from advisor.web.jobs import Desk, assessed, merged_draft, turn
from advisor.web.workshop import Workshop

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def pooled() -> Iterator[Workshop]:
    shop = Workshop(workers=1)
    yield shop
    shop.close()


def test_another_process_gives_the_same(pooled: Workshop, advisor: Advisor) -> None:
    desk, facts = Desk(advisor), tuple(advisor.playbook.case("H09").facts.items())
    assert pooled.do(turn, facts, TODAY, False) == turn(desk, facts, TODAY, False)
    assert pooled.do(assessed, (("某地", facts),), TODAY) == assessed(desk, (("某地", facts),), TODAY)


def test_errors_come_back_in_full(pooled: Workshop) -> None:
    with pytest.raises(InputError) as caught:
        pooled.run(merged_draft, "某地", (), TODAY, b"bad", "草案.docx", ())
    assert "不是 docx 文件，或已损坏" in str(caught.value)
    for problem in (ConflictError("甲", "乙", "丙", "丁"), RulePackError(["一", "二"])):
        again = pickle.loads(pickle.dumps(problem))
        assert (type(again), str(again)) == (type(problem), str(problem))


def test_killed_worker_is_replaced_and_the_job_done(pooled: Workshop) -> None:
    first = pooled.do(turn, (), TODAY, False)
    assert pooled._pool is not None
    for process in list(pooled._pool._processes.values()):
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    assert pooled.run(turn, (), TODAY, False) == first


def test_same_job_is_done_once_however_many_wait() -> None:
    shop, done = Workshop(), []
    shop.__dict__["_desk"] = None  # 这件活不用桌子

    def job(_desk: Desk, number: int) -> str:
        done.append(number)
        time.sleep(0.05)
        return str(number)

    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(shop.do(job, 7))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (done, found) == ([7], ["7"] * 8)


def test_failed_job_is_tried_again() -> None:
    shop, tries = Workshop(), []
    shop.__dict__["_desk"] = None

    def job(_desk: Desk) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise InputError("某处", "第一次不成")
        return "成了"

    with pytest.raises(InputError):
        shop.do(job)
    assert shop.do(job) == "成了"
