"""The no-op DAG with Kedro: one pipeline of nodes on its thread runner, data in memory; nothing is recorded."""
import logging, sys, time
logging.disable(logging.CRITICAL)
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import ThreadRunner

wide, deep = int(sys.argv[1]), int(sys.argv[2])

def no_op(*parents):
    return 0

nodes = []
for depth in range(deep):
    for c in range(wide):
        parents = ["seed"] if depth == 0 else list(dict.fromkeys([f"s{depth-1}_{c}", f"s{depth-1}_{(c + 1) % wide}"]))
        nodes.append(node(no_op, parents, f"s{depth}_{c}", name=f"s{depth}_{c}"))
dag = Pipeline(nodes)
catalog = DataCatalog({"seed": MemoryDataset(0)})
start = time.perf_counter()
ThreadRunner(max_workers=16).run(dag, catalog)
print(time.perf_counter() - start)
