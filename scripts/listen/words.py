#!/usr/bin/env python3
"""How many words of a sung text Whisper-base hears wrong, or Ziyin's own recogniser.

  words.py TEXT [--keys 57,62,67] [--sing "--singer Yuki"] [--stem lead] [--octave -1]

Sings each line of TEXT on a tune of its own with `ziyin sing` (all lines of a key in one song),
gives each line alone to the judge, and prints the error in percent by key and over all, with the
standard error over lines, which share their tunes between runs: compare runs line by line
(`--lines FILE` writes the errors of each). A line counts no more errors than it has syllables or words: a judge
that loops would count for a whole page. A `-` in a line holds its syllable on for another note, and
`--slow` sings notes of 0.4 to 2 s.

With `--judge ziyin` each song is given to `ziyin listen`, which takes seconds and knows Mandarin (pinyin
without tones) and Japanese (kana); it learned from the singers that ship, so it says how what is sung
changes from one voice to the next rather than what a stranger understands.

The language is that of the text: Mandarin is compared in pinyin without tones, and initials and
finals by themselves; Japanese in kana; Korean in hangul syllables; English in words, where hyphens of
the text part syllables, each of which has a note.

Whisper needs faster-whisper, mido, soundfile, librosa, pypinyin and pykakasi, and the folder of
Whisper-base in CTranslate2's format (`--whisper`, or else $ZIYIN_JUDGE/whisper-base).
"""

import argparse
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import unicodedata

import numpy as np

SECONDS = {"zh": 0.4, "ja": 0.3, "ko": 0.4, "en": 0.35}  # of a note
PROMPT = {"zh": "以下是普通话的句子。", "ja": "日本語の文です。", "ko": "한국어 문장입니다.", "en": "These are English sentences."}
SMALL = "ゃゅょぁぃぅぇぉゎャュョァィゥェォヮ"  # of one note with the kana before; っ has its own
REST = 4  # notes of silence between lines
TICKS = 480


def lines_of(path):
    lines = (line.strip() for line in open(path, encoding="utf8"))
    return [line for line in lines if line and not line.startswith("#")]


def language_of(text):
    if re.search("[가-힣]", text):
        return "ko"
    if re.search("[ぁ-ヿ]", text):
        return "ja"
    return "zh" if re.search("[\u4e00-\u9fff]", text) else "en"


def syllables(line, language):
    """What is laid on one note each; of an English word the whole on its first, `+` on the others."""
    if language == "en":
        words = [word.split("-") if word != "-" else [word] for word in line.split()]
        return [note for parts in words for note in ["".join(parts) or "-"] + ["+"] * (len(parts) - 1)]
    line = re.sub(r"\s", "", line)
    if language != "ja":
        return list(line)
    notes = []
    for kana in line:
        if kana in SMALL and notes:
            notes[-1] += kana
        else:
            notes.append(kana)
    return notes


def tune(line, count):
    """Semitones above the key: begins on it, moves within a fifth, the same for the same line."""
    chance = random.Random(line)
    scale = [-3, -1, 0, 2, 4]
    at = 2
    notes = [scale[at]]
    for _ in range(count - 1):
        at = min(max(at + chance.choice([-2, -1, -1, 0, 1, 1, 2]), 0), len(scale) - 1)
        notes.append(scale[at])
    return notes


def lengths(line, count, slow):
    """How many notes' time each note takes, the same for the same line."""
    chance = random.Random(f"slow {line}")
    return [chance.choice([1, 1, 2, 2, 3, 5]) if slow else 1 for _ in range(count)]


def write_song(path, lines, language, key, slow):
    """One track of all lines; returns the seconds at which each begins and ends."""
    import mido

    song = mido.MidiFile(ticks_per_beat=TICKS, charset="utf8")
    track = mido.MidiTrack()
    song.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=500_000))
    track.append(mido.MetaMessage("track_name", name="lead"))
    note = round(SECONDS[language] * 2 * TICKS)
    wait, at, spans = REST * note, REST, []
    for line in lines:
        words = syllables(line, language)
        times = lengths(line, len(words), slow)
        spans.append((at * SECONDS[language], (at + sum(times)) * SECONDS[language]))
        for word, above, time in zip(words, tune(line, len(words)), times):
            track.append(mido.MetaMessage("lyrics", text=word, time=wait))
            track.append(mido.Message("note_on", note=key + above, velocity=90))
            track.append(mido.Message("note_off", note=key + above, time=time * note))
            wait = 0
        wait = REST * note
        at += sum(times) + REST
    song.save(path)
    return spans


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, p in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, q in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (p != q))
    return row[-1]


def readings(language):
    """From a text to what is compared: by name, lists of units."""
    if language == "zh":
        from pypinyin import Style, lazy_pinyin

        def mandarin(text):
            hanzi = re.sub("[^\u4e00-\u9fff]", "", text)
            return {
                "pinyin": lazy_pinyin(hanzi),
                "initials": lazy_pinyin(hanzi, style=Style.INITIALS, strict=False),
                "finals": lazy_pinyin(hanzi, style=Style.FINALS, strict=False),
            }

        return mandarin
    if language == "ja":
        import pykakasi

        kakasi = pykakasi.kakasi()
        # A particle is written as it is not said.
        particle = str.maketrans("をはへ", "おわえ")

        def japanese(text):
            kana = "".join(word["hira"] for word in kakasi.convert(text))
            return {"kana": list(re.sub("[^ぁ-んー]", "", kana).translate(particle))}

        return japanese
    if language == "en":
        plain = lambda text: text.lower().replace("-", "").replace("’", "'")
        return lambda text: {"words": re.findall("[a-z']+", plain(text))}
    return lambda text: {"syllables": list(re.sub("[^가-힣]", "", unicodedata.normalize("NFC", text)))}


