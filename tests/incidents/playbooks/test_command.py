"""`playbooks`: out as JSON, changed, and in again; what is wrong is named."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from incidents.workflow import inforce

pytestmark = pytest.mark.django_db


def run(*words):
    out = StringIO()
    call_command("playbooks", *words, stdout=out)
    return out.getvalue()


def changed(tmp_path, change):
    content = json.loads(run("export", "relay_abuse"))
    change(content)
    file = tmp_path / "playbook.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return str(file)


def test_a_playbook_is_exported_changed_and_imported_as_a_new_version(tmp_path):
    file = changed(tmp_path, lambda content: content["tasks"][0].update(due_hours=1))
    assert run("import", file).strip() == "relay_abuse 2"
    assert inforce.playbook_for("relay_abuse").tasks[0].due.total_seconds() == 3600
    assert run("import", file).strip() == "relay_abuse 2"  # nothing is changed by it
    run("use", "relay_abuse", "1")
    assert "relay_abuse 1 Meyasu in force" in run("list")


def test_a_desk_may_have_a_playbook_of_its_own_kind(tmp_path):
    file = changed(tmp_path, lambda content: content.update(kind="crypto_miner"))
    assert run("import", file).strip() == "crypto_miner 1"
    assert inforce.current("crypto_miner").number == 1


def test_everything_that_is_wrong_is_named_at_once(tmp_path):
    def spoil(content):
        content["tasks"][0]["after"] = ["verify"]
        content["tasks"][1]["letter"] = "unheard-of"

    with pytest.raises(CommandError) as refused:
        run("import", changed(tmp_path, spoil))
    assert "wait for each other in a circle" in str(refused.value)
    assert "no letter text" in str(refused.value)
    assert inforce.current("relay_abuse").number == 1


@pytest.mark.parametrize("words", [("export", "no"), ("import", "/no/file"), ("use", "other", "9")])
def test_what_is_not_there_is_one_clear_sentence(words):
    with pytest.raises(CommandError):
        run(*words)
