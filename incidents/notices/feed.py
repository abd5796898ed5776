"""The published notices as an Atom feed (RFC 4287), for anybody."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents.models import Notice
from incidents.notices.publish import public_address

MOST = 50

if TYPE_CHECKING:
    _Feed = Feed[Notice, None]
else:
    _Feed = Feed  # generic for the type checker only


class NoticeFeed(_Feed):
    """Newest notices first; a withdrawn one says only that it is, and why."""

    feed_type = Atom1Feed
    title = _("Public notices")
    subtitle = _("What the abuse desk tells the public.")

    def link(self) -> str:
        """The page with all notices."""
        return reverse("incidents:public-notices")

    def items(self) -> QuerySet[Notice]:
        """What anybody may read."""
        return Notice.objects.public()[:MOST]

    def item_title(self, item: Notice) -> str:
        """Its title."""
        return item.title

    def item_description(self, item: Notice) -> str:
        """Its text, or why it was withdrawn, as HTML in which nothing of the text is markup."""
        text = item.body
        if item.withdrawn_at:
            text = gettext("This notice was withdrawn. %s") % item.withdrawal_reason
        return linebreaks(text, autoescape=True)

    def item_link(self, item: Notice) -> str:
        """Its own page."""
        return public_address(item)

    def item_pubdate(self, item: Notice) -> datetime | None:
        """When it was published."""
        return item.published_at

    def item_updateddate(self, item: Notice) -> datetime | None:
        """When the public last saw a change."""
        return item.withdrawn_at or item.corrected_at or item.published_at
