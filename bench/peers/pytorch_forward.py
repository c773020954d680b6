#!/usr/bin/env python3
"""Evaluation with PyTorch on the CPU, beside `lockstep bench --modes forward`.

  pytorch_forward.py --network lenet|lenet-bn|deep|lstm-128x32 [--processes N] [--batch 64] [--seconds 2.5]

N processes that exchange nothing, one thread each, outputs and losses of random images or sequences in batches, in
evaluation mode and without gradients. Prints one JSON line; examples_per_second is of all processes together.
"""
import argparse
import json
import multiprocessing
import os
import re
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

IMAGES = ["lenet", "lenet-bn", "deep"]
SEQUENCES = re.compile(r"(lstm|gru|transformer)-(\d+)x(\d+)")  # KIND-WIDTHxSTEPS, as lockstep bench has them
BATCHES = 20


def known(name):
    """A network's name, or argparse's complaint."""
    if name not in IMAGES and not SEQUENCES.fullmatch(name):
        raise argparse.ArgumentTypeError(f"'{name}'; expected one of {IMAGES}, or of sequences, as lstm-128x32")
    return name


def examples(torch, name, batch):
    """Random inputs and classes, BATCHES of them."""
    sequences = SEQUENCES.fullmatch(name)
    shape = (int(sequences[3]), batch, int(sequences[2])) if sequences else (batch, 1, 28, 28)
    return torch.rand(BATCHES, *shape), torch.randint(0, 10, (BATCHES, batch))


def sequence_network(nn, kind, width):
    """Steps first, as PyTorch has it by default; the classes of the last step, behind a Transformer of the mean of all."""
    class Told(nn.Module):
        def __init__(self):
            super().__init__()
            if kind == "transformer":
                self.below = nn.Sequential(*(nn.TransformerEncoderLayer(width, 4, 4 * width, 0.0, norm_first=True)
                                             for _ in range(2)))
            else:
                self.below = (nn.LSTM if kind == "lstm" else nn.GRU)(width, width)
            self.output = nn.Linear(width, 10)

        def forward(self, x):
            return self.output(self.below(x).mean(0) if kind == "transformer" else self.below(x)[0][-1])
    return Told()


def network(nn, name):
    sequences = SEQUENCES.fullmatch(name)
    if sequences:
        return sequence_network(nn, sequences[1], int(sequences[2]))
    if name == "deep":
        layers, channels = [], 1
        for i, filters in enumerate([16, 16, 32, 32, 64, 64]):
            layers += [nn.Conv2d(channels, filters, 3, padding=2 if i == 3 else 1), nn.ReLU()]
            channels = filters
            if i % 2:
                layers.append(nn.MaxPool2d(2))
        head = [nn.Flatten(), nn.Linear(1024, 50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 10), nn.Dropout(0.5)]
        return nn.Sequential(*layers, *head)
    normalise = (lambda channels: [nn.BatchNorm2d(channels)]) if name == "lenet-bn" else (lambda channels: [])
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), *normalise(20), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5), *normalise(50), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Dropout(0.5), nn.Linear(500, 10))


def evaluate(arguments, barrier, results):
    import torch

    torch.set_num_threads(1)
    net = network(torch.nn, arguments.network).eval()
    loss = torch.nn.CrossEntropyLoss(reduction="none")
    inputs, labels = examples(torch, arguments.network, arguments.batch)
    with torch.inference_mode():
        for i in range(20):
            loss(net(inputs[i % BATCHES]), labels[i % BATCHES])
        barrier.wait()
        started, batches = time.perf_counter(), 0
        while time.perf_counter() - started < arguments.seconds:
            loss(net(inputs[batches % BATCHES]), labels[batches % BATCHES])
            batches += 1
        results.put(batches * arguments.batch / (time.perf_counter() - started))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", default="lenet", type=known)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=2.5)
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    together, speeds = context.Barrier(given.processes), context.Queue()
    workers = [context.Process(target=evaluate, args=(given, together, speeds)) for _ in range(given.processes)]
    for worker in workers:
        worker.start()
    total = sum(speeds.get(timeout=300) for _ in workers)
    for worker in workers:
        worker.join()
    print(json.dumps({"peer": "pytorch", "exchange": "none", "network": given.network, "processes": given.processes,
                      "examples_per_second": round(total, 1)}))
