//! Which encoding the texts of a file are written in: MIDI does not say.

use chardetng::{EncodingDetector, Iso2022JpDetection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

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
