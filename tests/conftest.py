"""What all tests share: a data folder of their own, and no silent skips in CI."""

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
from django.core.management import call_command

# A busy machine is not a wrong answer: none of these tests is about time.
hypothesis.settings.register_profile("by no clock", deadline=None)
hypothesis.settings.load_profile("by no clock")

SHARED = Path(os.environ.get("MEYASU_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    """Argon2 is slow on purpose; tests that sign in need not be."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def compiled_words():
    """The translations as they are written now, whether or not `make setup` has compiled them."""
    call_command("compile_words", verbosity=0)


@pytest.fixture
def data_dir(settings, tmp_path):
    """A fresh data folder for a test that writes raw mail."""
    settings.MEYASU_DATA_DIR = tmp_path / "data"
    return settings.MEYASU_DATA_DIR


@pytest.fixture
def shared():
    """The shared folder of samples beside the checkout; the test is skipped without it."""
    if not (SHARED / "world").is_dir():
        pytest.skip("shared samples are not beside this checkout")
    return SHARED


@pytest.fixture
def scorer(shared: Path) -> ModuleType:
    """The scorer that lies beside the samples, as a module."""
    spec = importlib.util.spec_from_file_location("score", shared / "corpus" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_collection_modifyitems(items):
    """Everything under tests/browser needs Chromium and is marked so."""
    for item in items:
        if "browser" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a test skipped for a missing server has failed: nobody would see the gap."""
    outcome = yield
    report = outcome.get_result()
    if (
        report.skipped
        and os.environ.get("CI") == "true"
        and "server missing" in str(report.longrepr)
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
