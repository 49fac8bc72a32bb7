//! Writes VSQX of VOCALOID 4, which 5 and 6 open too. One bar without music stands before the song,
//! as VOCALOID asks for.

use crate::Report;
use crate::export::bars::bar_signatures;
use crate::export::grid::{coarse, coarse_notes};
use crate::export::lines::Line;
use crate::export::numbers::bounded;
use crate::export::xml_writer::XmlWriter;
use crate::vocaloid::{Control, bends, language_number, phonemes_of, start_of, tempos, velocity};
use ziyin_lyrics::Language;
use ziyin_message::message;
use ziyin_score::{Articulation, CurveKind, Project, Tick};

const HEAD: &str = "<vsq4 xmlns=\"http://www.yamaha.co.jp/vocaloid/schema/vsq4/\" \
xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
xsi:schemaLocation=\"http://www.yamaha.co.jp/vocaloid/schema/vsq4/ vsq4.xsd\">\n";

pub fn write(project: &Project, lines: &mut [Line], report: &mut Report) -> Vec<u8> {
    let before = coarse(project.meter.at(0).bar());
    let languages: Vec<Language> = lines.iter().map(|line| line.language()).collect();
    let mut xml = XmlWriter::new(HEAD);
    xml.text("vender", "Yamaha corporation");
    xml.text("version", "4.0.0.3");
    voices(&mut xml, &languages);
    xml.element("mixer", &[], |xml| mixer(xml, lines));
    xml.element("masterTrack", &[], |xml| master(xml, project, before, report));
    for (number, (line, &language)) in lines.iter_mut().zip(&languages).enumerate() {
        xml.element("vsTrack", &[], |xml| {
            xml.text("tNo", number);
            xml.text("name", &line.name);
            xml.text("comment", "");
            if !line.notes.is_empty() {
                xml.element("vsPart", &[], |xml| part(xml, line, language, before));
            }
        });
        line.leave_languages_out();
        line.leave_articulation_out(|note| Articulation { consonant: 1.0, ..note.articulation });
        line.leave_curve_out(CurveKind::Tension);
        line.leave_curve_out(CurveKind::Formant);
        line.leave_curve_out(CurveKind::Mixture);
    }
    xml.empty("monoTrack", &[]);
    xml.empty("stTrack", &[]);
    let mut bytes = xml.finish();
    bytes.extend(b"</vsq4>\n");
    bytes
}

