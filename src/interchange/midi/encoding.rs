//! Which encoding the texts of a file are written in: MIDI does not say.

use chardetng::{EncodingDetector, Iso2022JpDetection};
use encoding_rs::{EUC_KR, Encoding, GB18030, GBK, UTF_8};

use super::ImportError;

/// The encoding of that name, such as `gb18030`, `big5`, `shift_jis`, `euc-kr`, `utf-8`.
///
/// # Errors
/// If there is none of that name.
pub fn by_name(name: &str) -> Result<&'static Encoding, ImportError> {
    // Names that musicians use and the web standard does not know.
    let label = match name.trim().to_ascii_lowercase().as_str() {
        "sjis" | "cp932" => "shift_jis".into(),
        "cp936" => "gbk".into(),
        "cp949" => "euc-kr".into(),
        "cp950" => "big5".into(),
        "utf8" => "utf-8".into(),
        other => other.replace("shift-jis", "shift_jis"),
    };
    Encoding::for_label(label.as_bytes()).ok_or_else(|| ImportError::UnknownEncoding(name.into()))
}

/// Tells the encoding from all texts of a file together: a syllable alone says little.
/// `None` where every text is plain ASCII, so that it does not matter.
pub fn detect<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone) -> Option<&'static Encoding> {
    if texts.clone().all(|text| text.is_ascii() && !text.contains(&0x1B)) {
        return None;
    }
    if texts.clone().all(|text| std::str::from_utf8(text).is_ok() && !text.contains(&0x1B)) {
        return Some(UTF_8);
    }
    if is_korean(texts.clone()) {
        return Some(EUC_KR);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    for text in texts.clone() {
        // Nothing between them: syllables of lyrics then follow each other as in running text.
        detector.feed(text, false);
    }
    detector.feed(b"", true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Allow);
    // GB18030 reads all that GBK writes.
    Some(if guess == GBK { GB18030 } else { guess })
}

/// The syllables that Korean is written with most, and the characters that Chinese is: about half
/// of any text, and hardly any of one that is read in the wrong encoding.
const COMMON_HANGUL: &str = "이다는에을가하고지의도나은로리기사서그어한아인내너들를해라만자있대게시오수일니여면부정보없마우주요스안거과전무바제으원세상말까사랑날게던저장";
const COMMON_HANZI: &str = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运春花爱雪夜风星雨红歌唱梦云泪飞";

/// Whether texts that Chinese could be as well are Korean: read so they are whole, and of common
/// syllables, where read as Chinese they are rare characters.
fn is_korean<'a>(texts: impl Iterator<Item = &'a [u8]>) -> bool {
    let (mut hangul, mut common_hangul, mut hanzi, mut common_hanzi, mut others) = (0, 0, 0, 0, 0);
    for text in texts {
        let (korean, broken) = EUC_KR.decode_without_bom_handling(text);
        for c in korean.chars().filter(|c| !c.is_ascii()) {
            match c {
                '\u{AC00}'..='\u{D7A3}' => hangul += 1,
                _ => others += 1,
            }
            common_hangul += usize::from(COMMON_HANGUL.contains(c));
        }
        others += usize::from(broken);
        let chinese = GB18030.decode_without_bom_handling(text).0;
        for c in chinese.chars().filter(|c| !c.is_ascii()) {
            hanzi += 1;
            common_hanzi += usize::from(COMMON_HANZI.contains(c));
        }
    }
    // Of a syllable or two nothing can be told.
    hangul >= 3 && others * 20 <= hangul && common_hangul * hanzi.max(1) > common_hanzi * hangul
}

/// Decodes one text; what cannot be read becomes U+FFFD.
pub fn decode(text: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(text).0.trim_start_matches('\u{FEFF}').to_string()
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, EUC_KR, SHIFT_JIS, WINDOWS_1252};

    use super::*;

    fn detected(encoding: &'static Encoding, text: &str) -> Option<&'static Encoding> {
        let syllables: Vec<Vec<u8>> =
            text.chars().map(|c| encoding.encode(c.encode_utf8(&mut [0; 4])).0.into_owned()).collect();
        detect(syllables.iter().map(Vec::as_slice))
    }

    #[test]
    fn lyrics_are_told_apart_one_syllable_at_a_time() {
        let cases = [
            (GB18030, "好一朵美丽的茉莉花芬芳美丽满枝桠"),
            (GB18030, "月亮代表我的心"),
            (GB18030, "小河流水"),
            (BIG5, "好一朵美麗的茉莉花芬芳美麗滿枝椏"),
            (BIG5, "月亮代表我的心"),
            (SHIFT_JIS, "さくらさくらやよいのそらは"),
            (SHIFT_JIS, "どれみふぁそ"),
            (SHIFT_JIS, "桜の花が咲いた"),
            (EUC_KR, "아리랑아리랑아라리요"),
            (EUC_KR, "산토끼"),
            (EUC_KR, "나는오늘도바다를보러간다하늘에별이많이떠있는밤봄이오면산에들에꽃이핀다"),
            (EUC_KR, "사랑해요당신을정말로"),
            (GB18030, "好花红好花白"),
            (GB18030, "高高的青山"),
            (UTF_8, "好一朵"),
            (UTF_8, "さくら"),
            (WINDOWS_1252, "été à la forêt, où naît le cœur"),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|(encoding, text)| detected(encoding, text) != Some(encoding))
            .map(|(encoding, text)| (encoding.name(), text, detected(encoding, text).map(Encoding::name)))
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert_eq!(detected(UTF_8, "la la la"), None);
    }

    #[test]
    fn encodings_go_by_many_names() {
        for (name, encoding) in
            [("GB18030", GB18030), ("sjis", SHIFT_JIS), ("Shift-JIS", SHIFT_JIS), ("cp949", EUC_KR)]
        {
            assert_eq!(by_name(name), Ok(encoding));
        }
        assert_eq!(by_name("klingon"), Err(ImportError::UnknownEncoding("klingon".into())));
    }
}
