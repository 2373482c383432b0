"""features/ 里的全部政策情景。只跑一部分：FEATURES=分割收储 pytest tests/test_features.py（按文件名里的字选）。"""

import os
from pathlib import Path

from pytest_bdd import scenarios

FOLDER = Path(__file__).resolve().parent.parent / "features"
CHOSEN = os.environ.get("FEATURES", "")

scenarios(*(str(path) for path in sorted(FOLDER.rglob("*.feature")) if CHOSEN in path.name))
