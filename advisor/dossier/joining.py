"""几个人同时改一卷：改的不是同一个事实就并进去，是同一个事实就停下来让人定。"""

from __future__ import annotations

from collections.abc import Sequence

from advisor.dossier.chain import ANSWER, Entry
from advisor.dossier.record import Change
from advisor.dossier.store import Store
from advisor.errors import ConflictError
from advisor.rulepack.model import RulePack


class SameFactError(ConflictError):
    """别人先改了同一个事实；theirs 是别人记的那几条。"""

    def __init__(self, number: str, theirs: Sequence[Entry]) -> None:
        self.theirs = tuple(theirs)
        said = "；".join(f"{item.who}把“{item.subject}”记成{item.new or '撤回'}" for item in theirs)
        super().__init__(f"案卷“{number}”", f"您看的时候{said}。您这次的没有写入", fix="看过之后选用哪一个")


def join(store: Store, number: str, changes: Sequence[Change], who: str, seen: int, pack: RulePack) -> int:
    """记下一批答案，返回新的版本；seen 是填的时候看到的版本。

    Raises:
        SameFactError: 看过之后别人动了同一个事实，而且记的不一样。
        InputError: 没有这一卷、文字不合。
    """
    wanted = {change.fact: change.new for change in changes}
    while True:
        try:
            return store.answer(number, changes, who, seen)
        except ConflictError:
            present = store.read(number, log_only=True)
            if seen > present.version:
                raise
            latest: dict[str, Entry] = {}
            for entry in present.entries[seen:]:
                if entry.kind == ANSWER:
                    latest[pack.renaming.current(entry.subject)] = entry
            theirs = [entry for name, entry in latest.items() if name in wanted and entry.new != wanted[name]]
            if theirs:
                raise SameFactError(number, theirs) from None
            seen = present.version
