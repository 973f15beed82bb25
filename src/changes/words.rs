//! What changed in a text, word by word.
//!
//! Comes in: two texts. Goes out: the words that stayed, went and came, in the order in which they are read. White space
//! parts words and says nothing itself. Knows nothing of answers.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Words in a row that stayed, went or came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What became of them.
    pub fate: Fate,
    /// The words, with one space between two.
    pub text: String,
}

/// What became of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// They stand in both texts.
    Same,
    /// They stand only in the earlier text.
    Removed,
    /// They stand only in the later text.
    Added,
}

/// So few words between two changes are read as a part of both.
const ISLAND: usize = 2;
/// How many words must go or come on both sides of such an island.
const SHORE: usize = 4;

/// One change: words that stayed, then words that went, then words that came in their place.
#[derive(Default)]
struct Step<'t> {
    same: Vec<&'t str>,
    removed: Vec<&'t str>,
    added: Vec<&'t str>,
}

/// The words of two texts side by side.
#[must_use]
pub fn pieces(old: &str, new: &str) -> Vec<Piece> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_whitespace().collect(), new.split_whitespace().collect());
    let mut out = Vec::new();
    for step in joined(steps(&old, &new)) {
        for (fate, words) in [(Fate::Same, step.same), (Fate::Removed, step.removed), (Fate::Added, step.added)] {
            if !words.is_empty() {
                out.push(Piece { fate, text: words.join(" ") });
            }
        }
    }
    out
}

fn steps<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Step<'t>> {
    let mut steps: Vec<Step<'t>> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, old, new) {
        let (before, after) = (&old[operation.old_range()], &new[operation.new_range()]);
        if let DiffOp::Equal { .. } = operation {
            steps.push(Step { same: before.to_vec(), ..Step::default() });
            continue;
        }
        if steps.is_empty() {
            steps.push(Step::default());
        }
        if let Some(last) = steps.last_mut() {
            last.removed.extend(before);
            last.added.extend(after);
        }
    }
    steps
}

/// A word or two that stayed in the middle of a rewritten passage only make it hard to read.
fn joined(steps: Vec<Step<'_>>) -> Vec<Step<'_>> {
    let size = |step: &Step<'_>| step.removed.len() + step.added.len();
    let mut out: Vec<Step<'_>> = Vec::new();
    for mut step in steps {
        match out.last_mut() {
            Some(last) if step.same.len() <= ISLAND && size(last) >= SHORE && size(&step) >= SHORE => {
                for (all, more) in [(&mut last.removed, &mut step.removed), (&mut last.added, &mut step.added)] {
                    all.extend(&step.same);
                    all.append(more);
                }
            }
            _ => out.push(step),
        }
    }
    out
}

/// The pieces with their long unchanged stretches cut down to the words beside a change, and, if there is a limit, with
/// what went and came cut to so many words. What was cut is an ellipsis.
#[must_use]
pub fn shortened(pieces: &[Piece], beside: usize, limit: Option<usize>) -> Vec<Piece> {
    let last = pieces.len().saturating_sub(1);
    let cut = |(index, piece): (usize, &Piece)| {
        let words: Vec<&str> = piece.text.split(' ').collect();
        let (first, after) = match (piece.fate, limit) {
            (Fate::Same, _) => (if index == 0 { 0 } else { beside }, if index == last { 0 } else { beside }),
            (_, Some(limit)) => (limit, 0),
            (_, None) => (words.len(), 0),
        };
        // An ellipsis that stands for one word saves nothing.
        let text = if words.len() <= first + after + 1 {
            piece.text.clone()
        } else {
            let parts = [words[..first].join(" "), "…".to_owned(), words[words.len() - after..].join(" ")];
            parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
        };
        Piece { fate: piece.fate, text }
    };
    pieces.iter().enumerate().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(old: &str, new: &str) -> String {
        let mark = |piece: &Piece| match piece.fate {
            Fate::Same => piece.text.clone(),
            Fate::Removed => format!("[-{}-]", piece.text),
            Fate::Added => format!("{{+{}+}}", piece.text),
        };
        pieces(old, new).iter().map(mark).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_change_shows_its_words_and_no_more() {
        assert_eq!(told("Four rings on a stick.", "Four rings on a pole."), "Four rings on a [-stick.-] {+pole.+}");
        assert_eq!(told("a b", "a  b\n"), "a b");
        assert_eq!(told("", "new words"), "{+new words+}");
        assert_eq!(
            told("a b c d the e f g h", "A B C D the E F G H"),
            "[-a b c d the e f g h-] {+A B C D the E F G H+}"
        );
        assert_eq!(told("a the e", "A the E"), "[-a-] {+A+} the [-e-] {+E+}");
    }

    #[test]
    fn long_stretches_are_cut_where_nothing_changed() {
        let old = "one two three four five six seven eight nine ten";
        let new = "one two three four FIVE six seven eight nine ten";
        let short =
            |limit| shortened(&pieces(old, new), 2, limit).into_iter().map(|piece| piece.text).collect::<Vec<_>>();
        assert_eq!(short(None), ["… three four", "five", "FIVE", "six seven …"]);
        let gone = shortened(&pieces(old, ""), 2, Some(3));
        assert_eq!(gone, [Piece { fate: Fate::Removed, text: "one two three …".to_owned() }]);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_the_pieces(old in "[a-d ]{0,60}", new in "[a-d \n]{0,60}") {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let without = |fate: Fate| {
                let kept = pieces(&old, &new).into_iter().filter(move |piece| piece.fate != fate);
                words(&kept.map(|piece| piece.text).collect::<Vec<_>>().join(" "))
            };
            prop_assert_eq!(without(Fate::Added), words(&old));
            prop_assert_eq!(without(Fate::Removed), words(&new));
        }
    }
}
