"""The no-op DAG with Dagster: one job of ops, executed in this process, its events in a local instance."""
import logging, sys, time, warnings
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
from dagster import DagsterInstance, GraphDefinition, DependencyDefinition, In, MultiDependencyDefinition, NodeInvocation, Out, op

wide, deep = int(sys.argv[1]), int(sys.argv[2])

@op(out=Out(int))
def source():
    return 0

@op(ins={"parents": In(list)}, out=Out(int))
def no_op(parents):
    return 0

def job(wide, deep):
    dependencies = {}
    for depth in range(deep):
        for c in range(wide):
            name = f"s{depth}_{c}"
            if depth == 0:
                dependencies[NodeInvocation("source", alias=name)] = {}
            else:
                parents = [DependencyDefinition(f"s{depth-1}_{p}") for p in dict.fromkeys([c, (c + 1) % wide])]
                dependencies[NodeInvocation("no_op", alias=name)] = {"parents": MultiDependencyDefinition(parents)}
    # A definition without an invocation would be one more node.
    return GraphDefinition(name="dag", node_defs=[source, no_op] if deep > 1 else [source], dependencies=dependencies).to_job()

with DagsterInstance.local_temp() as instance:
    job(2, 2).execute_in_process(instance=instance)
    built = job(wide, deep)
    start = time.perf_counter()
    built.execute_in_process(instance=instance)
    print(time.perf_counter() - start)
