"""The settings of the product, with a data folder that each run of the tests has for itself."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = tempfile.mkdtemp(prefix="meyasu-test-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["MEYASU_DATA_DIR"] = _folder
(Path(_folder) / "static").mkdir()  # whitenoise warns of a missing one
os.environ["MEYASU_PROBE_LOOPBACK"] = "yes"
os.environ["MEYASU_PROBE_PER_MINUTE"] = "0"

from config.settings import *  # noqa: E402, F403 (the folder first)