/// A voice for each language, of which VOCALOID takes one that is installed.
fn voices(xml: &mut XmlWriter, languages: &[Language]) {
    let mut numbers: Vec<u8> = languages.iter().copied().map(language_number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    xml.element("vVoiceTable", &[], |xml| {
        for number in numbers {
            xml.element("vVoice", &[], |xml| {
                xml.text("bs", number);
                xml.text("pc", 0);
                xml.text("id", "");
                xml.text("name", "");
                xml.element("vPrm", &[], |xml| {
                    for name in ["bre", "bri", "cle", "gen", "ope"] {
                        xml.text(name, 0);
                    }
                });
            });
        }
    });
}

fn mixer(xml: &mut XmlWriter, lines: &mut [Line]) {
    let numbers = |xml: &mut XmlWriter, values: &[(&str, i32)]| {
        values.iter().for_each(|(name, value)| xml.text(name, value));
    };
    xml.element("masterUnit", &[], |xml| numbers(xml, &[("oDev", 0), ("rLvl", 0), ("vol", 0)]));
    let unit = |mute: bool, solo: bool, pan: f32, volume: f32| {
        let quiet = [("iGin", 0), ("sLvl", -898), ("sEnable", 0)];
        let own = [("m", mute.into()), ("s", solo.into())];
        // 0 to 127, 64 being the middle; tenths of a decibel.
        let place =
            [("pan", (64.0 + 64.0 * pan).round().min(127.0) as i32), ("vol", (10.0 * volume).round() as i32)];
        [&quiet[..], &own, &place].concat()
    };
    for (number, line) in lines.iter_mut().enumerate() {
        let mut beyond = 0;
        let volume = bounded(line.gain_db, -89.8, 6.0, &mut beyond);
        line.left_out.add(message!("left-out.beyond-fader"), beyond);
        xml.element("vsUnit", &[], |xml| {
            xml.text("tNo", number);
            numbers(xml, &unit(line.mute, line.track.solo, line.pan, volume));
        });
    }
    xml.element("monoUnit", &[], |xml| numbers(xml, &unit(false, false, 0.0, 0.0)));
    xml.element("stUnit", &[], |xml| numbers(xml, &[("iGin", 0), ("m", 0), ("s", 0), ("vol", -129)]));
}

fn master(xml: &mut XmlWriter, project: &Project, before: Tick, report: &mut Report) {
    xml.text("seqName", &project.title);
    xml.text("comment", "");
    xml.text("resolution", 480);
    xml.text("preMeasure", 1);
    let signatures = bar_signatures(&project.meter).told(report);
    let first = project.meter.at(0);
    // The bar before the song is one of its first signature, whatever its first bar is.
    let song = signatures.iter().map(|&(bar, signature)| (bar + 1, signature));
    let repeats = |&(bar, signature): &(i64, _)| bar == 1 && signature == first;
    for (bar, signature) in std::iter::once((0, first)).chain(song.filter(|change| !repeats(change))) {
        xml.element("timeSig", &[], |xml| {
            xml.text("m", bar);
            xml.text("nu", signature.beats);
            xml.text("de", signature.unit);
        });
    }
    for (tick, value) in tempos(project, report) {
        let tick = if tick == 0 { 0 } else { before + tick };
        xml.element("tempo", &[], |xml| {
            xml.text("t", tick);
            xml.text("v", value);
        });
    }
}

fn part(xml: &mut XmlWriter, line: &mut Line, language: Language, before: Tick) {
    let places = coarse_notes(line);
    let end = places.last().map_or(0, |&(_, end)| end);
    xml.text("t", before);
    xml.text("playTime", end);
    xml.text("name", &line.name);
    xml.text("comment", "");
    xml.element("sPlug", &[], |xml| {
        xml.text("id", "ACA9C502-A04B-42b5-B2EB-5CEA36D16FCE");
        xml.text("name", "VOCALOID2 Compatible Style");
        xml.text("version", "3.0.0.1");
    });
    let values = |xml: &mut XmlWriter, values: &[(&str, i64)]| {
        values.iter().for_each(|(id, value)| xml.text_with("v", &[("id", id)], value));
    };
    let style = [("accent", 50), ("bendDep", 8), ("bendLen", 0), ("decay", 50), ("fallPort", 0)];
    let style = [&style[..], &[("opening", 127), ("risePort", 0)]].concat();
    xml.element("pStyle", &[], |xml| values(xml, &style));
    xml.element("singer", &[], |xml| {
        xml.text("t", 0);
        xml.text("bs", language_number(language));
        xml.text("pc", 0);
    });
    let bends = bends(line);
    let drawn = Control::ALL.map(|control| (control.names()[1], control.steps(line)));
    let mut control = |tick: Tick, id: &str, value: i32| {
        xml.element("cc", &[], |xml| {
            xml.text("t", tick);
            xml.text_with("v", &[("id", &id)], value);
        });
    };
    if !bends.points.is_empty() {
        control(0, "S", bends.range.into());
        bends.points.iter().for_each(|&(tick, value)| control(tick, "P", value));
    }
    for (id, steps) in drawn {
        steps.into_iter().for_each(|(tick, value)| control(tick, id, value));
    }
    let mut swinging = 0;
    let phonemes = phonemes_of(&line.notes, language);
    for ((note, &(onset, end)), phonemes) in line.notes.iter().zip(&places).zip(phonemes) {
        let vibrato = start_of(note.vibrato).map_or(0, |start| (100.0 * (1.0 - start)).round() as i64);
        swinging += usize::from(vibrato > 0);
        xml.element("note", &[], |xml| {
            let lyric = note.lyric_or("-");
            xml.text("t", onset);
            xml.text("dur", end - onset);
            xml.text("n", note.key);
            xml.text("v", velocity(&note.articulation));
            xml.text("y", lyric);
            xml.text("p", phonemes);
            xml.element("nStyle", &[], |xml| {
                values(xml, &style);
                values(xml, &[("vibLen", vibrato), ("vibType", i64::from(vibrato > 0))]);
                if vibrato > 0 {
                    for (id, middle) in [("vibDep", 64), ("vibRate", 50)] {
                        xml.element("seq", &[("id", &id)], |xml| {
                            xml.element("cc", &[], |xml| {
                                xml.text("p", 65_536 * (100 - vibrato) / 100);
                                xml.text("v", middle);
                            });
                        });
                    }
                }
            });
        });
    }
    line.left_out.add(message!("left-out.vibrato-depth"), swinging);
    xml.text("plane", 0);
}
