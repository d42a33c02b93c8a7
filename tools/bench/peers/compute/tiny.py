"""Tiny tasks by Dask's workers on this machine, each of them three times and compared, as quorums run them: how many
seconds all of them took."""

import sys
import time

from distributed import Client, LocalCluster


REPLICAS = 3


def tiny(number: int) -> int:
    return sum(range(number % 1000))


def main() -> None:
    workers, tasks = int(sys.argv[1]), int(sys.argv[2])
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            # All of them run once something has been run on each.
            client.gather(client.map(tiny, range(10 * workers), pure=False))
            before = time.perf_counter()
            numbers = [number for number in range(tasks) for _ in range(REPLICAS)]
            results = client.gather(client.map(tiny, numbers, pure=False))
            replicas = [results[at : at + REPLICAS] for at in range(0, len(results), REPLICAS)]
            alike = sum(len(set(results)) == 1 for results in replicas)
            took = time.perf_counter() - before
            if alike != tasks:
                raise SystemExit(f"{alike} of {tasks} tasks have equal results")
            print(took)


if __name__ == "__main__":
    main()
