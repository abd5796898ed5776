"""A misread mail becomes a sample: by a command and by a button, masked."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from complaints import clock, rawstore
from complaints.formats.registry import read_report
from complaints.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db
RAW = b"""\
From: Orla Byrne <orla.byrne@meadow-net.ie>
To: abuse@quarrywork.org
Subject: Fwd: Half price
Date: Mon, 4 Mar 2024 09:12:45 +0000

Stop this spam.

---------- Forwarded message ----------
From: deals@kettle-deals.com
To: orla.byrne@meadow-net.ie
Subject: Half price
Date: Mon, 4 Mar 2024 09:00:00 +0000

Buy a kettle.
"""


@pytest.fixture
def complaint(data_dir):
    return make.complaint(raw_sha256=rawstore.keep(RAW))


def test_the_command_writes_the_mail_and_what_is_read_in_it(complaint, tmp_path):
    call_command("sample", complaint.reference, to=tmp_path, name="half-price")

    mail = (tmp_path / "half-price.eml").read_bytes()
    said = json.loads((tmp_path / "half-price.json").read_text())
    assert b"orla" not in mail.lower()
    assert said["format"] == read_report(mail).format == read_report(RAW).format
    assert said["originals"][0]["recipient"] == "person1@domain1.example"


def test_the_command_says_what_is_wrong(complaint, tmp_path):
    with pytest.raises(CommandError, match="no complaint C-1998-999999"):
        call_command("sample", "C-1998-999999", to=tmp_path)
    with pytest.raises(CommandError, match="is no folder"):
        call_command("sample", complaint.reference, to=tmp_path / "missing")


def test_the_button_gives_both_as_one_file_and_is_in_the_history(complaint, client):
    client.force_login(make.user("agent"))

    answer = client.get(f"/complaints/{complaint.reference}/sample/")

    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    names = [f"{complaint.reference}.eml", f"{complaint.reference}.json"]
    assert packed.namelist() == names
    assert b"meadow-net" not in packed.read(names[0])
    assert AuditEntry.objects.get(action="sample-downloaded").actor == "agent"


def test_only_who_may_read_raw_mail_gets_a_sample(complaint, client):
    client.force_login(make.user("reader", role="reader"))

    assert client.get(f"/complaints/{complaint.reference}/sample/").status_code == 403


def test_the_coverage_page_leads_to_the_samples(complaint, client, django_assert_max_num_queries):
    type(complaint).objects.update(
        stage="quarantined", subject="Half price 17", arrived_at=clock.now()
    )
    client.force_login(make.user("agent"))

    with django_assert_max_num_queries(8):
        page = client.get("/coverage/?days=365").content.decode()

    assert page.count(f"/complaints/{complaint.reference}/sample/") == 1
    assert "Half price #" in page
