"""The labelled sample complaints through `ingest` and `export cases`: what is reached is held.

Wrapped and scored by the scorer that lies beside the samples. A format is held by its word in
`FORMATS`; every figure of its row has to reach `LEAST`, the two that say what a mail is `SURE`.
"""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.management import call_command

from incidents.reporting import export

LEAST = {"precision": 0.99, "recall": 0.97}
SURE = {"format": 0.98, "complaint?": 0.98}
FORMATS = ("arf", "arf-auth-failure", "dmarc-aggregate", "tls-rpt")


@pytest.fixture
def table(
    scorer: ModuleType, shared: Path, tmp_path: Path, data_dir: Path, db: None
) -> dict[str, dict[str, Any]]:
    """The figures of each format: row, figure, precision and recall."""
    source = shared / "corpus" / "complaints" / "labels.jsonl"
    lines = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    labels = [label for label in lines if label["format"] in FORMATS]
    folder = tmp_path / "mails"
    folder.mkdir()
    for label in labels:
        content = (source.parent / label["path"]).read_bytes()
        mail = scorer.wrapped(label, content)
        (folder / scorer.flat(label["path"])).write_bytes(mail)
    call_command("ingest", str(folder))
    cases = [json.loads(json.dumps(case, default=str)) for case in export.cases()]
    rows, _ = scorer.score(labels, cases, "format")
    return {
        row: {name: scorer.figures(cell) for name, cell in cells.items()}
        for row, cells in rows.items()
    }


@pytest.mark.timeout(180)
def test_each_format_is_read_as_well_as_before(table: dict[str, dict[str, Any]]) -> None:
    low = []
    for row in FORMATS:
        for name, figures in table[row].items():
            for kind, least in LEAST.items():
                reached = figures[kind]
                if reached is not None and reached < SURE.get(name, least):
                    low.append((row, name, kind, reached))
    assert low == []
