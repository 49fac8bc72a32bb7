"""Kokoro-82M cut into three networks, so that lengths, pitch and energy can be set by hand.

lengths: letters to how many steps of 25 ms each lasts; melody: to pitch (Hz) and energy, two values
a step; sound: to 600 samples a step, at 24 kHz.
"""
import json
import os

import numpy as np
import onnx
import onnxruntime

HOME = os.environ["ZIYIN_TEACHER"]
RATE = 24000
STEP = 600 / RATE
# The tensors at which the network is cut, and their types.
DURATION = "/encoder/Cast_output_0"
PITCH = "/encoder/Squeeze_output_0"
ENERGY = "/encoder/Squeeze_1_output_0"
CUTS = {DURATION: onnx.TensorProto.INT64, PITCH: onnx.TensorProto.FLOAT, ENERGY: onnx.TensorProto.FLOAT}
PARTS = {"lengths": [DURATION], "melody": [PITCH, ENERGY], "sound": ["audio"]}


def cut():
    """Writes the parts of the network beside it: each holds what its outputs need, up to the cuts."""
    whole = onnx.load(f"{HOME}/kokoro.onnx")
    graph = whole.graph
    for name, outputs in PARTS.items():
        cuts = [c for c in CUTS if c not in outputs and not (c == DURATION and name == "lengths")]
        kept, wanted, needed = [], set(outputs), set()
        for node in reversed(graph.node):
            made = [o for o in node.output if o in wanted and o not in cuts]
            if made:
                kept.append(node)
                needed.update(node.input)
                wanted.update(node.input)
        value = onnx.helper.make_tensor_value_info
        inputs = [i for i in graph.input if i.name in needed]
        inputs += [value(c, CUTS[c], [1, None]) for c in cuts if c in needed]
        ends = [value(o, CUTS[o], [1, None]) if o in CUTS else graph.output[0] for o in outputs]
        weights = [w for w in graph.initializer if w.name in needed]
        part = onnx.helper.make_graph(kept[::-1], name, inputs, ends, weights)
        model = onnx.helper.make_model(part, opset_imports=whole.opset_import, ir_version=whole.ir_version)
        onnx.save(model, f"{HOME}/{name}.onnx")


class Network:
    """The three parts, on one core."""

    def __init__(self):
        if not all(os.path.exists(f"{HOME}/{name}.onnx") for name in PARTS):
            cut()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        open_part = lambda name: onnxruntime.InferenceSession(f"{HOME}/{name}.onnx", options, ["CPUExecutionProvider"])
        self.parts = {name: open_part(name) for name in PARTS}
        with open(f"{HOME}/vocab.json", encoding="utf8") as file:
            self.vocabulary = json.load(file)["vocab"]
        self.styles = {}

    def style(self, mixture, count):
        """The voice of a mixture, `{voice: share}`, for a text of so many letters: [1, 256]."""
        key = tuple(mixture.items())
        if key not in self.styles:
            read = lambda voice: np.fromfile(f"{HOME}/voices/{voice}.bin", np.float32).reshape(510, 1, 256)
            # A crowd has another mixture in each recording.
            if len(self.styles) >= 32:
                self.styles.clear()
            total = sum(mixture.values())
            self.styles[key] = sum(np.float32(share / total) * read(voice) for voice, share in mixture.items())
        return self.styles[key][min(count, 509)]

    def run(self, part, letters, mixture, **given):
        tokens = [0, *(self.vocabulary[letter] for letter in letters), 0]
        given |= {"tokens": np.array([tokens], np.int64), "style": self.style(mixture, len(letters))}
        session = self.parts[part]
        return [v.ravel() for v in session.run(None, {i.name: given[i.name] for i in session.get_inputs()})]

    def lengths(self, letters, mixture, speed=1.0):
        """Steps of each letter, the silence before and after among them: [letters + 2]."""
        return self.run("lengths", letters, mixture, speed=np.array([speed], np.float32))[0]

    def melody(self, letters, mixture, lengths):
        """Pitch in Hz (40 and less has no voice) and energy: [2 · steps] each."""
        return self.run("melody", letters, mixture, **{DURATION: lengths[None].astype(np.int64)})

    def sound(self, letters, mixture, lengths, pitch, energy):
        """Samples: [600 · steps]."""
        given = {DURATION: lengths[None].astype(np.int64)}
        given |= {PITCH: pitch[None].astype(np.float32), ENERGY: energy[None].astype(np.float32)}
        return self.run("sound", letters, mixture, **given)[0]
