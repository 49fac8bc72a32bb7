//! Sounds that no recording taught, sung by the nearest ones that a recording did.

use super::{Language, Phoneme, Syllable};

/// The syllable in sounds that the recorded corpora (Mandarin and Japanese) hold, with the
/// language whose manner of them is nearest.
///
/// Korean is sung like this throughout. Tense and aspirated consonants are taken from
/// Mandarin, where the plain row is as sharp as the Korean tense one; plain ones and voiced
/// ones from Japanese. An unreleased coda is silence, which the consonant after it brings.
pub(super) fn in_recorded_sounds(s: Syllable) -> Syllable {
    use Phoneme::*;
    if s.language == Language::English {
        return s;
    }
    let from_mandarin = matches!(s.initial, Pt | Tt | Kt | Tct | St | Ph | Th | Kh | Tch | L);
    let soft = s.nucleus == I || s.glide == J;
    let initial = match s.initial {
        Pt => P,
        Tt => T,
        Kt => K,
        Tct => Tc,
        St if soft => C,
        St => S,
        other => other,
    };
    let nucleus = match (s.nucleus, s.coda) {
        // en, eng, and wo are Mandarin's; elsewhere its e is nearest.
        (Ov, N | Ng) => Schwa,
        (Ov, _) if s.glide == W => O,
        (Ov, _) => E_,
        (Uu, _) => Ux,
        (other, _) => other,
    };
    let coda = match s.coda {
        Pc | Tcoda | Kc | Q => None,
        // Where ん ends a syllable of two beats, Mandarin's ng is what was recorded.
        Nn => Ng,
        other => other,
    };
    let language = match s.language {
        Language::Korean if from_mandarin => Language::Mandarin,
        Language::Korean => Language::Japanese,
        other => other,
    };
    Syllable { language, initial, nucleus, coda, ..s }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_that_no_recording_holds() {
        use Phoneme::*;
        for initial in [None, Kt, St, Tct, K, Kh] {
            for glide in [None, J, W] {
                for nucleus in [A, Ov, Uu, I] {
                    for coda in [None, Pc, Tcoda, Kc, N, Ng] {
                        let korean = Syllable {
                            language: Language::Korean,
                            initial,
                            glide,
                            nucleus,
                            coda,
                            tone: 0,
                            tail: Syllable::NO_TAIL,
                        };
                        let sung = in_recorded_sounds(korean);
                        assert!(sung.phonemes().all(|p| !(Pt.id()..=Uu.id()).contains(&p.id())), "{sung:?}");
                        assert_ne!(sung.language, Language::Korean);
                    }
                }
            }
        }
    }
}
