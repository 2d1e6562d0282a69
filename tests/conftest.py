"""What all tests share: the flag that renews recorded outputs, and how many processes run them."""

from __future__ import annotations

import gc
import signal

import pytest
from hypothesis import HealthCheck, settings

# A job in the background ignores Ctrl-C, and so would all commands that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast a machine is says nothing of what is tested. `--hypothesis-profile thorough` draws more;
# `tests.benchmarks.law` and `tests.benchmarks.fuzz` draw others each time.
QUICK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", QUICK)
settings.register_profile("thorough", QUICK, max_examples=250)
settings.load_profile("quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew", action="store_true", help="write the outputs that README.md and .docs quote anew"
    )


def pytest_collection_finish() -> None:
    """Look for garbage less often, and never in what collection made, which lives to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Stay in one process for named files, which start sooner so, and where files are written."""
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    alone = named and all(".py" in argument for argument in config.args)
    return 0 if alone or config.getoption("renew") else None


@pytest.fixture
def renew(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--renew"))
