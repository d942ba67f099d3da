"""The no-op DAG with Prefect: tasks on a thread pool, state in the local API that Prefect starts by itself."""
import os, sys, time
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "300")
from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner

wide, deep = int(sys.argv[1]), int(sys.argv[2])

@task
def no_op(place, parents):
    return place

@flow(task_runner=ThreadPoolTaskRunner(max_workers=16))
def dag(wide, deep):
    level = []
    for depth in range(deep):
        before = level
        level = [no_op.submit(depth * wide + c, [] if depth == 0 else [before[c], before[(c + 1) % wide]]) for c in range(wide)]
    return [f.result() for f in level]

dag(2, 2)
start = time.perf_counter()
dag(wide, deep)
print(time.perf_counter() - start)
