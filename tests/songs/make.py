#!/usr/bin/env python3
"""Writes the small songs of this folder: one melody in every kind of file that is read.

Four notes (C4 D4 E4, a rest, G4) at 90 bpm in 3/4, with a pitch curve, a vibrato, a second
part that is muted and a mix, as far as each kind can say so. `tests/house/songs.rs` reads them
and starts its fuzzing from them.
"""
import io
import json
import struct
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Onset and length in quarters, key, lyric.
LEAD = [(0, 1, 60, "ど"), (1, 1, 62, "れ"), (2, 1, 64, "み"), (4, 2, 67, "そ")]
SECOND = [(0, 3, 48, "ら")]


def write(name, content):
    data = content.encode() if isinstance(content, str) else content
    (HERE / name).write_bytes(data)


# ------------------------------------------------------------------ Ziyin

note = lambda i, n: f'        {{"id":{i},"onset":{n[0] * 960},"length":{n[1] * 960},"pitch":{n[2]},"lyric":"{n[3]}"}}'
notes = lambda part: ",\n".join(note(i + 1, n) for i, n in enumerate(part))
write("small.ziyin", f'''{{
  "ziyin": 6,
  "title": "Small",
  "tempo": [
    {{"tick":0,"micros_per_quarter":666667}},
    {{"tick":3840,"micros_per_quarter":500000}}
  ],
  "meter": [
    {{"tick":0,"beats":3,"unit":4}}
  ],
  "key": {{"tonic":0,"scale":"major"}},
  "backings": [
    {{"path":"none.wav","gain_db":-3.0,"pan":-0.5,"offset_us":250000,"mute":true}}
  ],
  "tracks": [
    {{
      "id": 1,
      "name": "Lead",
      "singer": null,
      "language": "japanese",
      "inflection": 0.5,
      "gain_db": -1.5,
      "pan": 0.25,
      "mute": false,
      "solo": false,
      "colour": [91,155,213],
      "harmonies": [
        {{"kind":{{"interval":{{"degrees":2,"tonic":0,"scale":"major"}}}},"gain_db":-6.0,"pan":0.5,"mute":false,"humanise":0.3,"delay":0.02}}
      ],
      "curves": {{
        "pitch": [
          {{"tick":0,"value":0.0}},
          {{"tick":480,"value":50.0}}
        ],
        "loudness": [
          {{"tick":960,"value":-6.0}}
        ]
      }},
      "notes": [
{notes(LEAD)}
      ]
    }},
    {{
      "id": 2,
      "name": "Second",
      "mute": true,
      "notes": [
        {{"id":1,"onset":0,"length":2880,"pitch":48,"lyric":"ら","pronunciation":"ra","vibrato":{{"depth_cents":30.0,"period_ms":180.0,"onset":0.4}},"levels":{{"attack_db":3.0,"body_db":0.0,"release_db":-2.0}},"manner":"soft"}}
      ]
    }}
  ]
}}
''')

# ------------------------------------------------------------------ MIDI


def varlen(value):
    out = [value & 127]
    while value > 127:
        value >>= 7
        out.insert(0, value & 127 | 128)
    return bytes(out)


def meta(kind, data):
    return bytes([255, kind]) + varlen(len(data)) + data


def chunk(events):
    """Events as (tick, bytes)."""
    body, now = b"", 0
    for tick, event in sorted(events, key=lambda e: e[0]):
        body += varlen(tick - now) + event
        now = tick
    body += b"\0\xff\x2f\0"
    return b"MTrk" + struct.pack(">I", len(body)) + body


def midi(tracks):
    return b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), 480) + b"".join(map(chunk, tracks))


def melody(part, channel, words=True):
    events = []
    for onset, length, key, lyric in part:
        at = onset * 480
        if words:
            events.append((at, meta(5, lyric.encode())))
        events.append((at, bytes([0x90 | channel, key, 90])))
        events.append(((onset + length) * 480 - 1e-6, bytes([0x80 | channel, key, 0])))
    return [(round(t), e) for t, e in sorted(events, key=lambda e: e[0])]


