"""Ctrl-C：正在问就退出这一问；两问之间按下的先记着，答案存好、到下一问之前才退。"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

import questionary
from prompt_toolkit.application import Application, get_app_or_none


class Interrupts:
    """这段里按 Ctrl-C 不会打断正在存的答案。

    一问用 ask 摆出；按下 Ctrl-C 时 ask 抛 KeyboardInterrupt。算得太久、又按一次的，当场抛出。
    """

    def __init__(self) -> None:
        self.pressed = False

    def __enter__(self) -> Interrupts:
        self._previous = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._previous)

    def ask(self, question: questionary.Question) -> Any:
        """摆出一问，返回答案。"""
        if self.pressed:
            raise KeyboardInterrupt
        return question.application.run(handle_sigint=False)

    def _press(self, _signal: int, _frame: FrameType | None) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True
        running = get_app_or_none()
        if running is not None and running.loop is not None:
            running.loop.call_soon_threadsafe(_leave, running)


def _leave(app: Application[Any]) -> None:
    if app.is_running and not app.is_done:
        app.exit(exception=KeyboardInterrupt)
