"""Which playbook is in force: versions as rows; shipped ones stand beside the desk's own."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from complaints import audit
from complaints.audit import Actor
from incidents.models import Incident, LetterText, PlaybookVersion
from incidents.models.task import in_reader_language
from incidents.playbooks import document, registry
from incidents.playbooks.faults import Fault, faults_of
from incidents.playbooks.playbook import Playbook


class NotSaved(Exception):
    """The playbook was not kept; says why, for the person at the screen."""

    def __init__(self, words: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(words)
        self.faults = faults


def current(kind: str) -> PlaybookVersion | None:
    """The version of this kind that new incidents get; of `other` where the kind is unknown."""
    versions = {
        version.kind: version
        for version in PlaybookVersion.objects.filter(kind__in=[kind, "other"], is_current=True)
    }
    if kind in versions or kind in registry.PLAYBOOKS:
        return versions.get(kind)
    return versions.get("other")


def playbook_for(kind: str) -> Playbook:
    """The playbook that a new incident of this kind follows."""
    version = current(kind)
    return version.playbook() if version else registry.playbook(kind)


def playbook_of(incident: Incident) -> Playbook:
    """The playbook that this incident follows, as it was when its tasks were planned."""
    followed = (incident.playbook_version_id, incident.kind)
    kept = incident.__dict__.get("_playbook")
    if kept is None or kept[0] != followed:
        version = incident.playbook_version
        kept = (followed, version.playbook() if version else playbook_for(incident.kind))
        incident.__dict__["_playbook"] = kept  # versions never change; a page asks for each task
    playbook: Playbook = kept[1]
    return playbook


def letter_names() -> frozenset[str]:
    """The names of the letter texts that there are."""
    place = settings.BASE_DIR / "templates" / "correspondence" / "letters"
    shipped = {path.name.partition(".")[0] for path in place.glob("*.txt")}
    return frozenset(shipped | set(LetterText.objects.values_list("name", flat=True)))


def all_current() -> list[PlaybookVersion]:
    """The version in force of each playbook, the shipped kinds first and in their order."""
    order = list(registry.PLAYBOOKS)
    versions = PlaybookVersion.objects.filter(is_current=True)
    return sorted(
        versions,
        key=lambda one: (order.index(one.kind) if one.kind in order else len(order), one.kind),
    )


def names_of_kinds() -> dict[str, str]:
    """How each kind of incident is called in the reader's language, by what is in force."""
    names = {kind: _(playbook.title) for kind, playbook in registry.PLAYBOOKS.items()}
    for version in all_current():
        playbook = version.playbook()
        names[version.kind] = in_reader_language(playbook.title, playbook.title_ja)
    return names


def save(
    playbook: Playbook, *, based_on: int | None, note: str = "", by: Actor, now: datetime
) -> PlaybookVersion:
    """Make a new version of a playbook and put it in force; running incidents keep theirs.

    based_on  number of the version in force when its form was opened; None for a new playbook
    returns   the version in force, the old one if nothing was changed
    raises    NotSaved with its faults, or if somebody else has saved it meanwhile
    """
    _must_make_sense(playbook, letter_names())
    content = document.write(playbook)
    with transaction.atomic():
        audit.keep_others_waiting()
        before = PlaybookVersion.objects.filter(kind=playbook.kind, is_current=True).first()
        if (before.number if before else None) != based_on:
            raise NotSaved(
                _("“%(kind)s” exists already, or somebody else has just saved it: look again.")
                % {"kind": playbook.kind}
            )
        if before is not None and before.content == content:
            return before
        version = _add(playbook.kind, content, by=by, now=now, note=note, is_current=True)
        audit.record(
            "playbook-saved",
            version,
            at=now,
            by=by,
            playbook=playbook.kind,
            version=version.number,
            note=note,
        )
    return version


def put_in_force(version: PlaybookVersion, *, by: Actor, now: datetime) -> None:
    """Take back an older version, or adopt a newer one that came with the program."""
    _must_make_sense(version.playbook(), letter_names())
    with transaction.atomic():
        audit.keep_others_waiting()
        PlaybookVersion.objects.filter(kind=version.kind, is_current=True).update(is_current=False)
        PlaybookVersion.objects.filter(pk=version.pk).update(is_current=True)
        version.is_current = True
        audit.record(
            "playbook-in-force",
            version,
            at=now,
            by=by,
            playbook=version.kind,
            version=version.number,
        )


def install_shipped(*, now: datetime) -> None:
    """Keep the playbooks of the program as versions, after each migration.

    A shipped one that changed is put in force only where the one in force was shipped too:
    what the desk has written stays, and the new one waits beside it.
    """
    if PlaybookVersion._meta.db_table not in connection.introspection.table_names():
        return  # migrated to before there were versions
    for playbook in registry.PLAYBOOKS.values():
        content = document.write(playbook)
        versions = PlaybookVersion.objects.filter(kind=playbook.kind)
        if (newest := versions.filter(is_shipped=True).first()) and newest.content == content:
            continue
        with transaction.atomic():
            ours = versions.filter(is_current=True, is_shipped=False).exists()
            _add(
                playbook.kind,
                content,
                by=None,
                now=now,
                note="",
                is_current=not ours,
                is_shipped=True,
            )


def newer_shipped(version: PlaybookVersion) -> PlaybookVersion | None:
    """A version of the same kind that came with the program after this one of the desk's."""
    newer = PlaybookVersion.objects.filter(
        kind=version.kind, is_shipped=True, number__gt=version.number
    )
    return newer.first()


def _add(
    kind: str,
    content: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    note: str,
    is_current: bool,
    is_shipped: bool = False,
) -> PlaybookVersion:
    versions = PlaybookVersion.objects.filter(kind=kind)
    last = versions.aggregate(last=Max("number"))["last"] or 0
    if is_current:
        versions.filter(is_current=True).update(is_current=False)
    return PlaybookVersion.objects.create(
        kind=kind,
        number=last + 1,
        content=content,
        is_shipped=is_shipped,
        is_current=is_current,
        made_at=now,
        made_by=audit.name_of(by),
        note=note[:255],
    )


def _must_make_sense(playbook: Playbook, letters: Collection[str]) -> None:
    if faults := faults_of(playbook, letters=letters):
        first = faults[0]
        raise NotSaved(_(first.words) % first.values, tuple(faults))
