"""引导问答的核心：答案进去，下一问与当前形势出来。没有界面；终端与网页共用。"""

from advisor.interview.core import Interview, Progress

__all__ = ["Interview", "Progress"]
