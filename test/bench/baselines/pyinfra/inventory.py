"""The lab's nodes, from the file that the benchmark names."""

import json
import os

with open(os.environ["BENCH_NODES"]) as file:
    nodes = [(name, data) for name, data in json.load(file).items()]
