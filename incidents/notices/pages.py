"""The public notices as files, pages and a feed, for a web site outside."""

from datetime import datetime
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.translation import gettext as _

from incidents.models import Notice

STYLE = "incidents/notices.css"


def write(folder: Path, *, address: str, language: str = "en") -> list[str]:
    """Write index.html, a page for each public notice, feed.xml and notices.css; their names.

    address   where the folder will be on the web, for the feed; no slash at its end
    raises    OSError where the folder cannot be written
    """
    folder.mkdir(parents=True, exist_ok=True)
    shown = Notice.objects.public().select_related("pair", "paired_with")
    notices = list(shown.prefetch_related("versions", "pair__versions", "paired_with__versions"))
    pages = {f"{notice.reference}.html": _page(notice) for notice in notices}
    with translation.override(language):
        pages["index.html"] = render_to_string(
            "notices/static_list.html", {"notices": notices, "language": language}
        )
        pages["feed.xml"] = _feed(notices, address)
    found = finders.find(STYLE)
    if isinstance(found, str):
        pages["notices.css"] = Path(found).read_text(encoding="utf-8")
    for name, content in sorted(pages.items()):
        _write(folder / name, content)
    return sorted(pages)


def _page(notice: Notice) -> str:
    with translation.override(notice.language):
        context = {"notice": notice, "other": notice.other_language()}
        return render_to_string("notices/static_notice.html", context)


def _feed(notices: list[Notice], address: str) -> str:
    feed = Atom1Feed(
        title=_("Public notices"),
        link=f"{address}/index.html",
        description="",
        feed_url=f"{address}/feed.xml",
    )
    for notice in notices:
        text = notice.body
        if notice.withdrawn_at:
            text = _("This notice was withdrawn. %s") % notice.withdrawal_reason
        feed.add_item(
            title=notice.title,
            link=f"{address}/{notice.reference}.html",
            description=linebreaks(text, autoescape=True),
            pubdate=notice.published_at,
            updateddate=_changed_at(notice),
        )
    return feed.writeString("utf-8")


def _changed_at(notice: Notice) -> datetime | None:
    return notice.withdrawn_at or notice.corrected_at or notice.published_at


def _write(path: Path, content: str) -> None:
    """Beside it first, so that whoever reads the folder never sees half a page."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(content, encoding="utf-8")
    beside.replace(path)
