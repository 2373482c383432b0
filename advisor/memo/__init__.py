"""处置方案草案：先成文（content），再用 playbooks/templates/ 里的模板排版。"""

from advisor.memo.content import build_memo
from advisor.memo.model import Estimate, Memo
from advisor.memo.rendering import FORMATS, write_memo
from advisor.memo.updating import update_memo

__all__ = ["FORMATS", "Estimate", "Memo", "build_memo", "update_memo", "write_memo"]
