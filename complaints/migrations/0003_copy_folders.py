"""How far a mailbox was fetched moves to its folder; by itself, as PostgreSQL wants it."""

from django.db import migrations


def copy_folders(apps, schema_editor):
    mailbox, folder, arrival = (
        apps.get_model("complaints", name) for name in ("Mailbox", "MailFolder", "Arrival")
    )
    for box in mailbox.objects.all():
        box.folders = [box.folder]
        box.save(update_fields=["folders"])
        made = folder.objects.create(
            mailbox=box, name=box.folder, uid_validity=box.uid_validity, last_uid=box.last_uid
        )
        arrival.objects.filter(mailbox=box, uid__isnull=False).update(folder=made)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0002_mail_folders")]

    operations = [migrations.RunPython(copy_folders, migrations.RunPython.noop)]
