"""各页，一个文件一组。"""

from advisor.web.pages import (
    admin,
    asking,
    calendar,
    checking,
    drafting,
    entry,
    inventory,
    library,
    listing,
    reporting,
    reviewing,
    supposing,
)

_GROUPS = (
    entry,
    listing,
    checking,
    asking,
    reporting,
    supposing,
    drafting,
    reviewing,
    inventory,
    library,
    calendar,
    admin,
)
PAGES = tuple(group.router for group in _GROUPS)
