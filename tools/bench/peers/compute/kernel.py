"""A program by wasmtime as it comes, without fuel and without canonical NaNs: how many seconds it ran."""

import sys
import time

import wasmtime


def main() -> None:
    program, given, written = sys.argv[1:]
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = ["job", "0", "1"]
    wasi.stdin_file = given
    wasi.stdout_file = written
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    instance = linker.instantiate(store, wasmtime.Module.from_file(engine, program))
    start = instance.exports(store)["_start"]
    before = time.perf_counter()
    try:
        start(store)
    except wasmtime.ExitTrap as ended:
        if ended.code != 0:
            raise
    print(time.perf_counter() - before)


if __name__ == "__main__":
    main()
