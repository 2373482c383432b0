"""账号与案卷同库：SQLite 与 PostgreSQL 跑同样的测试。"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

pytest.importorskip("argon2", reason="没有装 argon2-cffi（pip install 'advisor[web]'）")

from advisor.accounts.custody import Card
from advisor.accounts.office import Office
from advisor.dossier.chain import SIGNED
from advisor.dossier.joining import SameFactError, join
from advisor.dossier.record import Change, standing_signature, told
from advisor.dossier.signing import sign, signable
from advisor.dossier.store import Store
from advisor.errors import InputError
from advisor.rulepack.model import RulePack
from tests.test_dossier_chain import sample_kept

PASSWORD = "盘活-2026-abc"


@pytest.fixture
def office(target: str) -> Iterator[Office]:
    made = Office(target)
    yield made
    made.close()


@pytest.fixture
def store(target: str, office: Office) -> Iterator[Store]:
    with Store(target) as opened:
        yield opened


def test_only_one_first_administrator_however_many_try(office: Office) -> None:
    """八个人同时做首次设置：只成一个。"""
    made: list[str] = []

    def attempt(login: str) -> None:
        try:
            office.people.set_up(f"单位{login}", login, login, PASSWORD, [])
            made.append(login)
        except InputError as problem:
            assert "已经有管理员" in str(problem)

    threads = [threading.Thread(target=attempt, args=(f"人{index}",)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [item.login for item in office.people.everyone()] == made
    assert len(made) == 1


def test_accounts_sessions_tokens_and_audit(office: Office) -> None:
    office.people.set_up("甲局", "Guan", "管一", PASSWORD, ["经办"])
    person = office.people.check(" ＧＵＡＮ ", PASSWORD)
    assert (person.name, person.unit, person.roles) == ("管一", "甲局", {"管理员", "经办"})
    with pytest.raises(InputError, match="已有"):
        office.people.add("guan2", "管一", "甲局", ["经办"], PASSWORD)
    with pytest.raises(InputError, match="没有“乙局”"):
        office.people.add("jing", "经一", "乙局", ["经办"], PASSWORD)
    ticket = office.sessions.open("guan")
    assert office.sessions.person(ticket) == person
    office.sessions.close(ticket)
    assert office.sessions.person(ticket) is None
    token = office.tokens.issue("甲系统", "guan")
    assert office.tokens.person(token) == person
    office.tokens.revoke("甲系统")
    assert office.tokens.person(token) is None
    for number in range(3):
        office.audit.record("管一", "甲局", "127.0.0.1", "试", str(number))
    page, total = office.audit.page(2, size=2)
    assert ([item.target for item in page], total) == (["0"], 3)


def test_form_seals_outlive_a_restart_and_differ_between_sessions(target: str, office: Office) -> None:
    again = Office(target)
    assert again.sessions.seal("甲") == office.sessions.seal("甲") != office.sessions.seal("乙")
    again.close()


def test_dossier_belongs_to_one_unit_and_its_card_follows_the_log(office: Office, store: Store) -> None:
    office.people.set_up("甲局", "guan", "管一", PASSWORD, [])
    number = store.create("某地", "管一")
    assert office.custody.homeless() == [(number, "某地")]
    office.custody.assign(number, "甲局")
    with pytest.raises(InputError, match="已有归属"):
        office.custody.assign(number, "甲局")
    asked: list[str] = []

    def card_of(wanted: str) -> Card:
        asked.append(wanted)
        card = Card(wanted, store.read(wanted).version, "", "问答中", 0, "", "", "")
        office.custody.keep(card)
        return card

    for _ in range(2):
        (row,) = office.custody.listing("甲局", card_of)
    assert (row.name, row.length, row.changed_by, asked) == ("某地", 1, "管一", [number])
    store.answer(number, [Change("已抵押", "是")], "管一", 1)
    (row,) = office.custody.listing("甲局", card_of)
    assert (row.card.version, asked) == (2, [number, number])
    assert office.custody.listing("乙局", card_of) == []


def test_joining_keeps_both_unless_it_is_the_same_fact(store: Store, pack: RulePack) -> None:
    number = store.create("某地", "张三")
    assert join(store, number, [Change("已抵押", "是")], "张三", 1, pack) == 2
    assert join(store, number, [Change("司法查封", "否")], "李四", 1, pack) == 3
    assert join(store, number, [Change("已抵押", "是")], "李四", 1, pack) == 4  # 记的一样，不算冲突
    with pytest.raises(SameFactError) as caught:
        join(store, number, [Change("已抵押", "否")], "王五", 1, pack)
    assert [item.new for item in caught.value.theirs] == ["是"]
    assert store.read(number).answers == {"已抵押": "是", "司法查封": "否"}


def test_signature_is_in_the_chain_and_lapses_when_answers_change(store: Store) -> None:
    number = store.create("某地", "张三")
    assert "还没有出结果" in signable(store.read(number), "李四")
    store.keep(number, sample_kept({}), "张三", 1)
    assert "自己不能签" in signable(store.read(number), "张三")
    with pytest.raises(InputError, match="意见收到“随便”"):
        sign(store, number, "随便", "", "李四", 2)
    sign(store, number, "同意", "核过原件", "李四", 2)
    present = store.read(number)
    signed = standing_signature(present)
    assert signed is not None
    assert (signed.kind, signed.who, signed.new, signed.remark) == (SIGNED, "李四", "同意", "核过原件")
    assert told(signed).endswith("签署，第 1 次评估：同意")
    assert "已由李四签署" in signable(present, "王五")
    assert store.verify(number) == []
    store.answer(number, [Change("已抵押", "是")], "张三", 3)
    assert standing_signature(store.read(number)) is None
    assert "重新出结果" in signable(store.read(number), "李四")
