"""Tiny tasks by Dask's workers on this machine: how many seconds all of them took."""

import sys
import time

from distributed import Client, LocalCluster


def tiny(number: int) -> int:
    return sum(range(number % 1000))


def main() -> None:
    workers, tasks = int(sys.argv[1]), int(sys.argv[2])
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            # All of them run once something has been run on each.
            client.gather(client.map(tiny, range(10 * workers), pure=False))
            before = time.perf_counter()
            client.gather(client.map(tiny, range(tasks), pure=False))
            print(time.perf_counter() - before)


if __name__ == "__main__":
    main()
