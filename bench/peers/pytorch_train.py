#!/usr/bin/env python3
"""Training with PyTorch on the CPU, beside `lockstep bench --modes compute,lockstep`.

  pytorch_train.py --network lenet|lenet-bn|deep|lstm-128x32 [--processes N] [--independent] [--batch 64] [--seconds 2.5]
      [--core NAME] [--vectors NAME]

Of sequences, lstm-, gru- or transformer-WIDTHxSTEPS.
N processes with one thread each, `batch` random examples a process and step, Adam: DistributedDataParallel over gloo on
loopback, or with --independent the same without any exchange, as one process always is. PyTorch's OpenBLAS takes
processors newer than itself for old ones, so without --core each OPENBLAS_CORETYPE of CORES that this processor can run is
tried first, for a moment and without exchange, and the fastest is taken; then, without --vectors, whether PyTorch's own
loops are faster with ATEN_CPU_CAPABILITY=avx512, which this PyTorch does not take by itself. Prints one JSON line;
examples_per_second is of all processes together, core and vectors are what computed, cores and widths the speed of each
that was tried. Look at "blas", too: without Debian's libopenblas0-pthread its products are the reference BLAS's, ten times as slow.
"""
import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import time

from pytorch_forward import BATCHES, examples, known, network

# OpenBLAS's names, and what a processor must have for each; "" leaves the choice to OpenBLAS.
CORES = {"": set(), "Haswell": {"avx2", "fma"}, "Zen": {"avx2", "fma"},
         "SkylakeX": {"avx512f", "avx512bw", "avx512dq", "avx512vl"}, "Cooperlake": {"avx512f", "avx512_bf16"}}
OWN = "its own choice"
WARM_UP_STEPS = 20
TRIAL_SECONDS = 1.0
DEADLINE_SECONDS = 300


def usable_cores():
    return [name for name, needed in CORES.items() if needed <= flags()]


def flags():
    try:
        with open("/proc/cpuinfo") as cpu:
            return set(next((line for line in cpu if line.startswith("flags")), "").split())
    except OSError:
        return set()  # not Linux: only what is chosen anyway


def blas():
    """The library that this process's products are from."""
    with open("/proc/self/maps") as maps:
        return sorted({os.path.basename(line.split()[-1]) for line in maps if "blas" in line.split()[-1]})


def train(given):
    """One process of the training; the first of them prints the seconds and steps of all."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(1)
    net = network(torch.nn, given.network)
    if given.processes > 1:
        torch.distributed.init_process_group("gloo")
        if not given.independent:
            net = torch.nn.parallel.DistributedDataParallel(net)
    optimizer, loss = torch.optim.Adam(net.parameters(), 1e-3), torch.nn.CrossEntropyLoss()
    inputs, labels = examples(torch, given.network, given.batch)

    def run(steps):
        for i in range(steps):
            optimizer.zero_grad()
            loss(net(inputs[i % BATCHES]), labels[i % BATCHES]).backward()
            optimizer.step()

    def timed(steps):
        """Seconds until the slowest process has done its steps."""
        together = given.processes > 1
        if together:
            torch.distributed.barrier()
        started = time.perf_counter()
        run(steps)
        if together:
            torch.distributed.barrier()
        return time.perf_counter() - started

    run(WARM_UP_STEPS)
    # All processes must agree on the number of steps: the slowest one's time decides.
    seconds = torch.tensor([timed(WARM_UP_STEPS)])
    if given.processes > 1:
        torch.distributed.all_reduce(seconds, torch.distributed.ReduceOp.MAX)
    steps = max(WARM_UP_STEPS, int(given.seconds * WARM_UP_STEPS / seconds.item()))
    took = timed(steps)
    if int(os.environ.get("RANK", "0")) == 0:
        print(json.dumps({"steps": steps, "seconds": took, "version": torch.__version__, "blas": blas()}), flush=True)


def free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


def measure(given, core, vectors, seconds, independent):
    """Examples a second of all processes together, and what the first one told."""
    words = [sys.executable, os.path.abspath(__file__), "--worker", "--network", given.network, "--processes",
             str(given.processes), "--batch", str(given.batch), "--seconds", str(seconds)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", GLOO_SOCKET_IFNAME="lo", MASTER_ADDR="127.0.0.1",
                       MASTER_PORT=str(free_port()), WORLD_SIZE=str(given.processes))
    if core:
        environment["OPENBLAS_CORETYPE"] = core
    if vectors:
        environment["ATEN_CPU_CAPABILITY"] = vectors
    workers = []
    try:
        for rank in range(given.processes):
            workers.append(subprocess.Popen(words + (["--independent"] if independent else []), text=True,
                                            stdout=subprocess.PIPE, env=dict(environment, RANK=str(rank))))
        outputs = [worker.communicate(timeout=DEADLINE_SECONDS)[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    if any(worker.returncode != 0 for worker in workers):
        sys.exit("a process of the peer failed with OPENBLAS_CORETYPE=" + (core or "(not set)"))
    figures = json.loads(outputs[0].splitlines()[-1])
    return given.processes * given.batch * figures["steps"] / figures["seconds"], figures


def rounded(tried):
    return {name or OWN: round(speed, 1) for name, speed in tried.items()}


def main(given):
    cores = [given.core] if given.core is not None else usable_cores()
    first = given.vectors or ""
    tried = {core: measure(given, core, first, TRIAL_SECONDS, True)[0] for core in cores} if len(cores) > 1 else {}
    best = max(tried, key=tried.get) if tried else cores[0]
    widths = {}
    if given.vectors is None and CORES["SkylakeX"] <= flags():
        widths = {vectors: measure(given, best, vectors, TRIAL_SECONDS, True)[0] for vectors in ("", "avx512")}
    vectors = max(widths, key=widths.get) if widths else first
    independent = given.independent or given.processes == 1
    speed, figures = measure(given, best, vectors, given.seconds, independent)
    print(json.dumps({"peer": "pytorch", "version": figures["version"], "blas": figures["blas"], "exchange": "none" if independent else "ddp-gloo",
                      "network": given.network, "processes": given.processes, "batch": given.batch,
                      "core": best or OWN, "vectors": vectors or OWN, "machine": platform.machine(),
                      "cores": rounded(tried), "widths": rounded(widths),
                      "examples_per_second": round(speed, 1)}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="lenet", type=known)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--independent", action="store_true", help="without any exchange")
    parser.add_argument("--batch", type=int, default=64, help="examples a process and step")
    parser.add_argument("--seconds", type=float, default=2.5)
    parser.add_argument("--core", help="OPENBLAS_CORETYPE, instead of trying; '' leaves it to OpenBLAS")
    parser.add_argument("--vectors", help="ATEN_CPU_CAPABILITY, instead of trying; '' leaves it to PyTorch")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    (train if arguments.worker else main)(arguments)
