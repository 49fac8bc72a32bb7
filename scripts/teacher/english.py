"""English lines for the teacher: words of the CMU dictionary, cut into syllables as Ziyin cuts them.

A syllable is told in the dictionary's own phones (`HH AE1 P`), and its letters are those that the
network was taught for American English.
"""
import gzip
import os
from collections import Counter
from dataclasses import dataclass
from functools import cache

from lines import Word

DICTIONARY = f"{os.path.dirname(__file__)}/../../src/lyrics/english/words.gz"
STRESSED = "ˈ"
CONSONANTS = {
    "P": "p", "B": "b", "T": "t", "D": "d", "K": "k", "G": "ɡ", "CH": "ʧ", "JH": "ʤ", "F": "f", "V": "v", "TH": "θ",
    "DH": "ð", "S": "s", "Z": "z", "SH": "ʃ", "ZH": "ʒ", "HH": "h", "M": "m", "N": "n", "NG": "ŋ", "L": "l", "R": "ɹ",
    "W": "w", "Y": "j",
}
VOWELS = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "EH": "ɛ", "ER": "ɜɹ", "EY": "A", "IH": "ɪ",
    "IY": "i", "OW": "O", "OY": "Y", "UH": "ʊ", "UW": "u",
}
UNSTRESSED = {"AH": "ə", "ER": "əɹ"}
# What may begin a syllable.
ONSETS = {(c,) for c in CONSONANTS if c != "NG"} | {
    tuple(pair.split("-")) for pair in
    "P-R B-R T-R D-R K-R G-R F-R TH-R SH-R P-L B-L K-L G-L F-L S-L T-W D-W K-W G-W S-W TH-W HH-W "
    "P-Y B-Y K-Y G-Y F-Y V-Y M-Y HH-Y S-P S-T S-K S-M S-N S-F S-P-R S-T-R S-K-R S-P-L S-K-L S-K-W S-P-Y S-T-Y S-K-Y".split()}
# Words that lines are full of; between them come those whose phones were said least.
COMMON = """
a all and are as at away baby back be been before but by come could cry dance day do don't down dream every eyes face fall
feel find fire for from girl give go gone good had hand have he heart hear her here him his hold home how I I'll I'm if in
into is it just keep know leave let life light like little long look lost love make may me mind moon more morning my never
new night no not now of on one only or our out over play rain right river road run say sea see she should sing sky so some
song stay still sun sweet take tell than that the their them then there they things this through time to tonight too turn
under up us wait walk want was way we were what when where while who why wind with without world would years you your
""".split()


@dataclass(frozen=True)
class EnglishWord(Word):
    """One syllable; letters before its vowel, and up to where what ends the syllable begins."""

    before: int
    held: int
    ends: int

    @property
    def vowel(self):
        return self.before

    @property
    def nucleus(self):
        return self.held

    @property
    def coda(self):
        return self.ends


def syllable(phones):
    """A syllable of phones (`["HH", "AE1", "P"]`)."""
    at = next(i for i, phone in enumerate(phones) if phone[-1].isdigit())
    vowel, stress = phones[at][:-1], phones[at][-1]
    onset = "".join(CONSONANTS[phone] for phone in phones[:at])
    coda = "".join(CONSONANTS[phone] for phone in phones[at + 1:])
    sound = VOWELS[vowel] if stress != "0" else UNSTRESSED.get(vowel, VOWELS[vowel])
    mark = STRESSED if stress == "1" else ""
    # A glide is told with the vowel, and so is what can stand for one after another consonant.
    slides = at > 0 and (phones[at - 1] in ("W", "Y") or at > 1 and phones[at - 1] in ("L", "R", "M", "N", "F", "V"))
    held = len(onset) + len(mark)
    return EnglishWord(" ".join(phones), onset + mark + sound + coda, before=len(onset) - (1 if slides else 0),
                       held=held, ends=held + len(sound))


def syllables(phones):
    """Phones of a word, cut so that each syllable begins with as much as one may begin with."""
    vowels = [i for i, phone in enumerate(phones) if phone[-1].isdigit()]
    cuts = [0]
    for before, after in zip(vowels, vowels[1:]):
        cut = after
        while cut - 1 > before and tuple(phones[cut - 1:after]) in ONSETS:
            cut -= 1
        cuts.append(cut)
    return [syllable(phones[a:b]) for a, b in zip(cuts, [*cuts[1:], len(phones)])]


@cache
def dictionary():
    """The first pronunciation of each word."""
    first = {}
    with gzip.open(DICTIONARY, "rt", encoding="utf8") as file:
        for line in file:
            word, phones = line.split(" ", 1)
            first.setdefault(word, phones.split())
    return first


@cache
def candidates():
    """Words of up to three syllables, as lists of phones."""
    found = [p for _, p in sorted(dictionary().items()) if 1 <= sum(phone[-1].isdigit() for phone in p) <= 3]
    return found, [dictionary()[word.lower()] for word in COMMON]


class English:
    """Draws words: a common one, or of some by chance the one whose phones were said least so far."""

    language = "english"

    def __init__(self, chance):
        self.chance = chance
        self.said = Counter()

    def worth(self, phones):
        return sum(1 / (1 + self.said[phone]) for phone in phones) / len(phones)

    def phrase(self):
        """Four or five words."""
        words, common = candidates()
        drawn = []
        for _ in range(self.chance.randint(4, 5)):
            if self.chance.random() < 0.5:
                phones = self.chance.choice(common)
            else:
                phones = max((self.chance.choice(words) for _ in range(16)), key=self.worth)
            self.said.update(phones)
            cut = syllables(phones)
            # The network wants a space between words; its time is that of the sound before it.
            last = cut[-1]
            ends = last.ends if last.ends < len(last.letters) else last.ends + 1
            cut[-1] = EnglishWord(last.said, last.letters + " ", last.before, last.held, ends)
            drawn += cut
        return drawn
