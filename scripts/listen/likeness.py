#!/usr/bin/env python3
"""How like singers are to a voice, by the cosine of GE2E embeddings: the same singer 0.9 and more, two of one
kind up to 0.87.

  likeness.py RECORDING... --singer NAME|FILE.singer ... [--text TEXT] [--key 62]

RECORDINGs are of the voice, others than a clone was made from. Each SINGER sings the lines of TEXT, as
`words.py` lays them on tunes, at the octave of the key that is nearest to the pitch of the recordings (`--key`
moves it by octaves alone; `--octave` gives it). Prints a line for each singer, the likest first.

Needs mido, soundfile and librosa, and for GE2E either the package `resemblyzer`, or a module `speaker_encoder`
on the path of Python whose `GE2E(WEIGHTS).embed(samples at 16 kHz)` gives the vector, with the weights in
$ZIYIN_JUDGE/pretrained.pt.
"""

import argparse
import hashlib
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

from words import language_of, lines_of, write_song

RATE = 16_000
RESTS = 0.15  # longest silence in seconds that stays in what is embedded


def open_encoder(weights):
    """A function from samples to a vector of length 1."""
    try:
        from speaker_encoder import GE2E

        return GE2E(weights).embed
    except ImportError:
        from resemblyzer import VoiceEncoder

        return VoiceEncoder("cpu", verbose=False).embed_utterance


def read(path):
    import librosa
    import soundfile

    samples, rate = soundfile.read(path, always_2d=True)
    return librosa.resample(samples.mean(1).astype(np.float32), orig_sr=rate, target_sr=RATE)


def without_rests(samples):
    """Silence says nothing of who sings."""
    import librosa

    parts = librosa.effects.split(samples, top_db=40, frame_length=1024, hop_length=256)
    edge = int(RESTS / 2 * RATE)
    return np.concatenate([samples[max(a - edge, 0) : b + edge] for a, b in parts])


def pitch_of(samples):
    """The median MIDI pitch."""
    import librosa

    hz = librosa.yin(samples[: 30 * RATE], fmin=70, fmax=900, sr=RATE)
    level = librosa.feature.rms(y=samples[: 30 * RATE])[0][: len(hz)]
    return float(np.median(librosa.hz_to_midi(hz[: len(level)][level > 0.2 * level.max()])))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="+")
    parser.add_argument("--singer", action="append", default=[], help="a name or a file; may be repeated")
    home = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--text", default=f"{home}/mandarin-more.txt")
    parser.add_argument("--lines", type=int, default=8, help="so many lines of the text")
    parser.add_argument("--key", type=int, default=62)
    parser.add_argument("--octave", type=int, help="octaves from the key, if they are not to be found")
    parser.add_argument("--ziyin", default="ziyin", help="the program")
    parser.add_argument("--sing", default="", help="more arguments of `ziyin sing`")
    parser.add_argument("--keep", help="a folder to leave the songs in; one that lies there is not sung again")
    judge = os.environ.get("ZIYIN_JUDGE", os.path.expanduser("~/.cache/ziyin-judge"))
    parser.add_argument("--weights", default=f"{judge}/pretrained.pt")
    args = parser.parse_args()

    embed = open_encoder(args.weights)
    voices = [without_rests(read(path)) for path in args.recordings]
    voice = np.concatenate(voices)
    octave = args.octave
    if octave is None:
        octave = round((pitch_of(voice) - args.key) / 12)
    key = args.key + 12 * octave
    beside = embed(voice)
    passing = None if args.keep else tempfile.TemporaryDirectory(prefix="ziyin-likeness-")
    folder = args.keep or passing.name
    os.makedirs(folder, exist_ok=True)
    song = f"{folder}/{key}.mid"
    lines = lines_of(args.text)[: args.lines]
    write_song(song, lines, language_of("".join(lines)), key, False)
    found = []
    for singer in args.singer:
        of = hashlib.sha1(open(singer, "rb").read() if os.path.isfile(singer) else singer.encode()).hexdigest()[:12]
        out = f"{folder}/{key}-{of}"
        if not os.path.exists(f"{out}/lead.wav"):
            sing = [args.ziyin, "sing", song, "--out", out, "--force", "--singer", singer, *shlex.split(args.sing)]
            subprocess.run(sing, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        found.append((float(embed(without_rests(read(f"{out}/lead.wav"))) @ beside), singer))
    for likeness, singer in sorted(found, reverse=True):
        print(f"{likeness:.3f} {singer}, on {key}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.stderr)
