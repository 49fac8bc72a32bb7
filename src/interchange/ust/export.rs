//! Writes UST 1.2: the one line that such a file holds.

use std::fmt::{Display, Write};
use ziyin_message::message;

use encoding_rs::SHIFT_JIS;

use crate::Report;
use crate::articulation::velocity;
use crate::export::LyricForm;
use crate::export::bars::bar_signatures;
use crate::export::grid::{coarse, coarse_notes};
use crate::export::lines::Line;
use crate::export::numbers::{bpm, one_line};
use ziyin_lyrics::{Phoneme, kana_to_syllables};
use ziyin_score::{Articulation, CurveKind, Project, Tempo, Tick, TimeSignature};

/// Lines of `name=value`.
struct Sections(String);

impl Sections {
    fn line(&mut self, line: impl Display) {
        // What is written into a string cannot fail. UTAU is at home on Windows.
        let _ = write!(self.0, "{line}\r\n");
    }
}

/// A note or a rest, in ticks of the file.
struct Item<'a> {
    onset: Tick,
    end: Tick,
    key: u8,
    lyric: &'a str,
    vibrato: Option<ziyin_score::Vibrato>,
    articulation: Articulation,
}

pub fn write(project: &Project, lines: &mut [Line], form: LyricForm, report: &mut Report) -> Vec<u8> {
    let sung = |line: &Line| line.notes.iter().any(|note| !note.is_silent());
    let lead = lines.iter().position(|line| !line.mute && sung(line));
    let lead = lead.or_else(|| lines.iter().position(|line| !line.notes.is_empty())).unwrap_or(0);
    let further = lines.iter().filter(|line| !line.notes.is_empty()).count().saturating_sub(1);
    if further > 0 {
        let text = message!("warning.one-track", count = further);
        report.warn(None, None, text);
    }
    // Of what is left out as a whole nothing more is told.
    for (_, line) in lines.iter_mut().enumerate().filter(|&(at, _)| at != lead) {
        line.left_out = Default::default();
    }
    let mut body = Sections(String::new());
    let signatures = bar_signatures(&project.meter);
    let first = bpm(project.tempo.tempo_at(0));
    body.line(format!("[#SETTING]\r\nTempo={first}\r\nTracks=1"));
    let title = one_line(&project.title);
    body.line(format!("ProjectName={title}\r\nMode2=True"));
    if signatures.changes.iter().any(|&(_, signature)| signature != TimeSignature::COMMON) {
        let list = signatures.changes.iter().map(|(bar, s)| format!("({}/{}/{bar})", s.beats, s.unit));
        body.line(format!("TimeSignatures={},", list.collect::<Vec<_>>().join(",")));
    }
    if let Some(line) = lines.get_mut(lead) {
        notes(&mut body, project, line, form);
        CurveKind::ALL.into_iter().for_each(|kind| line.leave_curve_out(kind));
        line.leave_languages_out();
        line.leave_pronunciations_out();
        line.leave_mix_out();
        line.leave_articulation_out(|note| Articulation {
            consonant: 1.0,
            onset_ms: note.articulation.onset_ms.filter(|&onset| onset >= 0.0),
            ..note.articulation
        });
    }
    body.line("[#TRACKEND]");
    encoded(&body.0)
}

/// In Shift-JIS, which UTAU expects, where kana show that it is meant; else in UTF-8, which the file
/// then says.
fn encoded(body: &str) -> Vec<u8> {
    let is_kana = |c: char| ('\u{3041}'..='\u{30fa}').contains(&c);
    let (bytes, _, unmappable) = SHIFT_JIS.encode(body);
    if body.is_ascii() || body.contains(is_kana) && !unmappable {
        return [b"[#VERSION]\r\nUST Version1.2\r\n", &*bytes].concat();
    }
    [b"[#VERSION]\r\nUST Version1.2\r\nCharset=UTF-8\r\n", body.as_bytes()].concat()
}

