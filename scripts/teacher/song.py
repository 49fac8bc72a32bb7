"""Lets the teacher sing: vowels begin on the notes, consonants before them, the nucleus is held."""
import numpy as np

from network import STEP

VOICED = 40.0
# The energy that the network gives to silence.
SILENT = -9.6
# The sound of a letter comes this many half steps before its place.
AHEAD = 3
LONGEST_ONSET = 5
LONGEST_CODA = 4
PAUSE = 8
# How far the energy of a held vowel may fall below the line's usual one.
FALL = 1.0
GLIDE = np.hanning(9)[1:-1] / np.hanning(9)[1:-1].sum()


def shortened(lengths, total):
    """Takes steps from the longest until the sum is `total`, none below one."""
    lengths = np.array(lengths, int)
    while lengths.sum() > max(total, len(lengths)):
        lengths[np.argmax(lengths)] -= 1
    return lengths


def sing(network, mixture, words, notes):
    """`notes`: for each word `(steps, MIDI pitch, whether a rest follows)`, or several pitches to one
    word. Gives samples, all words with rests (None) among them, and the steps of every letter."""
    letters = "".join(word.letters for word in words)
    natural = network.lengths(letters, mixture)
    pitch, energy = network.melody(letters, mixture, natural)
    at = np.cumsum([0, *(len(word.letters) for word in words)]) + 1
    onsets = [shortened(natural[a:a + w.vowel], LONGEST_ONSET) for a, w in zip(at, words)]
    sung, lengths, tune = [], [PAUSE], [np.full(2 * PAUSE, notes[0][1][0])]
    for i, (word, (steps, pitches, rest)) in enumerate(zip(words, notes)):
        last = i + 1 == len(words)
        body = natural[at[i] + word.vowel:at[i + 1]].astype(int)
        body = np.minimum(body, LONGEST_CODA)
        following = 0 if rest or last else int(onsets[i + 1].sum())
        body = shortened(body, steps - following)
        body[word.nucleus - word.vowel] += max(0, steps - following - int(body.sum()))
        lengths += [*onsets[i], *body]
        sung.append(word)
        tune.append(np.full(2 * int(onsets[i].sum()), pitches[0]))
        tune += [np.full(len(part), p) for p, part in zip(pitches, np.array_split(np.arange(2 * int(body.sum())), len(pitches)))]
        if rest and not last:
            sung.append(None)
            lengths.append(PAUSE)
            tune.append(np.full(2 * PAUSE, notes[i + 1][1][0]))
    lengths.append(PAUSE)
    tune.append(np.full(2 * PAUSE, notes[-1][1][-1]))
    lengths = np.array(lengths, int)
    tune = np.roll(np.concatenate(tune), AHEAD - 2)
    held_pitch, held_energy = drawn_out(sung, natural, lengths, pitch, energy)
    smooth = np.convolve(np.pad(tune, 3, "edge"), GLIDE, "valid")
    hz = np.where(held_pitch > VOICED, 440.0 * 2.0 ** ((smooth - 69.0) / 12.0), held_pitch)
    all_letters = "".join(word.letters if word else " " for word in sung)
    return network.sound(all_letters, mixture, lengths, hz, held_energy), sung, lengths


def drawn_out(sung, natural, lengths, pitch, energy):
    """Pitch and energy of the spoken line, letter by letter drawn out to the sung lengths: asked for
    such lengths itself, the network lets the voice die on long notes."""
    from_places = 2 * np.concatenate([[0], np.cumsum(natural)]).astype(int)
    to_places = 2 * np.concatenate([[0], np.cumsum(lengths)]).astype(int)
    new_pitch = np.zeros(to_places[-1])
    new_energy = np.full(to_places[-1], SILENT)
    vowels, read, write = [], 1, 1
    for word in sung:
        if word is None:
            write += 1
            continue
        for k in range(len(word.letters)):
            place = np.linspace(from_places[read + k], from_places[read + k + 1] - 1,
                                to_places[write + k + 1] - to_places[write + k])
            span = slice(to_places[write + k], to_places[write + k + 1])
            new_pitch[span] = pitch[np.round(place).astype(int)]
            new_energy[span] = np.interp(place, np.arange(len(energy)), energy)
        vowels.append((to_places[write + word.vowel], to_places[write + len(word.letters)], to_places[write]))
        read, write = read + len(word.letters), write + len(word.letters)
    usual = np.median([new_energy[a:b].max() for a, b, _ in vowels])
    for i, (begin, end, first) in enumerate(vowels):
        before_rest = i + 1 == len(vowels) or vowels[i + 1][2] > end
        stop = max(begin + 1, end - (AHEAD if before_rest else 2 * AHEAD))
        least = np.full(stop - begin, max(usual, new_energy[begin:stop].max()) - FALL)
        if before_rest:
            fade = min(6, stop - begin)
            least[-fade:] = np.linspace(least[0], 0.0, fade)
            new_pitch[stop:end], new_energy[stop:end] = 0.0, SILENT
            quiet = new_energy[stop:stop + 4]
            quiet[:] = np.linspace(new_energy[stop - 1], SILENT, len(quiet) + 2)[1:-1]
        new_pitch[begin:stop] = np.maximum(new_pitch[begin:stop], VOICED + 1)
        new_energy[begin:stop] = np.maximum(new_energy[begin:stop], least)
        if i == 0 or vowels[i - 1][1] < first:
            rise = new_energy[max(0, first - 6):first]
            rise[:] = np.linspace(SILENT, new_energy[first], len(rise) + 2)[1:-1]
    return new_pitch, new_energy
