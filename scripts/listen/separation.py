#!/usr/bin/env python3
"""How well vocals come out of mixtures whose parts are known, by SI-SDR (Le Roux and others, 2019).

  separation.py mix MIXTURES --voice FOLDER... --song FILE.mid... [--seconds 24] [--each 6]
  separation.py judge MIXTURES [--separated FOLDER]
  separation.py render OUT --song FILE.mid...

`mix` renders each SONG with fluidsynth (Debian: fluidsynth, fluid-soundfont-gm) and lays recordings from each
FOLDER over it, one after the other and in the middle, as loud as it (0 dB) together: MIXTURES/NAME/mix.wav,
vocals.wav, accompaniment.wav. `judge` runs `ziyin separate` on each mix into MIXTURES/NAME/ziyin, unless
FOLDER/NAME holds what another program made of them, and prints dB for both parts; a mix that is left as it is
has 0. `render` writes each SONG as OUT/NAME.wav: music to train a separator with. Needs numpy, scipy and soundfile.
"""

import argparse
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

RATE = 44_100
FONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
PAUSE = 0.25  # seconds between two recordings


def read(path):
    """Both sides at RATE, `[samples, 2]`."""
    samples, rate = soundfile.read(path, always_2d=True, dtype="float32")
    part = math.gcd(rate, RATE)
    samples = resample_poly(samples, RATE // part, rate // part, axis=0) if rate != RATE else samples
    return samples[:, [0, -1]]


def rendered(song):
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "song.wav"
        subprocess.run(["fluidsynth", "-ni", "-g", "0.6", "-r", str(RATE), "-F", wav, FONT, song],
                       check=True, capture_output=True)  # fmt: skip
        return read(wav)


def voice_line(files, seconds, chance):
    """Recordings one after the other, each as loud as the others."""
    line, length = [], 0
    while length < seconds * RATE:
        one = read(chance.choice(files)).mean(1)
        loud = np.flatnonzero(np.abs(one) > 0.02 * np.abs(one).max())
        if len(loud) == 0:
            continue
        one = one[loud[0] : loud[-1] + 1]
        line += [0.1 * one / np.sqrt(np.mean(one**2)), np.zeros(int(PAUSE * RATE), np.float32)]
        length += len(line[-2]) + len(line[-1])
    return np.concatenate(line)[: int(seconds * RATE)]


def mix(arguments):
    chance = random.Random(arguments.seed)
    voices = {Path(folder).name: sorted(Path(folder).rglob("*.wav")) for folder in arguments.voice}
    songs = {Path(song).stem: rendered(song) for song in arguments.song}
    for voice, files in voices.items():
        for number in range(arguments.each):
            name, song = list(songs.items())[number % len(songs)]
            line = voice_line(files, arguments.seconds, chance)
            start = chance.randrange(max(len(song) - len(line), 1))
            song = song[start : start + len(line)]
            line = np.stack([line[: len(song)]] * 2, 1)
            song = song * np.sqrt(np.mean(line**2) / np.mean(song**2))
            gain = 0.9 / np.abs(line + song).max()
            folder = Path(arguments.mixtures) / f"{voice}-{number}-{name}"
            folder.mkdir(parents=True, exist_ok=True)
            for part, samples in [("mix", line + song), ("vocals", line), ("accompaniment", song)]:
                soundfile.write(folder / f"{part}.wav", gain * samples, RATE, subtype="PCM_24")
            print(folder)


def render(arguments):
    Path(arguments.out).mkdir(parents=True, exist_ok=True)
    for song in arguments.song:
        samples = rendered(song)
        if samples.any():
            soundfile.write(Path(arguments.out) / f"{Path(song).stem}.wav", samples, RATE, subtype="PCM_16")


def si_sdr(found, truth):
    """dB, both sides as one."""
    length = min(len(found), len(truth))
    found, truth = found[:length].ravel().astype(np.float64), truth[:length].ravel().astype(np.float64)
    target = truth * (found @ truth) / (truth @ truth)
    return 10 * np.log10((target @ target) / ((found - target) @ (found - target)))


def judge(arguments):
    figures = []
    for folder in sorted(path.parent for path in Path(arguments.mixtures).glob("*/mix.wav")):
        made = Path(arguments.separated, folder.name) if arguments.separated else folder / "ziyin"
        if not arguments.separated:
            subprocess.run([arguments.program, "separate", folder / "mix.wav", "--out", made, "--force"],
                           check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        row = []
        for part in ["vocals", "accompaniment"]:
            found = [path for path in made.glob(f"*{part}.wav")]
            truth = read(folder / f"{part}.wav")
            row.append(si_sdr(read(found[0]), truth) if found else math.nan)
        figures.append(row)
        print(f"{folder.name:50} {row[0]:6.2f} {row[1]:6.2f}")
    if not figures:
        sys.exit("there are no mixtures")
    mean, median = np.mean(figures, 0), np.median(figures, 0)
    print(f"{'mean':50} {mean[0]:6.2f} {mean[1]:6.2f}\n{'median':50} {median[0]:6.2f} {median[1]:6.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(required=True)
    make = parts.add_parser("mix")
    make.add_argument("mixtures")
    make.add_argument("--voice", nargs="+", required=True)
    make.add_argument("--song", nargs="+", required=True)
    make.add_argument("--seconds", type=float, default=24)
    make.add_argument("--each", type=int, default=6)
    make.add_argument("--seed", type=int, default=1)
    make.set_defaults(run=mix)
    tell = parts.add_parser("judge")
    tell.add_argument("mixtures")
    tell.add_argument("--separated")
    tell.add_argument("--program", default="ziyin")
    tell.set_defaults(run=judge)
    sound = parts.add_parser("render")
    sound.add_argument("out")
    sound.add_argument("--song", nargs="+", required=True)
    sound.set_defaults(run=render)
    arguments = parser.parse_args()
    arguments.run(arguments)


main()