CONDUCTOR = [
    (0, meta(3, b"Small")), (0, meta(0x51, (666667).to_bytes(3, "big"))), (0, meta(0x58, bytes([3, 2, 24, 8]))),
    (1920, meta(0x51, (500000).to_bytes(3, "big"))),
]
BENDS = [(0, b"\xe0\0\x40"), (480, b"\xe0\0\x50"), (960, b"\xe0\0\x40"), (0, b"\xb0\x07\x64")]
write("small.mid", midi([CONDUCTOR, [(0, meta(3, b"Lead"))] + BENDS + melody(LEAD, 0), [(0, meta(3, b"Bass"))] + melody(SECOND, 1, False)]))
TEXTS = [(0, meta(3, b"Words")), (0, meta(1, b"@KMIDI KARAOKE FILE")), (0, meta(1, b"@LJAPA")), (0, meta(1, b"@TSmall"))] + [
    (onset * 480, meta(1, (b"\\" if onset == 0 else b"") + lyric.encode("shift_jis"))) for onset, _, _, lyric in LEAD
]
write("small.kar", midi([CONDUCTOR, [(0, meta(3, b"Melody"))] + melody(LEAD, 0, False), TEXTS]))

# ------------------------------------------------------------------ UTAU, OpenUtau

ust = ["[#VERSION]", "UST Version1.2", "[#SETTING]", "Tempo=90.00", "ProjectName=Small", r"VoiceDir=%VOICE%bank", "Mode2=True"]
places = [(0, 1, 60, "ど"), (1, 1, 62, "れ"), (2, 1, 64, "み"), (3, 1, 60, "R"), (4, 2, 67, "そ")]
for i, (onset, length, key, lyric) in enumerate(places):
    ust += [f"[#{i:04}]", f"Length={length * 480}", f"Lyric={lyric}", f"NoteNum={key}", "Intensity=100", "PBS=-40", "PBW=80", "PBY=0"]
    if key == 64:
        ust += ["VBR=65,180,35,20,20,0,0", "Envelope=0,5,35,0,100,100,0"]
    if key == 67:
        ust += ["Tempo=120"]
write("small.ust", "\r\n".join(ust + ["[#TRACKEND]", ""]).encode("shift_jis"))

ustx = '''name: Small
ustx_version: "0.6"
resolution: 480
bpm: 90
time_signatures:
- bar_position: 0
  beat_per_bar: 3
  beat_unit: 4
tempos:
- position: 0
  bpm: 90
- position: 1920
  bpm: 120
tracks:
- phonemizer: OpenUtau.Core.DefaultPhonemizer
  track_name: Lead
  singer: bank
  volume: -1.5
  pan: 25
- phonemizer: OpenUtau.Plugin.Builtin.JapaneseVCVPhonemizer
  track_name: Second
  mute: true
voice_parts:
'''
for number, part in enumerate([LEAD, SECOND]):
    ustx += f"- name: part\n  track_no: {number}\n  position: 0\n  notes:\n"
    for onset, length, key, lyric in part:
        ustx += f'''  - position: {onset * 480}
    duration: {length * 480}
    tone: {key}
    lyric: {lyric}
    pitch:
      data:
      - {{x: -40, y: 0, shape: io}}
      - {{x: 40, y: 0, shape: io}}
      snap_first: true
    vibrato: {{length: {50 if key == 64 else 0}, period: 175, depth: 25, in: 10, out: 10, shift: 0, drift: 0, vol_link: 0}}
    phoneme_expressions: []
    phoneme_overrides: []
'''
ustx += '''  curves:
  - xs: [0, 240, 480]
    ys: [0, 50, 0]
    abbr: pitd
  - xs: [0, 480]
    ys: [-30, 20]
    abbr: dyn
wave_parts: []
'''
write("small.ustx", ustx)

# ------------------------------------------------------------------ Synthesizer V

BLICK = 705_600_000


