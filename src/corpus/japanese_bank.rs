//! The tokens of Japanese voicebanks: strings of beats sung without a break.

use super::{JapaneseAlias, OtoEntry, PitchFolder, Token, TokenPlace, read_japanese_alias};
use ziyin_lyrics::{Phoneme, Syllable, moraic_nasal_before};

/// Beats of one string follow each other within this many seconds; after a longer gap
/// stands something that the bank does not name.
const LONGEST_BEAT: f64 = 2.5;
/// A beat that lasts this many times as long as is usual in its string holds another, which the bank does not
/// name: one name for each pair of sounds is enough for it.
const TWO_BEATS: f64 = 1.6;
/// Two entries closer than this, in seconds, are one beat under two names.
const SAME_PLACE: f64 = 0.03;

/// An entry that was understood, with the moment that it is about: where its vowel begins,
/// or where the vowel before ends.
struct Mark {
    moment: f64,
    alias: JapaneseAlias,
}

impl PitchFolder {
    /// The tokens of a Japanese bank: each beat that its aliases name, with its real
    /// neighbours.
    pub fn japanese_tokens(&self) -> Vec<Token> {
        let mut files: Vec<&str> = self.entries.iter().map(|e| e.file.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        files.into_iter().flat_map(|file| self.tokens_of(file)).collect()
    }

    fn tokens_of(&self, file: &str) -> Vec<Token> {
        let mark = |entry: &OtoEntry| {
            Some(Mark { moment: entry.vowel(), alias: read_japanese_alias(&entry.alias)? })
        };
        let mut marks: Vec<Mark> = self.entries.iter().filter(|e| e.file == file).filter_map(mark).collect();
        marks.sort_by(|a, b| a.moment.total_cmp(&b.moment));
        marks.dedup_by(|later, earlier| later.moment - earlier.moment < SAME_PLACE);
        let usual = usual_beat(&marks);
        let mut tokens = Vec::new();
        for (i, mark) in marks.iter().enumerate() {
            let Some(syllable) = beat(mark.alias) else { continue };
            let before = i.checked_sub(1).map(|before| &marks[before]);
            let lasts = |after: &Mark| after.moment - mark.moment;
            let after = marks.get(i + 1).filter(|after| lasts(after) < LONGEST_BEAT);
            let after = after.filter(|after| beat(after.alias).is_none() || lasts(after) < TWO_BEATS * usual);
            let after = after.filter(|after| comes_from(after.alias, &syllable));
            let previous = previous(mark, before, &syllable);
            let next = after.map_or([Phoneme::Rest; 2], |after| next(after.alias));
            let nucleus = match syllable.nucleus {
                Phoneme::Nn => moraic_nasal_before(next[0]),
                nucleus => nucleus,
            };
            let end = after.map(|after| match after.alias {
                JapaneseAlias::Into(..) | JapaneseAlias::End(_) => after.moment,
                _ => after.moment - lead(next[0], next[1]),
            });
            let follows = previous[0] != Phoneme::Rest;
            tokens.push(Token {
                wav: self.path.join(file),
                folder_pitch: self.pitch,
                syllable: Syllable { nucleus, ..syllable },
                previous,
                next,
                place: TokenPlace {
                    start: follows.then(|| mark.moment - lead(syllable.opening()[0], syllable.opening()[1])),
                    vowel: Some(mark.moment),
                    nucleus_end: None,
                    end,
                },
                manner: self.manner,
            });
        }
        tokens
    }
}

/// Seconds from one beat to the next, where nothing stands between; the shorter ones tell.
fn usual_beat(marks: &[Mark]) -> f64 {
    let beats: Vec<&Mark> = marks.iter().filter(|mark| beat(mark.alias).is_some()).collect();
    let mut gaps: Vec<f64> = beats.windows(2).map(|two| two[1].moment - two[0].moment).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 4).copied().unwrap_or(LONGEST_BEAT)
}

fn beat(alias: JapaneseAlias) -> Option<Syllable> {
    match alias {
        JapaneseAlias::First(syllable)
        | JapaneseAlias::After(_, syllable)
        | JapaneseAlias::Alone(syllable) => Some(syllable),
        JapaneseAlias::Into(..) | JapaneseAlias::End(_) => None,
    }
}

/// Whether an entry can follow a beat: it names the vowel that it comes from.
fn comes_from(alias: JapaneseAlias, beat: &Syllable) -> bool {
    match alias {
        JapaneseAlias::After(from, _) | JapaneseAlias::Into(from, _) | JapaneseAlias::End(from) => {
            from == beat.nucleus
        }
        JapaneseAlias::Alone(_) => true,
        JapaneseAlias::First(_) => false,
    }
}

