"""The plan of the house itself: contracts, settings, sizes, samples, migrations."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands, load_command_class

from complaints.formats import registry

ROOT = Path(__file__).parents[1]
ROOMS = ("config", "complaints", "incidents")
SOURCES = [
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts
]


def test_the_import_contracts_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_the_migrations_are_those_of_the_models():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_setting_stands_in_the_table():
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "config/settings.py").read_text()))
    table = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
    assert read
    assert sorted(name for name in read if f"`{name}`" not in table) == []


def test_no_file_has_two_subjects_by_its_size():
    assert [path.name for path in SOURCES if len(path.read_text().splitlines()) > 400] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_says_its_subject_in_its_first_line(path):
    if path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip():
        return
    first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
    assert len(first) > 10


def test_every_command_has_an_example_in_its_help():
    ours = [name for name, app in get_commands().items() if app in ROOMS]
    expected = "audit demo doctor export ingest maillog organisation poll regroup seed serve verify"
    assert set(expected.split()) <= set(ours)
    for name in ours:
        assert f"./manage.py {name}" in load_command_class(get_commands()[name], name).help


def test_every_format_has_a_sample():
    samples = {path.name for path in (ROOT / "tests/data/complaints").iterdir()}
    names = {getattr(module, "NAME", "") for module in registry.FORMATS} - {""}
    assert names
    assert names <= samples
