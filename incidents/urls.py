"""The addresses of incidents: triage, one incident, letters, notices, their acts."""

from django.urls import path

from incidents.notices.feed import NoticeFeed
from incidents.views import (
    complaints,
    corrections,
    design,
    incident,
    letters,
    notices,
    reply,
    search,
    triage,
)

app_name = "incidents"
urlpatterns = [
    path("", triage.triage, name="triage"),
    path("search/", search.search, name="search"),
    path("incidents/", triage.incidents, name="incidents"),
    path("incidents/<str:reference>/", incident.incident, name="incident"),
    path("incidents/<str:reference>/answers/", incident.draft_answers, name="draft-answers"),
    path("incidents/<str:reference>/notice/", incident.draft_notice, name="draft-notice"),
    path("incidents/<str:reference>/verify/", incident.verify_now, name="verify-now"),
    path("incidents/<str:reference>/close/", incident.close, name="close"),
    path("incidents/<str:reference>/merge/", corrections.merge, name="merge"),
    path("incidents/<str:reference>/rename/", corrections.rename, name="rename"),
    path(
        "incidents/<str:reference>/move/<str:complaint>/",
        corrections.move_complaint,
        name="move-complaint",
    ),
    path("corrections/<int:correction_id>/undo/", corrections.undo, name="undo-correction"),
    path("tasks/<int:task_id>/take/", incident.take_task, name="take-task"),
    path("tasks/<int:task_id>/complete/", incident.complete_task, name="complete-task"),
    path("tasks/<int:task_id>/drop/", incident.drop_task, name="drop-task"),
    path("tasks/<int:task_id>/reopen/", incident.reopen_task, name="reopen-task"),
    path("tasks/<int:task_id>/letter/", incident.draft_letter, name="draft-letter"),
    path("letters/<int:letter_id>/", letters.letter, name="letter"),
    path("letters/<int:letter_id>/approve/", letters.approve, name="approve-letter"),
    path("letters/<int:letter_id>/withdraw/", letters.withdraw, name="withdraw-letter"),
    path("letters/<int:letter_id>/again/", letters.write_again, name="write-again"),
    path("letters/<int:letter_id>/arrived/", letters.arrived, name="letter-arrived"),
    path("letters/<int:letter_id>/posted/", letters.posted, name="letter-posted"),
    path("letters/<int:letter_id>/outcome/", letters.outcome, name="letter-outcome"),
    path("letters/<int:letter_id>/letter.pdf", letters.as_pdf, name="letter-pdf"),
    path("reply/<str:opener>/", reply.reply, name="reply"),
    path("notices/", notices.public_notices, name="public-notices"),
    path("notices/feed.xml", NoticeFeed(), name="feed"),
    path("notices/<str:reference>/", notices.public_notice, name="public-notice"),
    path("notices/<str:reference>/edit/", notices.notice, name="notice"),
    path("notices/<str:reference>/approve/", notices.approve, name="approve-notice"),
    path("notices/<str:reference>/publish/", notices.publish, name="publish-notice"),
    path("notices/<str:reference>/correct/", notices.correct, name="correct-notice"),
    path("notices/<str:reference>/withdraw/", notices.withdraw, name="withdraw-notice"),
    path("quarantine/retry/", complaints.retry_all, name="retry-all"),
    path("complaints/<str:reference>/retry/", complaints.retry, name="retry"),
    path("complaints/<str:reference>/take-up/", complaints.take_up, name="take-up"),
    path("design/", design.design, name="design"),
]
