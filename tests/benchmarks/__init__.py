"""Programs that measure; they import the modules of tests by the names that tests import them by."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
