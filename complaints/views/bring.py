"""Bring a complaint in by hand: mails as files, or what came by telephone, fax or letter."""

from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from complaints import clock, organisation
from complaints.cleantext import clean_line
from complaints.forms import NoteForm, UploadForm
from complaints.intake import files, store
from complaints.intake import form as intake_form
from complaints.intake.store import Stored
from complaints.views.access import staff

AT_ONCE = 50
SHOWN = 200


@staff("complaints.add_complaint")
def upload(request: HttpRequest) -> HttpResponse:
    """Take in mails from files; what became of each is told at once, the rest is walked."""
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"nav": "complaints", "form": form}
    if request.method == "POST" and form.is_valid():
        kept: list[Stored] = []
        problems: list[str] = []
        for file in form.cleaned_data["attached"]:
            try:
                kept += _keep_file(file)
            except files.NoMail as problem:
                problems.append(str(problem))
            except store.NotStored as problem:
                problems.append(f"{clean_line(file.name or '', 200)}: {problem}")
        context |= {"kept": kept[:SHOWN], "count": len(kept), "problems": problems}
    return render(request, "complaints/upload.html", context)


@staff("complaints.add_complaint")
def note(request: HttpRequest) -> HttpResponse:
    """Take in what was told to us; who noted it stands in the mail and in the history."""
    form = NoteForm(request.POST or None, request.FILES or None, initial={"told_at": clock.now()})
    if request.method != "POST" or not form.is_valid():
        context = {"nav": "complaints", "form": form}
        return render(request, "complaints/note.html", context)
    said, now = form.cleaned_data, clock.now()
    message = intake_form.note_of(
        said,
        at=min(said["told_at"], now),
        by=request.user.get_username(),
        files=intake_form.files_of(said["attached"]),
    )
    try:
        kept = store.keep_message(message, now=now, by=request.user)
    except store.NotStored:
        form.add_error(None, store.NOT_STORED)
        context = {"nav": "complaints", "form": form}
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return render(request, "complaints/note.html", context, status=status)
    return redirect("complaints:complaint", kept.complaint.reference)


def _keep_file(file: "UploadedFile[Any]") -> list[Stored]:
    """Every mail in one file, stored a batch at a time."""
    us, now = organisation.ourselves(), clock.now()
    kept: list[Stored] = []
    with TemporaryDirectory(prefix="meyasu-upload-") as folder:
        path = Path(folder) / "mails"
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        batch = []
        for message in files.uploaded(path, clean_line(file.name or "", 200), us, now=now):
            batch.append(message)
            if len(batch) == AT_ONCE:
                kept += store.keep_messages(batch, now=now)
                batch = []
        kept += store.keep_messages(batch, now=now)
    return kept
