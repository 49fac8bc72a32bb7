//! Which encoding the texts of a file are written in: many formats do not say.

use chardetng::{EncodingDetector, Iso2022JpDetection};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8};

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
    // One text among many may be another program's.
    let foreign = || texts.clone().filter(|text| !text.is_ascii());
    if 4 * foreign().filter(|text| std::str::from_utf8(text).is_ok()).count() > 3 * foreign().count() {
        return Some(UTF_8);
    }
    if let Some(found) = likely(texts.clone()) {
        return Some(found);
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

/// The characters that texts are written with most: about half of any, and hardly any of one
/// that is read in the wrong encoding.
const COMMON_HANGUL: &str = "이다는에을가하고지의도나은로리기사서그어한아인내너들를해라만자있대게시오수일니여면부정보없마우주요스안거과전무바제으원세상말까사랑날게던저장";
const COMMON_SIMPLIFIED: &str = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运春花爱雪夜风星雨红歌唱梦云泪飞";
const COMMON_TRADITIONAL: &str = "的一是不了在人有我他這個們中來上大爲和國地到以說時要就出會可也你對生能而子那得於着下自之年過發後作裏用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運春花愛雪夜風星雨紅歌唱夢雲淚飛為裡著台群";
const COMMON_KANJI: &str = "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨私君僕夢空愛心花風春夏秋冬夜朝桜涙手声歌言思会海星光色世界道街町恋想好遠近強弱新古明暗青赤黒雪雲音目口耳体命";

/// Characters that are looked at: a song has a few hundred.
const ENOUGH: usize = 10_000;

/// The encoding of East Asia in which texts are whole and of common characters, if they are so in
/// no other: where they are read wrongly they are broken, rare, or signs.
fn likely<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone) -> Option<&'static Encoding> {
    let encodings = [SHIFT_JIS, EUC_JP, GB18030, BIG5, EUC_KR];
    let mut scores = encodings.map(|encoding| (commonness(texts.clone(), encoding), encoding));
    scores.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let [(best, encoding), (second, _), ..] = scores;
    (best >= 0.5 && best - second >= 0.1).then_some(encoding)
}

/// How common the characters of texts are, from -1, where they cannot be read, to 1.
fn commonness<'a>(texts: impl Iterator<Item = &'a [u8]>, encoding: &'static Encoding) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for text in texts.filter(|text| !text.is_ascii()) {
        // A character may be cut in two where a long text is.
        let text = &text[..text.len().min(4 * ENOUGH)];
        for c in encoding.decode_without_bom_handling(text).0.chars().filter(|&c| !is_neutral(c)) {
            sum += if c == '\u{FFFD}' { -1.0 } else { commonness_of(c, encoding) };
            count += 1;
        }
        if count >= ENOUGH {
            break;
        }
    }
    sum / count.max(1) as f64
}

/// Signs that stand in texts of any language.
fn is_neutral(c: char) -> bool {
    c.is_ascii() || matches!(c, '\u{2010}'..='\u{203F}' | '\u{3000}'..='\u{3020}' | '\u{FF00}'..='\u{FF20}')
}

/// Standards list common characters apart from rare ones; of the common few make up most of a text.
fn commonness_of(c: char, encoding: &'static Encoding) -> f64 {
    const MOST: f64 = 1.0;
    const LISTED: f64 = 0.55;
    const RARE: f64 = 0.1;
    let mut letter = [0; 4];
    let (bytes, _, unmappable) = encoding.encode(c.encode_utf8(&mut letter));
    let &[high, low] = &*bytes else { return if is_kana(c) { RARE } else { 0.0 } };
    let code = u16::from_be_bytes([high, low]);
    let is_han = ('\u{4E00}'..='\u{9FFF}').contains(&c);
    let (is_letter, most, is_listed, rare) = if encoding == SHIFT_JIS || encoding == EUC_JP {
        let first_level = if encoding == SHIFT_JIS { 0x889F..=0x9872 } else { 0xB0A1..=0xCFD3 };
        if is_kana(c) {
            return MOST;
        }
        (is_han, COMMON_KANJI, first_level.contains(&code), RARE)
    } else if encoding == BIG5 {
        (is_han, COMMON_TRADITIONAL, (0xA440..=0xC67E).contains(&code), RARE)
    } else if encoding == EUC_KR {
        (('\u{AC00}'..='\u{D7A3}').contains(&c), COMMON_HANGUL, high >= 0xB0 && low >= 0xA1, 0.05)
    } else {
        let second_level = if low >= 0xA1 && high >= 0xD8 { RARE } else { 0.0 };
        (is_han, COMMON_SIMPLIFIED, (0xB0..=0xD7).contains(&high) && low >= 0xA1, second_level)
    };
    match is_letter && !unmappable {
        true if most.contains(c) => MOST,
        true if is_listed => LISTED,
        true => rare,
        // Kana stand now and then in texts of others.
        false if is_kana(c) => 2.0 * RARE,
        false => 0.0,
    }
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FC}' | '\u{FF66}'..='\u{FF9D}')
}

/// Decodes one text of many, which may be in another encoding than the rest.
pub fn decode_one(text: &[u8], of_all: &'static Encoding) -> String {
    let own = if of_all == UTF_8 && std::str::from_utf8(text).is_err() {
        likely(std::iter::once(text))
    } else {
        None
    };
    decode(text, own.unwrap_or(of_all))
}

/// Decodes one text; what cannot be read becomes U+FFFD.
pub fn decode(text: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(text).0.trim_start_matches('\u{FEFF}').to_string()
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

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
            (EUC_KR, "사랑"),
            (SHIFT_JIS, "夢の"),
            (EUC_JP, "さくらの花"),
            (BIG5, "我的愛"),
            (GB18030, "我爱你"),
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
