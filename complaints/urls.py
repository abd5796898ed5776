"""The addresses of complaints: one complaint, the mail log, the public report form."""

from django.urls import path

from complaints.views import complaint, maillog, report_form

app_name = "complaints"
urlpatterns = [
    path("complaints/", complaint.complaints, name="complaints"),
    path("complaints/<str:reference>/", complaint.complaint, name="complaint"),
    path("complaints/<str:reference>/raw/", complaint.raw, name="raw"),
    path("links/<int:link_id>/", complaint.decide_link, name="decide-link"),
    path("maillog/", maillog.maillog, name="maillog"),
    path("report/", report_form.report_form, name="report"),
]
