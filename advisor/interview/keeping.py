"""答案存到哪里：问答只认这几件事，存成 YAML 文件还是存进案卷库由界面来选。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Protocol

from advisor.errors import InputError
from advisor.interview import dossier_file
from advisor.parcel import Stated, read_parcel
from advisor.vocabulary import FactValue, Vocabulary

Answers = Mapping[str, FactValue | None]


class Keeping(Protocol):
    """一处存放。"""

    def load(self) -> tuple[str, dict[str, FactValue | None]]:
        """读回名称与答案；还没有存过的，名称为空。"""

    def save(self, name: str, answers: Answers) -> dict[str, FactValue | None]:
        """存下，返回存好以后的全部答案（别人同时答的也在内）。

        Raises:
            InputError: 存不了；以前存的都在。
            ConflictError: 别人同时改了同一个事实，这次没有存。
        """

    def assessed(self, facts: Mapping[str, FactValue], as_of: date) -> None:
        """看过结果以后：能留存评估的就留存。"""

    def remarks(self) -> tuple[str, ...]:
        """须随结果一并显示的话：人工改判、旧答案用不上的说明。"""

    @property
    def place(self) -> str:
        """存在哪里。"""

    @property
    def resume(self) -> str:
        """接着答的命令。"""

    @property
    def following(self) -> str:
        """看过结果以后可以做什么的命令。"""


class FileKeeping:
    """存成一份 YAML 事实文件；接着答的那份里的测算输入照原样带着。"""

    def __init__(self, path: Path, vocabulary: Vocabulary, start: Path | None = None) -> None:
        self.path, self.vocabulary, self.start = path, vocabulary, start
        self._estimates: Mapping[str, Stated] = {}

    def load(self) -> tuple[str, dict[str, FactValue | None]]:
        """读要接着答的那份。

        Raises:
            InputError: 要存的地方已有另一份文件，或不是 YAML 文件名；不覆盖别的案卷。
        """
        if self.path.suffix.lower() == ".json":
            raise InputError(str(self.path), "案卷存成 YAML，不存成 JSON", fix="用 --save 案卷.yaml 换个文件名")
        if self.path.exists() and (self.start is None or not self.path.samefile(self.start)):
            raise InputError(
                str(self.path),
                "已有这个文件，不覆盖",
                fix=f"接着答用 --resume {self.path}；另起一份用 --save 换个文件名",
            )
        if self.start is None:
            return "", {}
        self._estimates = read_parcel(self.start, self.vocabulary).estimates
        return dossier_file.load(self.start, self.vocabulary)

    def save(self, name: str, answers: Answers) -> dict[str, FactValue | None]:
        """整份重写。"""
        dossier_file.save(self.path, name, answers, self._estimates)
        return dict(answers)

    def assessed(self, facts: Mapping[str, FactValue], as_of: date) -> None:
        """文件里只有事实。"""

    def remarks(self) -> tuple[str, ...]:
        """没有要说的。"""
        return ()

    @property
    def place(self) -> str:
        """文件的位置。"""
        return str(self.path)

    @property
    def resume(self) -> str:
        """接着答。"""
        return f"advisor interview --resume {self.path}"

    @property
    def following(self) -> str:
        """写草案。"""
        return f"生成草案：advisor memo {self.path} --out outputs"
