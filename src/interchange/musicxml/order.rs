//! The order in which bars are played: repeats, endings, da capo, dal segno, coda and fine.

use roxmltree::Node;

use super::super::xml::{child, children};
use super::written::WrittenPart;

/// Times that a repeat is played at most, whatever it says.
const MOST_TIMES: usize = 16;

/// What a bar says of where the music goes on.
#[derive(Clone, Debug, Default)]
struct Marks {
    /// A repeat begins before it, or ends behind it and is played so many times in all.
    begins: bool,
    repeated: Option<usize>,
    /// The passes in which it is played, where it lies under an ending; none for all.
    ending: Vec<usize>,
    segno: bool,
    coda: bool,
    /// Behind it the music goes on elsewhere.
    da_capo: bool,
    dal_segno: bool,
    to_coda: bool,
    fine: bool,
}

/// A bar as it is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// Which of the written bars, from 0.
    pub bar: usize,
    /// How often it has been played before.
    pub pass: usize,
}

/// The bars in the order in which they are played, `count` of them written. What any part says
/// counts for all. After a jump back repeats are not played again and the last endings are taken,
/// as musicians do.
pub fn played(parts: &[WrittenPart], count: usize) -> Vec<Played> {
    let marks = marks(parts, count);
    let mut order = Vec::with_capacity(count);
    let mut passes = vec![0; count];
    // Where the current repeat begins, and which pass of it this is, from 1.
    let (mut start, mut pass) = (0, 1);
    let (mut bar, mut jumped) = (0, false);
    while let Some(mark) = marks.get(bar) {
        if mark.begins && start != bar {
            (start, pass) = (bar, 1);
        }
        let another_follows =
            marks.get(bar + 1).is_some_and(|next| !next.ending.is_empty() && next.ending != mark.ending);
        let is_skipped = match (mark.ending.is_empty(), jumped) {
            (true, _) => false,
            (false, false) => !mark.ending.contains(&pass),
            // An ending of several bars is skipped as a whole.
            (false, true) => another_follows || repeats_before_next_ending(&marks, bar),
        };
        if is_skipped {
            bar += 1;
            continue;
        }
        order.push(Played { bar, pass: passes[bar] });
        passes[bar] += 1;
        if jumped && mark.fine {
            break;
        }
        if jumped
            && mark.to_coda
            && let Some(coda) = (bar + 1..count).find(|&at| marks[at].coda)
        {
            bar = coda;
            continue;
        }
        if let Some(times) = mark.repeated.filter(|_| !jumped) {
            if pass < times.max(last_ending(&marks, bar)).min(MOST_TIMES) {
                pass += 1;
                bar = start;
                continue;
            }
            (start, pass) = (bar + 1, 1);
        }
        let back = match (jumped, mark.da_capo, mark.dal_segno) {
            (false, true, _) => Some(0),
            (false, _, true) => marks[..=bar].iter().rposition(|mark| mark.segno),
            _ => None,
        };
        match back {
            Some(to) => (bar, jumped) = (to, true),
            None => bar += 1,
        }
    }
    order
}

/// Whether the bar lies under an ending that leads back, so that another comes behind it.
fn repeats_before_next_ending(marks: &[Marks], bar: usize) -> bool {
    let own = &marks[bar].ending;
    let ending = marks[bar..].iter().take_while(|mark| mark.ending == *own);
    let (length, leads_back) =
        ending.fold((0, false), |(length, back), mark| (length + 1, back || mark.repeated.is_some()));
    leads_back && marks.get(bar + length).is_some_and(|next| !next.ending.is_empty())
}

/// The highest pass that an ending names, of those that begin at a bar and follow it.
fn last_ending(marks: &[Marks], bar: usize) -> usize {
    let endings = marks[bar..].iter().take_while(|mark| !mark.ending.is_empty());
    endings.flat_map(|mark| mark.ending.iter().copied()).max().unwrap_or(2)
}

fn marks(parts: &[WrittenPart], count: usize) -> Vec<Marks> {
    let mut marks = vec![Marks::default(); count];
    for part in parts {
        // An ending goes on from bar to bar until it stops.
        let mut ending: Vec<usize> = Vec::new();
        for (measure, mark) in part.bars.iter().zip(&mut marks) {
            let mut stops = false;
            for item in measure.iter().flat_map(|bar| bar.children()).filter(Node::is_element) {
                match item.tag_name().name() {
                    "barline" => stops |= barline(item, mark, &mut ending),
                    "sound" => sound(item, mark),
                    "direction" => direction(item, mark),
                    _ => {}
                }
            }
            if !ending.is_empty() {
                mark.ending.clone_from(&ending);
            }
            if stops {
                ending.clear();
            }
        }
    }
    marks
}

/// Takes in a bar line; gives whether an ending stops there.
fn barline(line: Node, mark: &mut Marks, ending: &mut Vec<usize>) -> bool {
    if let Some(repeat) = child(line, "repeat") {
        match repeat.attribute("direction") {
            Some("forward") => mark.begins = true,
            _ => {
                let times = repeat.attribute("times").and_then(|times| times.trim().parse().ok());
                mark.repeated = Some(times.unwrap_or(2));
            }
        }
    }
    mark.segno |= child(line, "segno").is_some();
    mark.coda |= child(line, "coda").is_some();
    let Some(bracket) = child(line, "ending") else { return false };
    let numbers = bracket.attribute("number").unwrap_or("1").split(|c: char| !c.is_ascii_digit());
    let numbers: Vec<usize> = numbers
        .filter_map(|number| number.parse().ok())
        .filter(|pass| (1..=MOST_TIMES).contains(pass))
        .collect();
    match bracket.attribute("type") {
        Some("start") => {
            *ending = if numbers.is_empty() { vec![1] } else { numbers };
            false
        }
        _ => true,
    }
}

