//! Erhua: the *r* that colours the end of a syllable, as in 花儿 *huār*.

use super::{Phoneme, Syllable};

/// The syllable with an *r* coloured ending, which stands in the coda as [`Phoneme::Er`].
///
/// The *r* drives out what the tongue cannot hold beside it: the codas *-i* and *-n* go,
/// and a high vowel becomes a glide before a schwa (玩儿 *wár*, 味儿 *wèr*, 今儿 *jiēr*).
pub(super) fn rhotic(plain: Syllable) -> Syllable {
    use Phoneme::{A, E, Eh, Er, I, Ir, Iz, J, N, None, Schwa, Y, Y_};
    let mut s = plain;
    match (plain.nucleus, plain.coda) {
        (Er, _) => return plain,
        (E, J) | (Iz | Ir, _) => s.nucleus = Schwa,
        // -ian and -üan were only fronted by their n.
        (Eh, N) => s.nucleus = A,
        (I, N | None) => (s.glide, s.nucleus) = (J, Schwa),
        (Y, _) => (s.glide, s.nucleus) = (Y_, Schwa),
        _ => {}
    }
    s.coda = Er;
    s
}

#[cfg(test)]
mod tests {
    use super::super::{Phoneme, pinyin_to_syllable};

    #[test]
    fn the_r_drives_out_what_cannot_stand_beside_it() {
        let sounds = |p| -> String {
            super::rhotic(pinyin_to_syllable(p, 1).unwrap()).phonemes().map(Phoneme::ipa).collect()
        };
        assert_eq!(sounds("hua"), "xwaɚ");
        assert_eq!(sounds("wan"), "waɚ");
        assert_eq!(sounds("wei"), "wəɚ");
        assert_eq!(sounds("dian"), "tjaɚ");
        assert_eq!(sounds("jin"), "tɕjəɚ");
        assert_eq!(sounds("yu"), "ɥəɚ");
        assert_eq!(sounds("shi"), "ʂəɚ");
        assert_eq!(sounds("er"), "ɚ");
    }
}
