"""The addresses of complaints: one complaint, the mail log, the public report form."""

from django.urls import path

from complaints.views import (
    bring,
    calibration,
    complaint,
    coverage,
    mailboxes,
    maillog,
    report_form,
    shown,
)

app_name = "complaints"
urlpatterns = [
    path("complaints/", complaint.complaints, name="complaints"),
    path("complaints/upload/", bring.upload, name="upload"),
    path("complaints/note/", bring.note, name="note"),
    path("complaints/<str:reference>/", complaint.complaint, name="complaint"),
    path(
        "complaints/<str:reference>/link/<int:message_id>/",
        complaint.link_by_hand,
        name="link-by-hand",
    ),
    path("complaints/<str:reference>/runs/", complaint.runs, name="runs"),
    path("complaints/<str:reference>/raw/", complaint.raw, name="raw"),
    path("complaints/<str:reference>/shown/", shown.shown, name="shown"),
    path("complaints/<str:reference>/sample/", complaint.sample, name="sample"),
    path("calibration/", calibration.calibration, name="calibration"),
    path("coverage/", coverage.read_coverage, name="coverage"),
    path("links/<int:link_id>/", complaint.decide_link, name="decide-link"),
    path("maillog/", maillog.maillog, name="maillog"),
    path("mailboxes/", mailboxes.mailboxes, name="mailboxes"),
    path("mailboxes/<slug:name>/pause/", mailboxes.pause, name="pause-mailbox"),
    path("mailboxes/<slug:name>/test/", mailboxes.test, name="test-mailbox"),
    path("report/", report_form.report_form, name="report"),
]
