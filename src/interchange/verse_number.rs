//! The number of a verse before its first word.

/// Without the number that stands before a word: `2. 花`. A number alone stays.
pub fn without_number(text: &str) -> &str {
    let text = text.trim();
    let rest = match text.strip_prefix(['(', '（']) {
        Some(rest) => number_and_sign(rest, &[')', '）']),
        None => number_and_sign(text, &['.', '．', ')', '）', '、']),
    };
    rest.map(str::trim).filter(|rest| !rest.is_empty()).unwrap_or(text)
}

/// What stands behind a number of one or two digits and a sign.
fn number_and_sign<'a>(text: &'a str, signs: &[char]) -> Option<&'a str> {
    let is_digit = |c: &char| c.is_ascii_digit() || ('０'..='９').contains(c);
    let digits: Vec<char> = text.chars().take_while(is_digit).take(3).collect();
    let behind: usize = digits.iter().map(|digit| digit.len_utf8()).sum();
    let rest = text[behind..].trim_start().strip_prefix(signs)?;
    // `2.5` is no verse.
    ((1..=2).contains(&digits.len()) && !rest.starts_with(|c| is_digit(&c))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_verses_are_no_words() {
        let cases = [
            ("2. 花", "花"),
            ("3.鸟", "鸟"),
            ("1.\u{a0}山", "山"),
            ("12) la", "la"),
            ("(1) la", "la"),
            ("２．花", "花"),
            ("3", "3"),
            ("la.", "la."),
            ("1.", "1."),
            ("2.5", "2.5"),
            ("100. la", "100. la"),
        ];
        for (text, word) in cases {
            assert_eq!(without_number(text), word);
        }
    }
}
