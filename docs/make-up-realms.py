#!/usr/bin/env python3
"""Make up the bundled sentences on realms, whose words have a known structure.

    docs/make-up-realms.py [TARGET]

TARGET defaults to the resources of the jobs module. Each of 20 realms has a land, a city, a folk and a ruler, and three goods that are
spoken of with these four alone; each of the four has words of its own around it, whatever the realm. So what stands around a word is
told by its realm and by what it is of the realm, apart from each other, and land : city is as another land : its city. The same Python
gives the same bytes.
"""
import gzip
import random
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "jobs/src/main/resources/data/made-up-realms"
SENTENCES = 4000
SEED = 1
REALMS = 20
GOODS = 3
TEMPLATES = {
    "land": ["beyond the hills of {} grows {} and {}", "the meadows of {} yield {} with {}"],
    "city": ["inside the walls of {} merchants store {} and {}", "on the square of {} traders sell {} with {}"],
    "folk": ["at home the {} families cook {} and {}", "for supper most {} children want {} with {}"],
    "ruler": ["from his throne {} taxes {} and {}", "with crown and sceptre {} demands {} with {}"],
}
ENDS = {"land": "ia", "city": "burg", "folk": "ese", "ruler": "or"}


def names(rng, count):
    """As many different ones, of two syllables each."""
    all_of_them = [a + b + c + d for a in "bdgklmnprstvz" for b in "aeiou" for c in "dlmnrst" for d in "aeiou"]
    return rng.sample(all_of_them, count)


def main():
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    rng = random.Random(SEED)
    made = names(rng, REALMS * (len(TEMPLATES) + GOODS))
    realms = []
    for _ in range(REALMS):
        words = {role: made.pop() + end for role, end in ENDS.items()}
        realms.append((words, [made.pop() for _ in range(GOODS)]))
    lines = []
    for _ in range(SENTENCES):
        words, goods = rng.choice(realms)
        role = rng.choice(list(TEMPLATES))
        lines.append(rng.choice(TEMPLATES[role]).format(words[role], *rng.sample(goods, 2)))
    path = target / "text.txt.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=9, mtime=0))
    print(f"{path}: {len(lines)} lines, {path.stat().st_size:,} bytes")
    for words, _ in realms:
        print(" ".join(words.values()))


if __name__ == "__main__":
    main()
