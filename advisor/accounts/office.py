"""一个库里的账号全家：人员、会话、令牌、归属、审计，用同一条连接。"""

from __future__ import annotations

from advisor.accounts.auditing import Auditing
from advisor.accounts.custody import Custody
from advisor.accounts.people import People
from advisor.accounts.sessions import Sessions, Tokens
from advisor.dossier.opening import open_engine


class Office:
    """打开 target（文件路径或 postgresql:// 地址）里的账号；用完要关。

    Raises:
        InputError: 库打不开。
    """

    def __init__(self, target: str) -> None:
        self._engine = open_engine(target, create=True, resident=True)
        self.people, self.sessions = People(self._engine), Sessions(self._engine)
        self.tokens, self.custody = Tokens(self._engine), Custody(self._engine)
        self.audit = Auditing(self._engine)

    def close(self) -> None:
        """断开。"""
        self._engine.dispose()