def svp_group(uuid, part):
    notes = [
        {"onset": o * BLICK, "duration": l * BLICK, "lyrics": w, "phonemes": "", "pitch": k, "detune": 0,
         "attributes": {"dF0Vbr": 0.6, "fF0Vbr": 5.5, "tF0VbrStart": 0.25} if k == 64 else {}}
        for o, l, k, w in part
    ]
    curve = lambda points: {"mode": "cubic", "points": points}
    parameters = {
        "pitchDelta": curve([0, 0, BLICK // 2, 50, BLICK, 0]), "loudness": curve([0, -3, 2 * BLICK, 2]),
        "tension": curve([]), "breathiness": curve([BLICK, 0.2]), "gender": curve([0, 0.1]),
    }
    return {"name": "g", "uuid": uuid, "notes": notes, "parameters": parameters}


def svp_track(name, group, order, groups, mute=False):
    reference = {"groupID": group["uuid"], "blickOffset": 0, "pitchOffset": 0, "isInstrumental": False,
                 "database": {"name": "Voice", "language": "japanese", "languageOverride": ""}, "voice": {}}
    return {"name": name, "dispColor": "ff7db235", "dispOrder": order, "mixer": {"gainDecibel": -1.5, "pan": 0.25, "mute": mute, "solo": False},
            "mainGroup": group, "mainRef": reference, "groups": groups}


library = svp_group("b", [LEAD[3]])
library["notes"][0]["onset"] = 0
lead = svp_track("Lead", svp_group("a", LEAD[:3]), 0, [{"groupID": "b", "blickOffset": 4 * BLICK, "pitchOffset": 0}])
second = svp_track("Second", svp_group("c", SECOND), 1, [], True)
svp = {
    "version": 113,
    "time": {"meter": [{"index": 0, "numerator": 3, "denominator": 4}],
             "tempo": [{"position": 0, "bpm": 90}, {"position": 4 * BLICK, "bpm": 120}]},
    "library": [library], "tracks": [lead, second], "renderConfig": {},
}
write("small.svp", json.dumps(svp, ensure_ascii=False, separators=(",", ":")).encode() + b"\0")

# ------------------------------------------------------------------ VOCALOID

vpr_notes = lambda part: [
    {"lyric": w, "phoneme": "a", "isProtected": False, "pos": o * 480, "duration": l * 480, "number": k, "velocity": 64,
     "exp": {"opening": 127}, "vibrato": {"type": 1 if k == 64 else 0, "duration": 240 if k == 64 else 0}}
    for o, l, k, w in part
]
vpr_part = lambda part: {
    "pos": 0, "duration": 2880, "voice": {"compID": "V1", "langID": 0}, "notes": vpr_notes(part),
    "controllers": [{"name": "pitchBend", "events": [{"pos": 0, "value": 0}, {"pos": 240, "value": 2048}, {"pos": 480, "value": 0}]},
                    {"name": "pitchBendSens", "events": [{"pos": 0, "value": 4}]}, {"name": "dynamics", "events": [{"pos": 0, "value": 64}]}],
}
fader = lambda value: {"events": [{"pos": 0, "value": value}]}
vpr_track = lambda name, part, muted: {"type": 0, "name": name, "isMuted": muted, "isSoloMode": False, "volume": fader(-15),
                                       "panpot": fader(16), "parts": [vpr_part(part)]}
vpr = {
    "title": "Small", "vender": "Yamaha Corporation", "version": {"major": 5},
    "masterTrack": {"tempo": {"global": {"isEnabled": False, "value": 12000}, "events": [{"pos": 0, "value": 9000}, {"pos": 1920, "value": 12000}]},
                    "timeSig": {"events": [{"bar": 0, "numer": 3, "denom": 4}]}, "volume": fader(0)},
    "voices": [{"compID": "V1", "name": "Voice"}],
    "tracks": [vpr_track("Lead", LEAD, False), vpr_track("Second", SECOND, True)],
}


def pack(name, files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            info = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    write(name, buffer.getvalue())


pack("small.vpr", [("Project/sequence.json", json.dumps(vpr, ensure_ascii=False))])


def vsqx(version):
    four = version == 4
    n = dict(zip(
        ["no", "part", "tick", "dur", "key", "lyric", "phon", "cc", "value", "style", "bend", "range", "bar", "nu", "de", "bpm", "bs", "pc", "voice", "mute", "solo", "name"],
        ["tNo", "vsPart", "t", "dur", "n", "y", "p", "cc", "v", "nStyle", "P", "S", "m", "nu", "de", "v", "bs", "pc", "name", "m", "s", "name"] if four else
        ["vsTrackNo", "musicalPart", "posTick", "durTick", "noteNum", "lyric", "phnms", "mCtrl", "attr", "noteStyle", "PIT", "PBS", "posMes", "nume", "denomi", "bpm", "vBS", "vPC", "vVoiceName", "mute", "solo", "trackName"]))
    tag = lambda name, text: f"<{name}>{text}</{name}>"
    out = f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<vsq{version} xmlns="http://www.yamaha.co.jp/vocaloid/schema/vsq{version}/">\n'
    out += "<vVoiceTable><vVoice>" + tag(n["bs"], 0) + tag(n["pc"], 0) + tag(n["voice"], "<![CDATA[Voice]]>") + "</vVoice></vVoiceTable>\n<mixer>"
    for i in range(2):
        out += "<vsUnit>" + tag(n["no"], i) + tag(n["mute"], i) + tag(n["solo"], 0) + tag("pan", 80) + tag("vol", -15) + "</vsUnit>"
    out += "</mixer>\n<masterTrack><seqName><![CDATA[Small]]></seqName><preMeasure>1</preMeasure>"
    out += "<timeSig>" + tag(n["bar"], 0) + tag(n["nu"], 3) + tag(n["de"], 4) + "</timeSig>"
    for tick, bpm in [(0, 9000), (1440 + 1920, 12000)]:
        out += "<tempo>" + tag(n["tick"], tick) + tag(n["bpm"], bpm) + "</tempo>"
    out += "</masterTrack>\n"
    for i, (name, part) in enumerate([("Lead", LEAD), ("Second", SECOND)]):
        out += "<vsTrack>" + tag(n["no"], i) + tag(n["name"], name) + f'<{n["part"]}>' + tag(n["tick"], 1440) + tag("playTime", 2880)
        out += "<singer>" + tag(n["tick"], 0) + tag(n["bs"], 0) + tag(n["pc"], 0) + "</singer>\n"
        for tick, kind, value in [(0, "range", 4), (240, "bend", 2048), (480, "bend", 0)]:
            out += f'<{n["cc"]}>' + tag(n["tick"], tick) + f'<{n["value"]} id="{n[kind]}">{value}</{n["value"]}></{n["cc"]}>'
        for o, l, k, w in part:
            out += "\n<note>" + tag(n["tick"], o * 480) + tag(n["dur"], l * 480) + tag(n["key"], k) + tag(n["lyric"], f"<![CDATA[{w}]]>")
            out += f'<{n["phon"]} lock="0">a</{n["phon"]}><{n["style"]}><{n["value"]} id="vibLen">{50 if k == 64 else 0}</{n["value"]}></{n["style"]}></note>'
        out += f'</{n["part"]}></vsTrack>\n'
    return out + f"</vsq{version}>\n"


write("small-3.vsqx", vsqx(3))
write("small-4.vsqx", vsqx(4))


def vsq_track(name, part, common):
    text = f"[Common]\nVersion=DSB301\nName={name}\nColor=181,162,123\n" + common + "[EventList]\n"
    body = "1440=ID#0000\n"
    details = "[ID#0000]\nType=Singer\nIconHandle=h#0000\n[h#0000]\nIconID=$07010000\nIDS=Voice\n"
    for i, (o, l, k, w) in enumerate(part, 1):
        body += f"{1440 + o * 480}=ID#{i:04}\n"
        details += f'[ID#{i:04}]\nType=Anote\nLength={l * 480}\nNote#={k}\nDynamics=64\nLyricHandle=h#{i:04}\n'
        if k == 64:
            details += "VibratoHandle=h#0100\nVibratoDelay=240\n"
        details += f'[h#{i:04}]\nL0="{w}","a",1.000000,64,0,0\n'
    text += body + f"{1440 + 2880}=EOS\n" + details + "[h#0100]\nIconID=$04040001\nIDS=normal\nLength=240\n"
    text += "[PitchBendBPList]\n1440=0\n1680=2048\n1920=0\n[PitchBendSensBPList]\n1440=4\n[DynamicsBPList]\n1440=64\n"
    data = text.encode("shift_jis")
    pieces = [data[at:at + 119] for at in range(0, len(data), 119)]
    return [(0, meta(3, name.encode()))] + [(0, meta(1, f"DM:{i:04}:".encode() + piece)) for i, piece in enumerate(pieces)]


master = "[Master]\nPreMeasure=1\n[Mixer]\nTracks=2\nFeder0=0\nPanpot0=0\nMute0=0\nSolo0=0\nMute1=1\nSolo1=0\n"
tempo = [(t + 1440 if t else 0, e) for t, e in CONDUCTOR if e[1] != 3]
write("small.vsq", midi([[(0, meta(3, b"Master Track"))] + tempo, vsq_track("Lead", LEAD, master), vsq_track("Second", SECOND, "")]))

# ------------------------------------------------------------------ MusicXML

xml_note = {60: ("C", 4), 62: ("D", 4), 64: ("E", 4), 67: ("G", 4), 48: ("C", 3)}


def xml(key, length, lyric, more="", tie=""):
    step, octave = xml_note[key]
    word = f'<lyric number="1"><syllabic>single</syllabic><text>{lyric}</text></lyric>' if lyric else ""
    return f"<note><pitch><step>{step}</step><octave>{octave}</octave></pitch><duration>{length}</duration>{tie}<voice>1</voice>{more}{word}</note>\n"


rest = lambda length: f"<note><rest/><duration>{length}</duration><voice>1</voice></note>\n"
start = '<attributes><divisions>2</divisions><time><beats>3</beats><beat-type>4</beat-type></time></attributes>\n'
score = f'''<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 3.1 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="3.1">
<work><work-title>Small</work-title></work>
<part-list><score-part id="P1"><part-name>Lead</part-name></score-part><score-part id="P2"><part-name>Second</part-name></score-part></part-list>
<part id="P1">
<measure number="1">{start}<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>90</per-minute></metronome></direction-type><sound tempo="90"/></direction>
{xml(60, 2, "ど")}<direction><direction-type><dynamics><mf/></dynamics></direction-type></direction>{xml(62, 2, "れ")}{xml(64, 2, "み")}</measure>
<measure number="2">{rest(2)}<sound tempo="120"/>{xml(67, 2, "そ", tie='<tie type="start"/>')}{xml(67, 2, "", tie='<tie type="stop"/>')}</measure>
</part>
<part id="P2">
<measure number="1">{start}{xml(48, 6, "ら")}<backup><duration>6</duration></backup><forward><duration>6</duration></forward></measure>
<measure number="2">{rest(6)}</measure>
</part>
</score-partwise>
'''
write("small.musicxml", score)
container = '<?xml version="1.0"?>\n<container><rootfiles><rootfile full-path="small.musicxml"/></rootfiles></container>\n'
pack("small.mxl", [("META-INF/container.xml", container), ("small.musicxml", score)])

# ------------------------------------------------------------------ CeVIO, VoiSona

BAR = 3 * 960
units = groups = ""
for i, (name, part) in enumerate([("Lead", LEAD), ("Second", SECOND)]):
    song = "".join(
        f'<Note Clock="{BAR + o * 960}" PitchStep="{k % 12}" PitchOctave="{k // 12 - 1}" Duration="{l * 960}" Lyric="{w}" />\n' for o, l, k, w in part)
    units += f'''<Unit Version="1.0" Category="SingerSong" Group="g{i}" StartTime="00:00:00" CastId="Voice" Language="Japanese"><Song Version="1.02">
<Tempo><Sound Clock="0" Tempo="90" /><Sound Clock="{BAR + 3840}" Tempo="120" /></Tempo>
<Beat><Time Clock="0" Beats="3" BeatType="4" /></Beat>
<Score><Key Clock="0" Fifths="0" Mode="0" /><Dynamics Clock="0" Value="64" />
{song}</Score><Parameter><LogF0 Length="9"><Data Index="0" Repeat="9">5.5</Data></LogF0></Parameter></Song></Unit>
'''
    groups += f'<Group Version="1.0" Id="g{i}" Category="SingerSong" Name="{name}" Volume="-1.5" Pan="0.25" IsSolo="false" IsMuted="{"true" if i else "false"}" />\n'
write("small.ccs", f'''<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<Scenario Code="7251BC4B6168E7B2992FA620BD3E1E77"><Generation /><Sequence Id=""><Scene Id=""><Units>
{units}</Units><Groups>
{groups}</Groups></Scene></Sequence></Scenario>
''')


def count(number):
    size = (number.bit_length() + 7) // 8
    return bytes([size]) + number.to_bytes(size, "little")


def value(v):
    if isinstance(v, bool):
        data = b"\x02" if v else b"\x03"
    elif isinstance(v, int):
        data = b"\x01" + struct.pack("<i", v)
    elif isinstance(v, float):
        data = b"\x04" + struct.pack("<d", v)
    elif isinstance(v, str):
        data = b"\x05" + v.encode() + b"\0"
    else:
        data = b"\x08" + v
    return count(len(data)) + data


def tree(name, properties, children=()):
    out = name.encode() + b"\0" + count(len(properties))
    for key, v in properties.items():
        out += key.encode() + b"\0" + value(v)
    return out + count(len(children)) + b"".join(children)


tracks = []
for name, part in [("Lead", LEAD), ("Second", SECOND)]:
    song = tree("Song", {}, [
        tree("Tempo", {}, [tree("Sound", {"Clock": 0, "Tempo": 90.0}), tree("Sound", {"Clock": BAR + 3840, "Tempo": 120.0})]),
        tree("Beat", {}, [tree("Time", {"Clock": 0, "Beats": 3, "BeatType": 4})]),
        tree("Score", {}, [
            tree("Note", {"Clock": BAR + o * 960, "Duration": l * 960, "PitchOctave": k // 12 - 1, "PitchStep": k % 12, "Lyric": w})
            for o, l, k, w in part
        ]),
        tree("Parameter", {}, [tree("LogF0", {"Length": 9})]),
    ])
    state = tree("StateInformation", {}, [song, tree("VoiceInformation", {"CharacterName": "Voice", "Language": "Japanese"})])
    tracks.append(tree("Track", {"Name": name, "Volume": -1.5, "Pan": 0.25, "Mute": name == "Second", "PluginData": state}))
write("small.tssln", tree("TSSolution", {"Version": "1.0"}, [tree("Tracks", {}, tracks)]))

# ------------------------------------------------------------------ DeepVocal


def numbers(*all):
    return struct.pack(f"<{len(all)}i", *all)


def block(data):
    return numbers(len(data)) + data


BEFORE = 4 * 1440
dv = b"SHARPKEY" + numbers(5, 0) + b"ext1ext2ext3ext4ext5ext6ext7" + numbers(0)
assert len(dv) == 48
dv += numbers(2, 0, 9000, BEFORE + 1920, 12000) + numbers(0) + numbers(1, -3, 3, 4) + numbers(2)
for i, (name, part) in enumerate([("Lead", LEAD), ("Second", SECOND)]):
    dv += numbers(0) + block(name.encode()) + bytes([i, 0]) + numbers(30, 0, 0)
    dv += numbers(1) + numbers(BEFORE, 2880) + block(b"part") + block(b"Voice") + numbers(0) + numbers(len(part))
    for o, l, k, w in part:
        dv += numbers(o * 480, l * 480, 115 - k, 0) + block(w.encode()) + block(b"") + b"\0" + block(numbers(1, 2)) + block(b"phon")
        dv += bytes(18) + numbers(0, 0, 0, 0, 0) + block(b"") + numbers(0)
    for _ in range(7):
        dv += block(numbers(2, -1, 128, 9999, 128))
write("small.dv", dv)

# ------------------------------------------------------------------ VOICEVOX


def voicevox_track(name, part, mute=False):
    notes = [
        {"id": f"{name}{i}", "position": o * 480, "duration": l * 480, "noteNumber": k, "lyric": w}
        for i, (o, l, k, w) in enumerate(part)
    ]
    timing = {f"{name}1": [{"phonemeIndexInNote": 1, "offsetSeconds": 0.02}]}
    return {
        "name": name, "singer": {"engineId": "e", "styleId": 3001}, "keyRangeAdjustment": 0,
        "volumeRangeAdjustment": 0, "notes": notes, "pitchEditData": [-1, 261.6],
        "volumeEditData": [None, -3.0, -2.5, None], "phonemeTimingEditData": timing,
        "solo": False, "mute": mute, "gain": 0.8, "pan": 0.25,
    }


write("small.vvproj", json.dumps({
    "appVersion": "0.24.0",
    "talk": {"audioKeys": [], "audioItems": {}},
    "song": {
        "tpqn": 480,
        "tempos": [{"position": 0, "bpm": 90}, {"position": 1920, "bpm": 120}],
        "timeSignatures": [{"measureNumber": 1, "beats": 3, "beatType": 4}],
        "tracks": {"b": voicevox_track("Second", SECOND, True), "a": voicevox_track("Lead", LEAD)},
        "trackOrder": ["a", "b"],
    },
}, ensure_ascii=False, separators=(",", ":")))
