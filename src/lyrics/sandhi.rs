//! 一 and 不, whose tones go by the syllable after them: *yí dìng*, *yì tiān*, *bú shì*.

use super::spelling::Spelling;

/// Behind these 一 counts, or ends a word, and keeps its tone: 第一, 十一, 星期一, 唯一.
const BEFORE_A_NUMBER: &str = "第初零一二三四五六七八九十百千万期周拜之唯统单专逐";
/// Before these it is a digit.
const AFTER_A_DIGIT: &str = "一二三四五六七八九〇零";

/// Gives the 一 and 不 of a run of hanzi the tones that they have there. Between two of the
/// same (看一看, 是不是, but not 一天一天) they are neutral.
pub(super) fn settle(run: &[char], readings: &mut [Option<Spelling>]) {
    // From the end: what they change to counts for those before them.
    for at in (0..run.len()).rev() {
        let back = |by: usize| at.checked_sub(by).and_then(|there| run.get(there)).copied();
        let (before, after) = (back(1), run.get(at + 1).copied());
        let doubled = before.is_some() && before == after && back(2) != Some('一');
        let next = match (after, readings.get(at + 1)) {
            // However lightly it is said, it was a fourth tone.
            (Some('个'), _) => 4,
            (_, Some(Some(spelling))) => spelling.tone,
            _ => 0,
        };
        let among = |set: &str, c: Option<char>| c.is_some_and(|c| set.contains(c));
        let Some(Some(spelling)) = readings.get_mut(at) else { continue };
        spelling.tone = match (run[at], spelling.tone, next) {
            ('一', 1, _) if among(BEFORE_A_NUMBER, before) || among(AFTER_A_DIGIT, after) => 1,
            ('一', 1, 1..) | ('不', 4, _) if doubled => 5,
            ('一', 1, 4) | ('不', 4, 4) => 2,
            ('一', 1, 1..=3) => 4,
            (_, tone, _) => tone,
        };
    }
}
