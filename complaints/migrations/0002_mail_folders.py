"""Several folders a mailbox, each with how far it was fetched."""

import django.db.models.deletion
from django.db import migrations, models

import complaints.models.mailbox


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]

    operations = [
        migrations.AddField(
            "mailbox",
            "folders",
            models.JSONField(
                default=complaints.models.mailbox.inbox_alone, verbose_name="folders"
            ),
        ),
        migrations.CreateModel(
            "MailFolder",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="folder")),
                ("uid_validity", models.BigIntegerField(blank=True, null=True)),
                ("last_uid", models.BigIntegerField(default=0)),
                ("messages", models.PositiveIntegerField(default=0, verbose_name="messages")),
                ("backlog", models.PositiveIntegerField(default=0, verbose_name="not fetched yet")),
                (
                    "mailbox",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fetched_folders",
                        to="complaints.mailbox",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "mailfolder",
            models.UniqueConstraint(fields=["mailbox", "name"], name="mail_folder_once"),
        ),
        migrations.AddField(
            "arrival",
            "folder",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="complaints.mailfolder",
            ),
        ),
    ]