fn sound(sound: Node, mark: &mut Marks) {
    mark.segno |= sound.has_attribute("segno");
    mark.coda |= sound.has_attribute("coda");
    mark.da_capo |= sound.attribute("dacapo") == Some("yes");
    mark.dal_segno |= sound.has_attribute("dalsegno");
    mark.to_coda |= sound.has_attribute("tocoda");
    mark.fine |= sound.has_attribute("fine");
}

/// What a direction says to the machine, else what it says in signs and words.
fn direction(direction: Node, mark: &mut Marks) {
    if let Some(says) = child(direction, "sound") {
        sound(says, mark);
    }
    for kind in children(direction, "direction-type") {
        mark.segno |= child(kind, "segno").is_some();
        let words: String = children(kind, "words").filter_map(|words| words.text()).collect();
        let words = words.trim().to_lowercase().replace(". ", ".");
        let begins = |texts: &[&str]| texts.iter().any(|text| words.starts_with(text));
        let to_coda = begins(&["to coda", "al coda"]);
        mark.to_coda |= to_coda;
        // Behind these words the sign shows the way and is not where it leads.
        mark.coda |= child(kind, "coda").is_some() && !mark.to_coda || words == "coda";
        mark.da_capo |= begins(&["d.c", "da capo"]);
        mark.dal_segno |= begins(&["d.s", "dal segno"]);
        mark.fine |= words == "fine";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the bars as they are played, each bar given by what is in it.
    fn order(bars: &[&str]) -> Vec<usize> {
        let measures: String = bars.iter().map(|bar| format!("<measure>{bar}</measure>")).collect();
        let text = format!("<part>{measures}</part>");
        let document = roxmltree::Document::parse(&text).unwrap();
        let bars: Vec<_> = children(document.root_element(), "measure").map(Some).collect();
        let count = bars.len();
        played(&[WrittenPart { id: None, bars }], count).iter().map(|played| played.bar + 1).collect()
    }

    const BEGIN: &str = "<barline><repeat direction='forward'/></barline>";
    const BACK: &str = "<barline><repeat direction='backward'/></barline>";

    fn ending(number: &str, back: bool) -> String {
        let repeat = if back { "<repeat direction='backward'/>" } else { "" };
        format!(
            "<barline><ending number='{number}' type='start'/></barline>\
             <barline>{repeat}<ending number='{number}' type='stop'/></barline>"
        )
    }

    #[test]
    fn repeats_and_endings_are_played_in_turn() {
        assert_eq!(order(&["", "", ""]), [1, 2, 3]);
        assert_eq!(order(&["", BACK, ""]), [1, 2, 1, 2, 3]);
        assert_eq!(order(&["", BEGIN, BACK, BEGIN, BACK]), [1, 2, 3, 2, 3, 4, 5, 4, 5]);
        let (first, second) = (ending("1", true), ending("2", false));
        assert_eq!(order(&["", &first, &second, ""]), [1, 2, 1, 3, 4]);
        let (twice, third) = (ending("1, 2", true), ending("3", false));
        assert_eq!(order(&["", &twice, &third]), [1, 2, 1, 2, 1, 3]);
        let long = [
            "",
            "<barline><ending number='1' type='start'/></barline>",
            "<barline><repeat direction='backward'/><ending number='1' type='stop'/></barline>",
            &second,
        ];
        assert_eq!(order(&long), [1, 2, 3, 1, 4]);
        let thrice = "<barline><repeat direction='backward' times='3'/></barline>";
        assert_eq!(order(&[thrice, ""]), [1, 1, 1, 2]);
        let forever = "<barline><repeat direction='backward' times='4000000000'/></barline>";
        assert_eq!(order(&[forever]).len(), MOST_TIMES);
    }

    #[test]
    fn jumps_lead_back_once() {
        let words = |text: &str| {
            format!("<direction><direction-type><words>{text}</words></direction-type></direction>")
        };
        let (capo, segno, fine) = (words("D.C. al Fine"), words("D. S. al Coda"), words("Fine"));
        assert_eq!(order(&["", &fine, "", &capo]), [1, 2, 3, 4, 1, 2]);
        assert_eq!(order(&["", BACK, &fine, &capo]), [1, 2, 1, 2, 3, 4, 1, 2, 3]);
        let sign = "<direction><direction-type><segno/></direction-type></direction>";
        let coda = "<direction><direction-type><coda/></direction-type></direction>";
        let to_coda = words("To Coda");
        assert_eq!(order(&["", sign, &to_coda, &segno, coda, ""]), [1, 2, 3, 4, 2, 3, 5, 6]);
        let (first, second) = (ending("1", true), ending("2", false));
        assert_eq!(order(&["", &first, &second, &capo]), [1, 2, 1, 3, 4, 1, 3, 4]);
        let machine = "<sound dacapo='yes'/>";
        assert_eq!(order(&["", machine, ""]), [1, 2, 1, 2, 3]);
    }
}