/// Nucleus and coda before a beat.
fn previous(mark: &Mark, before: Option<&Mark>, beat: &Syllable) -> [Phoneme; 2] {
    let sound = |phoneme| match phoneme {
        Phoneme::Nn => [moraic_nasal_before(beat.first()), Phoneme::None],
        vowel => [vowel, Phoneme::None],
    };
    match mark.alias {
        JapaneseAlias::After(from, _) => sound(from),
        // A beat without a name for what came before takes it from the string.
        JapaneseAlias::Alone(_) => match before.map(|before| (before.alias, mark.moment - before.moment)) {
            Some((JapaneseAlias::Into(from, _), gap)) if gap < 0.5 => sound(from),
            Some((JapaneseAlias::First(s) | JapaneseAlias::After(_, s) | JapaneseAlias::Alone(s), gap))
                if gap < LONGEST_BEAT =>
            {
                if s.nucleus == Phoneme::Nn {
                    sound(s.nucleus)
                } else {
                    s.closing()
                }
            }
            _ => [Phoneme::Rest; 2],
        },
        _ => [Phoneme::Rest; 2],
    }
}

/// The first two sounds of what follows.
fn next(alias: JapaneseAlias) -> [Phoneme; 2] {
    match alias {
        JapaneseAlias::After(_, syllable)
        | JapaneseAlias::Alone(syllable)
        | JapaneseAlias::First(syllable) => syllable.opening(),
        JapaneseAlias::Into(_, consonant) => [consonant, Phoneme::None],
        JapaneseAlias::End(_) => [Phoneme::Rest; 2],
    }
}

/// Seconds from where a beat begins to its vowel. A bank of VCV does not say: its entries
/// begin in the vowel before. What is noise is found again in the sound; for the rest
/// these are usual lengths.
fn lead(first: Phoneme, second: Phoneme) -> f64 {
    use Phoneme::{B, D, G, J, R, W};
    let glide = if second == J { 0.03 } else { 0.0 };
    // A vowel alone, or ん, has none.
    if second == Phoneme::None {
        return 0.0;
    }
    match first {
        J | W => 0.07,
        R => 0.035 + glide,
        B | D | G => 0.06 + glide,
        p if p.is_voiceless() && p.has_burst() => 0.1 + glide,
        p if p.is_voiceless() => 0.13 + glide,
        p if p.is_voiced_consonant() => 0.08 + glide,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Manner, read_oto};
    use super::*;

    fn tokens(oto: &str) -> Vec<Token> {
        let (entries, skipped) = read_oto(oto.as_bytes());
        assert_eq!(skipped, 0);
        let folder = PitchFolder {
            path: "bank".into(),
            suffix: String::new(),
            pitch: Some(60),
            manner: Manner::Plain,
            entries,
            skipped,
        };
        folder.japanese_tokens()
    }

    fn shown(tokens: &[Token]) -> Vec<String> {
        let ipa = |sounds: &[Phoneme; 2]| sounds.iter().map(|p| p.ipa()).collect::<String>();
        let own = |s: &Syllable| s.phonemes().map(Phoneme::ipa).collect::<String>();
        tokens.iter().map(|t| format!("{} {} {}", ipa(&t.previous), own(&t.syllable), ipa(&t.next))).collect()
    }

    #[test]
    fn a_string_of_vcv_gives_beats_with_their_neighbours() {
        let all = tokens(
            "_あかんま.wav=- あ,500,360,-900,300,100\n_あかんま.wav=a か,1100,360,-900,300,100\n\
             _あかんま.wav=a ん,1700,360,-900,300,100\n_あかんま.wav=n ま,2300,360,-900,300,100\n\
             _あかんま.wav=a R,2900,360,-900,300,100\n_あかんま.wav=a か2,1105,360,-900,300,100\n",
        );
        assert_eq!(shown(&all), ["|| a ka", "a ka ɴ", "a m ma", "m ma ||"]);
        assert_eq!((all[0].place.start, all[0].place.vowel), (None, Some(0.8)));
        assert!((all[0].place.end.unwrap() - 1.3).abs() < 1e-9, "where the k begins");
        assert_eq!(all[1].place.end, all[2].place.vowel);
        assert_eq!(all[3].place.end, Some(3.2));
    }

    #[test]
    fn a_beat_that_the_bank_does_not_name_is_not_taken_for_a_part_of_the_one_before() {
        let all = tokens(
            "_かきかかく.wav=- か,500,360,-900,300,100\n_かきかかく.wav=a き,1000,360,-900,300,100\n\
             _かきかかく.wav=i か,1500,360,-900,300,100\n_かきかかく.wav=a く,2500,360,-900,300,100\n",
        );
        assert_eq!(shown(&all), ["|| ka ki", "a ki ka", "i ka ||", "a kɯ ||"]);
        assert_eq!(all[2].place.end, None);
    }

    #[test]
    fn beats_alone_take_their_neighbours_from_the_string() {
        let all = tokens(
            "x.wav=- さ,500,300,-400,100,50\nx.wav=a k,900,100,-200,100,50\nx.wav=か,1050,100,-300,80,20\n\
             y.wav=に,100,100,-300,80,20\n",
        );
        assert_eq!(shown(&all), ["|| sa k", "a ka ||", "|| ni ||"]);
        assert_eq!(all[0].place.end, Some(1.0));
    }
}
