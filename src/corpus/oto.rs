use super::file_names::composed;

/// One line of an `oto.ini`: where in a recording a sample lies. Milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct OtoEntry {
    /// The recording, relative to the folder of the `oto.ini`.
    pub file: String,
    pub alias: String,
    /// From the start of the recording to the start of the sample.
    pub offset: f64,
    /// From the offset to where stretching may begin.
    pub consonant: f64,
    /// Negative: the sample's length from the offset. Positive: what is left out at the
    /// end of the recording.
    pub cutoff: f64,
    /// From the offset to the beginning of the vowel.
    pub preutterance: f64,
    /// From the offset to the end of the cross-fade with the sample before.
    pub overlap: f64,
}

impl OtoEntry {
    /// Beginning of the vowel in seconds from the start of the recording.
    pub fn vowel(&self) -> f64 {
        (self.offset + self.preutterance) / 1000.0
    }

    /// End of the sample in seconds, in a recording that is `length` seconds long.
    pub fn end(&self, length: f64) -> f64 {
        if self.cutoff < 0.0 { (self.offset - self.cutoff) / 1000.0 } else { length - self.cutoff / 1000.0 }
    }
}

/// Reads an `oto.ini` in UTF-8, Shift-JIS or GB18030, whichever its bytes look like.
/// Lines that are no entry are counted in the second value.
pub fn read_oto(bytes: &[u8]) -> (Vec<OtoEntry>, usize) {
    let text = decode(bytes);
    let (mut entries, mut skipped) = (Vec::new(), 0);
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        match read_line(line) {
            Some(entry) => entries.push(entry),
            None => skipped += 1,
        }
    }
    (entries, skipped)
}

fn read_line(line: &str) -> Option<OtoEntry> {
    let (file, rest) = line.split_once('=')?;
    let mut fields = rest.split(',');
    let alias = fields.next()?.trim();
    // UTAU writes nothing for a zero.
    let mut number = || match fields.next().map(str::trim) {
        None | Some("") => Some(0.0),
        Some(digits) => digits.parse::<f64>().ok().filter(|n| n.is_finite()),
    };
    let stem = || file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    Some(OtoEntry {
        file: file.to_string(),
        alias: if alias.is_empty() { stem().to_string() } else { alias.to_string() },
        offset: number()?,
        consonant: number()?,
        cutoff: number()?,
        preutterance: number()?,
        overlap: number()?,
    })
}

/// Text of a voicebank's file. Voicebanks come from Japan and China, mostly without
/// saying in which encoding.
pub(super) fn decode(bytes: &[u8]) -> String {
    // Letters with marks are composed, and lines end as they do here, not as on old Macs.
    composed(&decode_bytes(bytes)).replace("\r\n", "\n").replace('\r', "\n")
}

fn decode_bytes(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_string();
    }
    // Japanese aliases hold kana. Chinese bytes read as Shift-JIS do not: they break, or
    // come out as half-width katakana and rare kanji.
    let (japanese, _, broken) = encoding_rs::SHIFT_JIS.decode(bytes);
    let kana = japanese.chars().any(|c| ('\u{3041}'..='\u{30ff}').contains(&c));
    if kana && !broken { japanese.into_owned() } else { encoding_rs::GB18030.decode(bytes).0.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_entries_and_counts_what_is_none() {
        let (entries, skipped) =
            read_oto(b"_a_b.wav=a b_A3,1038.2,411.1,-462.3,400,200\nnonsense\nka.wav=,,5,10,,\n");
        assert_eq!(skipped, 1);
        assert!((entries[0].vowel() - 1.4382).abs() < 1e-9);
        assert!((entries[0].end(9.0) - 1.5005).abs() < 1e-9);
        assert_eq!(entries[1].alias, "ka");
        assert!((entries[1].end(2.0) - 1.99).abs() < 1e-9);
    }

    #[test]
    fn reads_japanese_and_chinese_bytes() {
        for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::UTF_8] {
            let (bytes, ..) = encoding.encode("あか.wav=- あ,1,2,3,4,5\nきゃ.wav=きゃ,1,2,3,4,5");
            assert_eq!(read_oto(&bytes).0[0].alias, "- あ");
        }
        let (bytes, ..) = encoding_rs::GB18030.encode("你好中国的声音.wav=中国的歌声很好听,1,2,3,4,5");
        assert_eq!(read_oto(&bytes).0[0].alias, "中国的歌声很好听");
    }
}