def by_whisper(folder, language, read):
    """Hears the spans of a recording one by one: gives what was said in each, and its units by name."""
    import librosa
    import soundfile
    from faster_whisper import WhisperModel

    judge = WhisperModel(folder, device="cpu", compute_type="int8", local_files_only=True)

    def hear(path, spans):
        sound, rate = soundfile.read(path, always_2d=True)
        sound = librosa.resample(sound.mean(1).astype(np.float32), orig_sr=rate, target_sr=16_000)
        for begin, end in spans:
            part = sound[int(max(begin - 0.4, 0) * 16_000) : int((end + 0.5) * 16_000)]
            found, _ = judge.transcribe(
                part, language=language, beam_size=5, condition_on_previous_text=False,
                without_timestamps=True, initial_prompt=PROMPT[language], temperature=0.0)
            said = "".join(segment.text for segment in found)
            yield said, read(said)

    return hear


def by_ziyin(program, language):
    """The same by `ziyin listen`, in pinyin or kana alone."""
    names = {"zh": "mandarin", "ja": "japanese"}
    if language not in names:
        sys.exit("Ziyin hears Mandarin and Japanese")

    def hear(path, spans):
        with tempfile.TemporaryDirectory(prefix="ziyin-heard-") as folder:
            listen = [program, "listen", path, "--language", names[language], "--json", "-o", f"{folder}/heard.ziyin"]
            told = subprocess.run(listen, check=True, capture_output=True, text=True).stdout
        characters = json.loads(told)["characters"]
        for begin, end in spans:
            said = [one["said"] for one in characters if begin - 0.4 <= one["vowel"] < end + 0.5]
            yield " ".join(said), {"pinyin": said} if language == "zh" else {"kana": list("".join(said))}

    return hear


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text")
    parser.add_argument("--ziyin", default="ziyin", help="the program")
    parser.add_argument("--sing", default="", help="more arguments of `ziyin sing`")
    parser.add_argument("--keys", default="57,62,67", help="MIDI notes that the tunes begin on")
    parser.add_argument("--octave", type=int, default=0, help="octaves that all keys are moved by")
    parser.add_argument("--slow", action="store_true", help="notes of 0.4 to 2 s")
    parser.add_argument("--stem", default="lead", help="which stem is heard")
    parser.add_argument("--keep", help="a folder to leave the songs in")
    parser.add_argument("--lines", help="a JSON file to write the errors of each line to")
    home = os.environ.get("ZIYIN_JUDGE", os.path.expanduser("~/.cache/ziyin-judge"))
    parser.add_argument("--judge", choices=["whisper", "ziyin"], default="whisper")
    parser.add_argument("--whisper", default=f"{home}/whisper-base")
    args = parser.parse_args()

    lines = lines_of(args.text)
    language = language_of("".join(lines))
    read = readings(language)
    whisper = args.judge == "whisper"
    hear = by_whisper(args.whisper, language, read) if whisper else by_ziyin(args.ziyin, language)
    # Gone with what holds it, at the end.
    passing = None if args.keep else tempfile.TemporaryDirectory(prefix="ziyin-words-")
    folder = args.keep or passing.name
    os.makedirs(folder, exist_ok=True)
    table, heard = {}, []
    for key in (int(k) + 12 * args.octave for k in args.keys.split(",")):
        song = f"{folder}/{key}.mid"
        spans = write_song(song, lines, language, key, args.slow)
        sing = [args.ziyin, "sing", song, "--out", f"{folder}/{key}", "--force", *shlex.split(args.sing)]
        subprocess.run(sing, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line, (said, was) in zip(lines, hear(f"{folder}/{key}/{args.stem}.wav", spans)):
            told = read(line)
            capped = lambda unit: min(distance(told[unit], was[unit]), len(told[unit]))
            errors = {unit: (capped(unit), len(told[unit])) for unit in was}
            heard.append({"key": key, "line": line, "heard": said, "errors": errors})
            for unit, counts in errors.items():
                table.setdefault(unit, {}).setdefault(key, []).append(counts)
    if args.lines:
        json.dump(heard, open(args.lines, "w", encoding="utf8"), ensure_ascii=False, indent=1)
    for unit, by_key in table.items():
        # A line is one draw, whatever number of keys it is sung in.
        lines_in_all = np.sum([np.array(rows) for rows in by_key.values()], axis=0)
        wrong, of = lines_in_all.sum(0)
        share = wrong / of
        off = lines_in_all[:, 0] - share * lines_in_all[:, 1]
        error = np.sqrt((off**2).sum() * len(off) / max(len(off) - 1, 1)) / of
        keys = ", ".join(f"{k}: {100 * np.sum(np.array(r)[:, 0]) / np.sum(np.array(r)[:, 1]):.1f}" for k, r in by_key.items())
        print(f"{unit}: {100 * share:.1f} % wrong of {of}, standard error {100 * error:.1f} ({keys})")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.stderr)
