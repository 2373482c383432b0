"""各页，一个文件一组。"""

from advisor.web.pages import asking, checking, entry, listing, reporting

PAGES = (entry.router, listing.router, checking.router, asking.router, reporting.router)