fn notes(body: &mut Sections, project: &Project, line: &mut Line, form: LyricForm) {
    let places = coarse_notes(line);
    let vowels = held_vowels(line, form);
    let mut tempos: Vec<(Tick, Tempo)> =
        project.tempo.changes().iter().skip(1).map(|change| (coarse(change.tick), change.tempo)).collect();
    let end = places.last().map_or(0, |&(_, end)| end);
    let mut items: Vec<Item> = Vec::new();
    let (mut now, mut silent, mut swings) = (0, 0, 0);
    // A line without any words is what UTAU makes of notes that are drawn.
    let wordless = line.notes.iter().all(|note| note.is_silent());
    let drawn = if matches!(form, LyricForm::Pinyin | LyricForm::Romaji) { "a" } else { "あ" };
    for ((note, &(onset, end)), vowel) in line.notes.iter().zip(&places).zip(&vowels) {
        silent += usize::from(note.is_silent());
        if note.is_silent() && !wordless {
            continue;
        }
        let vowel = if wordless { drawn } else { vowel };
        // A tempo that changes in a rest stands there.
        for rest in parts(now, onset, &tempos) {
            let articulation = Articulation::default();
            items.push(Item { onset: rest.0, end: rest.1, key: 60, lyric: "R", vibrato: None, articulation });
        }
        swings += usize::from(note.vibrato.is_some_and(|vibrato| vibrato.depth_cents == 0.0));
        let vibrato = note.vibrato.filter(|vibrato| vibrato.depth_cents != 0.0);
        let articulation = note.articulation;
        items.push(Item { onset, end, key: note.key, lyric: vowel, vibrato, articulation });
        now = end;
    }
    let silent_as = if wordless { message!("left-out.silence") } else { message!("left-out.wordless") };
    line.left_out.add(silent_as, silent);
    line.left_out.add(message!("left-out.vibrato-off"), swings);
    tempos.retain(|&(tick, _)| tick < end);
    let mut late = 0;
    let mut changes = tempos.into_iter().peekable();
    for (number, item) in items.iter().enumerate() {
        body.line(format!(
            "[#{number:04}]\r\nLength={}\r\nLyric={}",
            item.end - item.onset,
            one_line(item.lyric)
        ));
        let before = item.articulation.onset_ms.filter(|&onset| onset < 0.0);
        let before = before.map_or_else(String::new, |onset| (-onset).to_string());
        body.line(format!("NoteNum={}\r\nPreUtterance={before}", item.key));
        if let Some(velocity) = velocity(&item.articulation) {
            body.line(format!("Velocity={velocity}"));
        }
        if item.lyric != "R" {
            body.line("Intensity=100\r\nModulation=0");
        }
        // UTAU changes the tempo where a note begins.
        let mut tempo = None;
        while let Some((tick, new)) = changes.next_if(|&(tick, _)| tick <= item.onset) {
            late += usize::from(tick < item.onset);
            tempo = Some(new);
        }
        if let Some(tempo) = tempo {
            body.line(format!("Tempo={}", bpm(tempo)));
        }
        if let Some(swing) = item.vibrato {
            let length = 100.0 * (1.0 - swing.onset);
            let (length, depth) = ((1000.0 * length).round() / 1000.0, swing.depth_cents.abs());
            body.line(format!("VBR={length},{},{depth},10,10,0,0,0", swing.period_ms));
        }
    }
    line.left_out.add(message!("left-out.tempo-changes"), late + changes.count());
}

/// A rest, parted where the tempo changes.
fn parts(from: Tick, to: Tick, tempos: &[(Tick, Tempo)]) -> Vec<(Tick, Tick)> {
    let first = tempos.partition_point(|&(tick, _)| tick <= from);
    let inside = tempos[first..].iter().map(|&(tick, _)| tick).take_while(|&tick| tick < to);
    let mut marks = vec![from];
    marks.extend(inside);
    marks.push(to);
    marks.dedup();
    marks.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// What is written on each note: for a voicebank of kana or romaji a note that is held has the
/// vowel of the one before, since such a bank has no `-`.
fn held_vowels(line: &Line, form: LyricForm) -> Vec<String> {
    let mut vowel: Option<String> = None;
    let mut written = Vec::with_capacity(line.notes.len());
    for note in &line.notes {
        match (&vowel, note.is_hold()) {
            (Some(vowel), true) => written.push(vowel.clone()),
            (None, true) => written.push("-".into()),
            (_, false) => {
                vowel = vowel_of(&note.lyric, form);
                written.push(note.lyric.clone());
            }
        }
    }
    written
}

fn vowel_of(lyric: &str, form: LyricForm) -> Option<String> {
    let place = match form {
        LyricForm::Romaji => 0,
        LyricForm::Kana => 1,
        _ => return None,
    };
    let vowel = |nucleus| match nucleus {
        Phoneme::A => Some(["a", "あ"]),
        Phoneme::I => Some(["i", "い"]),
        Phoneme::Ux => Some(["u", "う"]),
        Phoneme::E => Some(["e", "え"]),
        Phoneme::O => Some(["o", "お"]),
        _ => None,
    };
    let last = kana_to_syllables(lyric)?.iter().rev().find_map(|syllable| vowel(syllable.nucleus))?;
    Some(last[place].into())
}
