"""Playbooks, rules and letter texts: looked at here, changed and tried on the desk's own pages."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from complaints.admin import ReadOnlyAdmin
from incidents.models import LetterText, PlaybookVersion, Rule


@admin.register(PlaybookVersion)
class PlaybookVersionAdmin(ReadOnlyAdmin):
    """Every version of every playbook; the one in force is what new incidents get."""

    list_display = ("kind", "number", "is_current", "is_shipped", "made_at", "made_by", "note")
    list_filter = ("is_current", "is_shipped", "kind")
    search_fields = ("kind", "note")
    ordering = ("kind", "-number")
    actions_list = ("to_the_editor",)

    def view_on_site(self, obj: PlaybookVersion) -> str:
        """Its page, with the editor."""
        return f"{reverse('incidents:playbook', args=[obj.kind])}?version={obj.number}"

    @action(description=_("Change playbooks"))  # type: ignore[untyped-decorator]
    def to_the_editor(self, request: HttpRequest) -> HttpResponse:
        """To the pages on which they are changed, compared, exported and taken in."""
        return redirect("incidents:playbooks")


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    """What the program does by itself."""

    list_display = ("name", "version", "is_on", "changed_at", "changed_by")
    list_filter = ("is_on",)
    search_fields = ("name",)
    actions_list = ("to_the_editor",)

    def view_on_site(self, obj: Rule) -> str:
        """Its page, with what it would have done on past cases."""
        return reverse("incidents:rule", args=[obj.name])

    @action(description=_("Change rules"))  # type: ignore[untyped-decorator]
    def to_the_editor(self, request: HttpRequest) -> HttpResponse:
        """To the pages on which they are changed, tried, exported and taken in."""
        return redirect("incidents:rules")


@admin.register(LetterText)
class LetterTextAdmin(ReadOnlyAdmin):
    """The owner's own texts; all others are those that came with the program."""

    list_display = ("__str__", "subject", "language", "changed_at", "changed_by")
    list_filter = ("language", "name")
    search_fields = ("name", "subject", "body")
    actions_list = ("to_the_editor",)

    def view_on_site(self, obj: LetterText) -> str:
        """Its page, with the text as it reads on a real incident."""
        return reverse("incidents:letter-text", args=[str(obj)])

    @action(description=_("All texts, with a preview"))  # type: ignore[untyped-decorator]
    def to_the_editor(self, request: HttpRequest) -> HttpResponse:
        """To the pages on which they are changed, seen on an incident, exported and taken in."""
        return redirect("incidents:letter-texts")
