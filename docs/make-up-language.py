#!/usr/bin/env python3
"""Make up the bundled pairs of sentences: English, and a language that does not exist.

    docs/make-up-language.py [TARGET]

TARGET defaults to the resources of the jobs module. The made-up language has its verb at the end, its adjectives behind their nouns and
its articles behind both; nouns, adjectives and numerals say whether they are many, and so does the verb of its subject. Each sentence
has one translation, so the best BLEU is 100. The same Python gives the same bytes.
"""
import gzip
import random
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "jobs/src/main/resources/data/made-up-language"
PAIRS = 5000
SEED = 1

NOUNS = {
    "cat": "miro", "dog": "vako", "bird": "sitel", "child": "lomi", "teacher": "doren", "student": "belka", "friend": "amiru",
    "king": "tarok", "queen": "tarika", "horse": "gavin", "fish": "plo", "tree": "hultan", "house": "kasim", "book": "livet",
    "song": "rella", "river": "ondra", "ship": "navik", "star": "zelin", "road": "petra", "stone": "krom",
}
PLURALS = {"child": "children", "fish": "fishes", "horse": "horses"}
VERBS = {
    "see": "vid", "love": "mor", "find": "trov", "follow": "sek", "draw": "pik", "hear": "ausk", "carry": "port", "remember": "memen",
    "watch": "gard", "know": "kon",
}
ADJECTIVES = {
    "small": "pet", "old": "senu", "red": "rub", "quiet": "sil", "young": "jun", "bright": "lum", "wild": "ferox", "good": "bon",
    "tall": "alt", "strange": "mirab",
}
ADVERBS = {"today": "odi", "often": "ofte", "slowly": "lente", "again": "iter"}
DETERMINERS = {"the": ("la", None), "a": ("un", False), "two": ("duo", True), "three": ("tri", True)}


def plural(noun):
    return PLURALS.get(noun, noun + "s")


def third_person(verb):
    return verb[:-1] + "ies" if verb.endswith("ry") else verb + ("es" if verb.endswith("ch") else "s")


def noun_phrase(rng):
    """English words, the same in the other language, and whether they are many."""
    noun = rng.choice(list(NOUNS))
    determiner = rng.choice(list(DETERMINERS))
    article, many = DETERMINERS[determiner]
    many = rng.random() < 0.5 if many is None else many
    adjectives = rng.sample(list(ADJECTIVES), rng.choice([0, 0, 1, 1, 2]))
    if determiner == "a" and (adjectives + [noun])[0][0] in "aeiou":
        determiner = "an"
    english = [determiner, *adjectives, plural(noun) if many else noun]
    end = "en" if many else ""
    other = [NOUNS[noun] + end, *(ADJECTIVES[a] + ("i" if many else "o") for a in reversed(adjectives)), article + end]
    return english, other, many


def sentence(rng):
    subject, other_subject, many = noun_phrase(rng)
    thing, other_thing, _ = noun_phrase(rng)
    verb = rng.choice(list(VERBS))
    adverbs = rng.sample(list(ADVERBS), rng.choice([0, 1]))
    english = [*subject, verb if many else third_person(verb), *thing, *adverbs, "."]
    other = [*other_subject, *(ADVERBS[a] for a in adverbs), *other_thing, VERBS[verb] + ("uz" if many else "u"), "."]
    return " ".join(english), " ".join(other)


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = list(lines)
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=9, mtime=0))
    print(f"{path}: {len(lines)} lines, {path.stat().st_size:,} bytes")


def main():
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    rng = random.Random(SEED)
    pairs = {}
    while len(pairs) < PAIRS:
        english, other = sentence(rng)
        pairs.setdefault(english, other)
    write(target / "english/text.txt.gz", pairs.keys())
    write(target / "made-up/text.txt.gz", pairs.values())


if __name__ == "__main__":
    main()
