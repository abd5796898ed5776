"""LetterText: the owner's own text of a letter, in place of the one that came with the program."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LetterText(models.Model):
    """Begun from the shipped text; removed again, the shipped one is in force."""

    name = models.CharField(_("letter"), max_length=40)
    about = models.CharField(_("kind of incident"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=8)
    subject = models.CharField(_("subject"), max_length=255)
    body = models.TextField(_("text"))
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.CharField(_("changed by"), max_length=150)

    class Meta:
        verbose_name = _("letter text")
        verbose_name_plural = _("letter texts")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "about", "language"], name="one_text_a_letter_and_language"
            )
        ]

    def __str__(self) -> str:
        return ".".join(filter(None, (self.name, self.about, self.language)))
