"""The recipes of .docs/batch.md for more than one machine, with the real engines if installed."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

import shapecalc

SPECS = ["lstm:64:seq,td-dense:3", "conv1d:8:3", "dense:3"]
OUTPUTS = [shapecalc.trace(spec).output for spec in SPECS]


def engine(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed here")


@pytest.mark.filterwarnings("ignore")
def test_dask_maps_the_function_over_a_bag() -> None:
    bag = engine("dask.bag")
    traces = bag.from_sequence(SPECS).map(shapecalc.trace)
    assert traces.map(lambda trace: trace.output).compute(scheduler="processes") == OUTPUTS


@pytest.mark.filterwarnings("ignore")
def test_ray_runs_the_function_in_its_workers() -> None:
    ray = engine("ray")
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        remote = ray.remote(shapecalc.trace)
        traces = ray.get([remote.remote(spec) for spec in SPECS])
    finally:
        ray.shutdown()
    assert [trace.output for trace in traces] == OUTPUTS


@pytest.mark.filterwarnings("ignore")
def test_spark_pipes_lines_through_the_command() -> None:
    spark = engine("pyspark")
    # What is piped through gets no environment unless it is given one.
    environment = dict(os.environ)
    context = spark.SparkContext("local[2]")
    try:
        lines = context.parallelize(SPECS).pipe("shapecalc batch -f jsonl -", environment).collect()
    finally:
        context.stop()
    found = {json.loads(line)["spec"]: json.loads(line)["ok"] for line in lines}
    assert found == dict.fromkeys(SPECS, True)
