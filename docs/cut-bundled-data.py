#!/usr/bin/env python3
"""Cut the bundled data set: a class-balanced subset of Fashion-MNIST, as gzipped IDX files.

    docs/cut-bundled-data.py [SOURCE] [TARGET]

SOURCE defaults to the folder of Debian's package dataset-fashion-mnist, TARGET to the resources of the jobs module.
The first 1,200 training and 200 test images of each class are kept, in file order. The same input gives the same
bytes (for one version of zlib): gzip's time stamp is zero and no file name is stored.
"""
import gzip
import struct
import sys
from collections import Counter
from pathlib import Path

SOURCE = Path("/usr/share/datasets/fashion-mnist")
TARGET = Path(__file__).resolve().parent.parent / "jobs/src/main/resources/data/fashion-mnist-12k"
CLASSES = 10
PER_CLASS = {"train": 1200, "t10k": 200}
IMAGES, LABELS = 0x803, 0x801


def read(source, split):
    """All images (one bytes object each) and labels of a split."""
    images = gzip.decompress((source / f"{split}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((source / f"{split}-labels-idx1-ubyte.gz").read_bytes())
    magic, count, rows, columns = struct.unpack(">4i", images[:16])
    label_magic, label_count = struct.unpack(">2i", labels[:8])
    size = rows * columns
    assert (magic, label_magic) == (IMAGES, LABELS) and count == label_count, "not a pair of IDX files"
    assert len(images) == 16 + count * size and len(labels) == 8 + count, "truncated"
    return [images[16 + i * size:16 + (i + 1) * size] for i in range(count)], labels[8:], rows, columns


def first_of_each_class(labels, per_class):
    """Indices of the first per_class examples of each class, in file order."""
    seen = Counter()
    kept = []
    for index, label in enumerate(labels):
        seen[label] += 1
        if seen[label] <= per_class:
            kept.append(index)
    assert len(kept) == CLASSES * per_class, "too few examples of a class"
    return kept


def write(path, content):
    path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
    print(f"{path.name}: {path.stat().st_size:,} bytes")


def main():
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    for split, per_class in PER_CLASS.items():
        images, labels, rows, columns = read(source, split)
        kept = first_of_each_class(labels, per_class)
        write(target / f"{split}-images-idx3-ubyte.gz",
              struct.pack(">4i", IMAGES, len(kept), rows, columns) + b"".join(images[i] for i in kept))
        write(target / f"{split}-labels-idx1-ubyte.gz",
              struct.pack(">2i", LABELS, len(kept)) + bytes(labels[i] for i in kept))
        print(f"{split}: {len(kept):,} examples, {dict(sorted(Counter(labels[i] for i in kept).items()))}")


if __name__ == "__main__":
    main()
