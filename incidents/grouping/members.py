"""Members: which complaints are in which incidents, read once for many complaints."""

from collections.abc import Iterable
from datetime import datetime

from complaints.models import Complaint
from incidents.grouping.placing import standing
from incidents.models import Campaign, Correction, Incident, IncidentComplaint


class Members:
    """The memberships of some complaints, and those that people took out of incidents."""

    def __init__(self, complaints: Iterable[Complaint] = ()) -> None:
        self._rows: dict[tuple[int, int], IncidentComplaint] = {}
        self._campaigns: dict[tuple[int, int], set[int]] = {}
        self._new_rows: list[IncidentComplaint] = []
        self._new_places: list[tuple[IncidentComplaint, Campaign]] = []
        self._of: dict[int, set[int]] = {}
        self._kept_out: set[tuple[int, int]] = set()
        self.read(complaints)

    def read(self, complaints: Iterable[Complaint]) -> None:
        """Read those of complaints that are not known yet."""
        missing = {one.pk for one in complaints} - self._of.keys()
        if not missing:
            return
        self._of.update((key, set()) for key in missing)
        rows = IncidentComplaint.objects.filter(complaint__in=missing)
        for row in rows.prefetch_related("campaigns"):
            self._note(row, {campaign.pk for campaign in row.campaigns.all()})
        taken_out = Correction.objects.filter(complaint__in=missing, undone_at=None)
        for complaint, incident in taken_out.values_list("complaint_id", "incident_id"):
            self._kept_out.add((complaint or 0, incident))
        parted = Correction.complaints.through.objects.filter(
            complaint__in=missing, correction__undone_at=None
        )
        self._kept_out.update(parted.values_list("complaint_id", "correction__incident_id"))

    def incidents_of(self, complaint: Complaint) -> set[int]:
        """The keys of the incidents that a complaint is in."""
        self.read([complaint])
        return self._of[complaint.pk]

    def is_kept_out(self, complaint: Complaint, incident: Incident) -> bool:
        """Whether a person took the complaint out of the incident."""
        self.read([complaint])
        return (complaint.pk, incident.pk) in self._kept_out

    def join(
        self,
        incident: Incident,
        complaint: Complaint,
        campaign: Campaign,
        reasons: list[str],
        *,
        now: datetime,
    ) -> bool:
        """Let a complaint be in an incident for a campaign; False if it was in that incident.

        `write` writes it.
        """
        self.read([complaint])
        row = self._rows.get((complaint.pk, incident.pk))
        is_new = row is None
        if row is None:
            row = IncidentComplaint(
                incident=incident,
                complaint=complaint,
                joined_at=now,
                reasons=[{"fact": reason} for reason in reasons],
            )
            self._new_rows.append(row)
            self._note(row, set())
        here = self._campaigns[complaint.pk, incident.pk]
        if campaign.pk not in here:
            here.add(campaign.pk)
            self._new_places.append((row, campaign))
        return is_new

    def write(self) -> None:
        """Write the memberships that are new, and for which campaigns."""
        IncidentComplaint.objects.bulk_create(self._new_rows)
        through = IncidentComplaint.campaigns.through
        # It may be there: where two campaigns were united, their rows were.
        through.objects.bulk_create(
            [
                through(incidentcomplaint_id=row.pk, campaign_id=standing(campaign).pk)
                for row, campaign in self._new_places
            ],
            ignore_conflicts=True,
        )
        self._new_rows.clear()
        self._new_places.clear()

    def _note(self, row: IncidentComplaint, campaigns: set[int]) -> None:
        self._rows[row.complaint_id, row.incident_id] = row
        self._campaigns[row.complaint_id, row.incident_id] = campaigns
        self._of.setdefault(row.complaint_id, set()).add(row.incident_id)
