"""问答存进案卷库：每答一问写一条日志；别人同时答了别的事实就并进来，改了同一个事实就报冲突。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from advisor.assess import Advisor
from advisor.dossier.reading import Reading, read_answers
from advisor.dossier.record import Change, Dossier, overrides
from advisor.dossier.replay import assess_facts
from advisor.dossier.store import Store
from advisor.dossier.values import written
from advisor.errors import ConflictError
from advisor.vocabulary import FactValue


class StoreKeeping:
    """案卷库里的一卷；编号为空则第一次存时立卷。"""

    def __init__(self, store: Store, number: str, who: str, advisor: Advisor) -> None:
        self.store, self.number, self.who, self.advisor = store, number, who, advisor
        self._version = 0
        self._known: dict[str, FactValue | None] = {}
        self._notices: tuple[str, ...] = ()

    def load(self) -> tuple[str, dict[str, FactValue | None]]:
        """读出这一卷，旧答案按现在的词表读。"""
        if not self.number:
            return "", {}
        return self._take(self._log())

    def save(self, name: str, answers: Mapping[str, FactValue | None]) -> dict[str, FactValue | None]:
        """把与上次不同的写进日志。"""
        if not self.number:
            if not answers:
                return {}
            self.number = self.store.create(name, self.who)
            self._version = 1
        changes = [Change(fact, written(value)) for fact, value in answers.items() if self._differs(fact, value)]
        changes += [Change(fact, None) for fact in self._known if fact not in answers]
        while changes:
            try:
                self.store.answer(self.number, changes, self.who, self._version)
                break
            except ConflictError:
                touched = self._touched_by_others()
                if touched & {change.fact for change in changes}:
                    raise
        return self._take(self._log())[1]

    def assessed(self, facts: Mapping[str, FactValue], as_of: date) -> None:
        """留存这次评估；一问没答、还没有立卷的不留。"""
        if not self.number:
            return
        _, kept = assess_facts(self._log().name, facts, self.advisor, as_of)
        self.store.keep(self.number, kept, self.who, self._version)

    def remarks(self) -> tuple[str, ...]:
        """人工改判，与旧答案用不上的说明。"""
        made = overrides(self._log()) if self.number else ()
        return (*(str(item) for item in made), *self._notices)

    @property
    def place(self) -> str:
        """库与编号。"""
        return f"{self.store.where} 案卷 {self.number}" if self.number else f"{self.store.where}（一问没答，没有立卷）"

    @property
    def resume(self) -> str:
        """接着答。"""
        which = f" --dossier {self.number}" if self.number else ""
        return f"advisor interview --store {self.store.where}{which}"

    @property
    def following(self) -> str:
        """看这一卷。"""
        what = f"show {self.number}" if self.number else "list"
        return f"看案卷：advisor dossier {what} --store {self.store.where}"

    def _differs(self, fact: str, value: FactValue | None) -> bool:
        return fact not in self._known or self._known[fact] != value

    def _take(self, dossier: Dossier) -> tuple[str, dict[str, FactValue | None]]:
        reading = self._reading(dossier)
        self._version, self._known, self._notices = dossier.version, dict(reading.answers), reading.notices
        return dossier.name, dict(reading.answers)

    def _log(self) -> Dossier:
        return self.store.read(self.number, log_only=True)

    def _reading(self, dossier: Dossier) -> Reading:
        return read_answers(dossier.changes, self.advisor.pack)

    def _touched_by_others(self) -> set[str]:
        """上次读过以后别人动了哪些事实；同时把看到的版本跟上。"""
        dossier = self._log()
        theirs = self._reading(dossier).answers
        touched = {fact for fact in (*theirs, *self._known) if fact not in theirs or self._differs(fact, theirs[fact])}
        self._version = dossier.version
        return touched
