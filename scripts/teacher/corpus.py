"""Writes a corpus of speech and song with the exact place of every character.

    teach OUT [--minutes M] [--spoken SHARE] [--singers A,B] [--languages mandarin,japanese | english]

`OUT` gets a folder of WAVs (24 kHz) for each singer and `recordings.jsonl`, a line for each recording:
its file, singer, language, whether it is sung, and the characters with their places in seconds. Three
quarters of the minutes are spoken (`--spoken`), the others sung near each singer's own pitch. The same
command gives the same corpus.

Kokoro-82M by hexgrad, weights and voices, is Apache-2.0. Every singer is a mixture of its voices. The
singer `Crowd` is another mixture in each recording, and says what people write at the speed of talk:
from it a recogniser learns to hear strangers.
"""
import argparse
import json
import multiprocessing
import os
import random
from functools import cache

import numpy as np
import soundfile

from english import English
from lines import Japanese, Mandarin, Talk, Word, common_syllables
from network import HOME, RATE, STEP, Network
from song import AHEAD, VOICED, sing

SINGERS = {
    "Qinglan": {"zf_xiaobei": 0.6, "zf_xiaoxiao": 0.4},
    "Ruoyin": {"zf_xiaoxiao": 0.5, "jf_alpha": 0.5},
    "Zhixia": {"zf_xiaoyi": 0.5, "zf_xiaoxiao": 0.5},
    "Haruka": {"zf_xiaobei": 0.65, "jf_gongitsune": 0.35},
    "Suwan": {"zf_xiaoxiao": 0.6, "bf_emma": 0.4},
    "Mingche": {"zm_yunxi": 0.5, "zm_yunjian": 0.5},
    "Boran": {"zm_yunjian": 0.6, "am_michael": 0.4},
    "Heyuan": {"zm_yunjian": 0.5, "am_puck": 0.5},
    "Tatsuya": {"zm_yunxi": 0.5, "jm_kumo": 0.5},
    "Yichen": {"zm_yunxi": 0.6, "bm_george": 0.4},
}
CROWD = "Crowd"
# Voices that learned Mandarin and are heard well; of the others none that Suwan or Yichen is made of.
NATIVE = ["zf_xiaobei", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia"]
UNHEARD = {"bf_emma", "bm_george", "zf_xiaoni", "zm_yunyang"}
LANGUAGES = {"english", "japanese", "mandarin"}
PAUSE = Word("", ",")
SCALE = [-5, -3, -1, 0, 2, 4, 7]


# One for each process.
network = cache(Network)


def somebody(chance):
    """A mixture by chance: a voice that learned Mandarin, and one or two of any."""
    voices = sorted({file[:-4] for file in os.listdir(f"{HOME}/voices") if file.endswith(".bin")} - UNHEARD)
    own = chance.uniform(0.3, 1.0)
    mixture = {chance.choice(NATIVE): own}
    for voice in chance.sample(voices, chance.choice([1, 2])):
        mixture[voice] = mixture.get(voice, 0.0) + (1.0 - own) * chance.uniform(0.3, 1.0)
    return mixture


@cache
def middle_pitch(mixture):
    """The MIDI pitch at which a mixture speaks, given as pairs of voice and share."""
    mixture = dict(mixture)
    words = Mandarin(random.Random(0)).phrase() + Mandarin(random.Random(1)).phrase()
    letters = "".join(word.letters for word in words)
    pitch, _ = network().melody(letters, mixture, network().lengths(letters, mixture))
    return 69.0 + 12.0 * np.log2(np.median(pitch[pitch > VOICED]) / 440.0)


def spoken(network, mixture, lines, chance, speeds):
    """Two or three phrases, slower than the network would, and as if recited: the pitch moved by some
    semitones and flattened. It holds vowels better so than in song. Talk is quicker, and as the network
    would have it."""
    words = []
    for _ in range(chance.randint(2, 3)):
        words += lines.phrase() + [PAUSE]
    words[-1] = Word("", ".")
    letters = "".join(word.letters for word in words)
    lengths = network.lengths(letters, mixture, chance.uniform(*speeds))
    talk = isinstance(lines, Talk)
    if talk:
        lengths = hurried(lengths, words, lines)
    pitch, energy = network.melody(letters, mixture, lengths)
    voiced = pitch > VOICED
    middle = np.median(pitch[voiced])
    moved = 2.0 ** (chance.uniform(-4.0, 5.0) / 12.0) * middle
    pitch[voiced] = moved * (pitch[voiced] / middle) ** chance.uniform(0.7 if talk else 0.2, 1.0)
    samples = network.sound(letters, mixture, lengths, pitch, energy)
    return samples, [word if word.said else None for word in words], lengths


def hurried(lengths, words, lines):
    """The steps of each letter where some characters are said in less time than others."""
    shares = [1.0]
    for word in words:
        shares += [lines.hurry(word) if word.said else 1.0] * len(word.letters)
    return np.maximum(1, np.round(lengths * np.array([*shares, 1.0]))).astype(lengths.dtype)


def sung(network, mixture, lines, chance, middle):
    """Two phrases on a tune of seven tones around a pitch, some words on two or three notes."""
    words, notes, place = [], [], 3
    key = round(middle) + chance.randint(-3, 4)
    quick = chance.choice([10, 12, 14, 18])
    for _ in range(2):
        phrase = lines.phrase()
        for i, word in enumerate(phrase):
            place = min(max(place + chance.choice([-2, -1, -1, 0, 1, 1, 2]), 0), len(SCALE) - 1)
            pitches = [key + SCALE[place]]
            last = i + 1 == len(phrase)
            steps = chance.choice([quick, quick, 2 * quick]) * (3 if last else 1)
            if steps > quick and chance.random() < 0.3:
                pitches.append(key + SCALE[max(0, place - 1)])
            notes.append((steps, pitches, last))
        words += phrase
    return sing(network, mixture, words, notes)


def places(words, lengths):
    """Where each character lies, in seconds; rests are null. `vowel` is where the vowel or its glide
    begins, `coda` where the nucleus ends."""
    at = (np.cumsum(lengths) - AHEAD / 2) * STEP
    found, k = [], 0
    for word in words:
        if word is None:
            found.append(None)
            k += 1
            continue
        edge = lambda i: round(float(at[k + i]), 4)
        found.append({"said": word.said, "start": edge(0), "vowel": edge(word.vowel), "coda": edge(word.coda),
                      "end": edge(len(word.letters))})
        k += len(word.letters)
    return found


def drawn_from(language, singer, seed, chance):
    if singer == CROWD and language == "mandarin" and chance.random() < 0.7:
        return Talk(chance)
    if language == "english":
        return English(random.Random(seed))
    return Japanese(random.Random(seed)) if language == "japanese" else Mandarin(chance, common_syllables())


def record(task):
    """One recording; its line of `recordings.jsonl`."""
    out, singer, kind, number, languages = task
    seed = f"{singer} {kind} {number}"
    chance = random.Random(seed)
    mixture = somebody(chance) if singer == CROWD else SINGERS[singer]
    language = languages[0] if number % 4 < 3 else languages[-1]
    lines = drawn_from(language, singer, seed, chance)
    if kind == "sung":
        samples, words, lengths = sung(network(), mixture, lines, chance, middle_pitch(tuple(mixture.items())))
    else:
        speeds = (0.8, 1.7) if isinstance(lines, Talk) else (0.65, 1.3) if singer == CROWD else (0.55, 0.95)
        samples, words, lengths = spoken(network(), mixture, lines, chance, speeds)
    file = f"{singer}/{kind}-{number:04d}.wav"
    soundfile.write(f"{out}/{file}", samples / max(1.0, abs(samples).max()), RATE, subtype="PCM_16")
    line = {"audio": file, "singer": singer, "language": lines.language, "sung": kind == "sung",
            "characters": places(words, lengths)}
    return line, len(samples) / RATE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=420.0, help="of sound, all singers together")
    parser.add_argument("--spoken", type=float, default=0.75, help="share of the minutes that is spoken")
    parser.add_argument("--singers", default=",".join(SINGERS))
    parser.add_argument("--languages", default="mandarin,japanese",
                        help="three of four recordings are in the first, the others in the last")
    arguments = parser.parse_args()
    languages = arguments.languages.split(",")
    if not 1 <= len(languages) <= 2 or not set(languages) <= LANGUAGES:
        parser.error(f"one or two of {', '.join(sorted(LANGUAGES))}")
    singers = arguments.singers.split(",")
    unknown = [singer for singer in singers if singer != CROWD and singer not in SINGERS]
    if unknown:
        parser.error(f"no such singer: {', '.join(unknown)}")
    index = f"{arguments.out}/recordings.jsonl"
    done, seconds = set(), dict.fromkeys([(s, k) for s in singers for k in ("spoken", "sung")], 0.0)
    for singer in singers:
        os.makedirs(f"{arguments.out}/{singer}", exist_ok=True)
    if os.path.exists(index):
        with open(index, encoding="utf8") as file:
            for line in map(json.loads, file):
                done.add(line["audio"])
                kind = "sung" if line["sung"] else "spoken"
                if (line["singer"], kind) in seconds:
                    seconds[line["singer"], kind] += soundfile.info(f"{arguments.out}/{line['audio']}").duration
    share = 60.0 * arguments.minutes / len(singers)
    spoken_share = min(max(arguments.spoken, 0.0), 1.0)
    wanted = {(s, k): share * (1.0 - spoken_share if k == "sung" else spoken_share) for s, k in seconds}
    # The network is cut once, before several processes would; each then opens its own.
    Network()
    with multiprocessing.Pool() as pool, open(index, "a", encoding="utf8") as file:
        number = 0
        while any(seconds[key] < wanted[key] for key in wanted):
            tasks = [(arguments.out, s, k, n, languages) for n in range(number, number + 4) for s, k in wanted
                     if seconds[s, k] < wanted[s, k] and f"{s}/{k}-{n:04d}.wav" not in done]
            for line, length in pool.imap(record, tasks):
                seconds[line["singer"], "sung" if line["sung"] else "spoken"] += length
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            number += 4
            print(f"{sum(seconds.values()) / 60:.1f} of {arguments.minutes:g} minutes", flush=True)


if __name__ == "__main__":
    main()
