"""接口的网址。"""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api")
