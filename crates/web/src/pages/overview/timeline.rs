//! What ends soon as marks on a line: near days are wide, far ones narrow.

use app::credentials::Standing;
use domain::kernel::{Span, length};

use crate::pages::credentials::{left_of, presses};
use crate::show::{Left, Reader, Urgency, When, path_part, plain, source_words};

/// How far the line goes.
const REACH: Span = Span::days(45);
/// Where the line begins and ends, and where a day and seven days are over.
const LEFT: f64 = 10.0;
const DAY: f64 = 165.0;
const WEEK: f64 = 450.0;
const RIGHT: f64 = 1080.0;
/// The first lane, how far apart they are, and how many there are.
const TOP: f64 = 18.0;
const LANE: f64 = 27.0;
const LANES: usize = 5;
/// Marks without a label stand here.
const LOW: f64 = TOP + LANE * LANES as f64;
/// About as wide as a letter is.
const LETTER: f64 = 6.9;
const NAME_CHARS: usize = 26;

/// The line with its marks.
pub(super) struct Timeline {
    pub(super) marks: Vec<Mark>,
    pub(super) ticks: Vec<Tick>,
    pub(super) title: String,
}

/// One end.
pub(super) struct Mark {
    pub(super) class: &'static str,
    pub(super) x: f64,
    pub(super) y: f64,
    /// A label where there is room for one.
    pub(super) label: Option<Label>,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) system: String,
    pub(super) when: When,
    pub(super) left: Left,
}

pub(super) struct Label {
    /// Where it begins.
    pub(super) x: f64,
    /// Labels near the right edge stand before their mark.
    pub(super) anchor: &'static str,
}

/// A day on the line.
pub(super) struct Tick {
    pub(super) x: f64,
    pub(super) anchor: &'static str,
    pub(super) words: String,
}

impl Timeline {
    /// `ends` come soonest first.
    pub(super) fn draw(ends: &[Standing], reader: &Reader) -> Self {
        let mut lanes = [f64::MIN; LANES];
        let inside = ends.iter().filter_map(|standing| {
            let credential = &standing.item.credential;
            let end = credential.expires_at()?;
            let left = reader.now.until(end);
            (left <= REACH).then_some((credential, end, place(left)))
        });
        let marks = inside.map(|(credential, end, x)| {
            let name = plain(credential.name.as_str(), NAME_CHARS);
            let system = source_words(credential.source.as_str());
            let letters = name.chars().count() + 1 + system.chars().count();
            let (y, label) = lane(&mut lanes, x, letters as f64 * LETTER);
            Mark {
                class: match presses(credential, end, reader.now) {
                    true => Urgency::of(end, reader.now).class(),
                    false => Urgency::Later.class(),
                },
                x,
                y,
                label,
                id: path_part(credential.id.as_str()),
                name,
                system,
                when: reader.when(end),
                left: left_of(credential, end, reader),
            }
        });
        let marks: Vec<Mark> = marks.collect();
        Self {
            title: title(&marks),
            marks,
            ticks: ticks(),
        }
    }

    /// Those that there was no room to name.
    pub(super) fn unnamed(&self) -> usize {
        self.marks.iter().filter(|m| m.label.is_none()).count()
    }
}

fn title(marks: &[Mark]) -> String {
    match marks {
        [] => "Nothing ends within 45 days".to_owned(),
        [one] => format!("One credential ends within 45 days: {}", one.name),
        [first, ..] => format!(
            "{} credentials by end, the next 45 days; {} ends first",
            marks.len(),
            first.name
        ),
    }
}

/// Where on the line something stands that ends after so long.
fn place(left: Span) -> f64 {
    let days = left.as_micros() as f64 / Span::days(1).as_micros() as f64;
    let between = |from: f64, to: f64, part: f64| from + (to - from) * part;
    let x = match days {
        d if d <= 1.0 => between(LEFT, DAY, d.max(0.0)),
        d if d <= 7.0 => between(DAY, WEEK, (d - 1.0) / 6.0),
        d => between(WEEK, RIGHT, (d - 7.0) / 38.0),
    };
    // Finer than a tenth nobody sees.
    (x * 10.0).round() / 10.0
}

/// The highest lane from which a line can fall without crossing a label, and the label's
/// place. Without one the mark stands low and has no label.
fn lane(lanes: &mut [f64; LANES], x: f64, width: f64) -> (f64, Option<Label>) {
    let before = x + 12.0 + width > RIGHT + 10.0;
    let (from, to) = if before {
        (x - 12.0 - width, x + 6.0)
    } else {
        (x - 6.0, x + 16.0 + width)
    };
    let free = (0..LANES).find(|lane| {
        let below = lanes.get(*lane..).unwrap_or_default();
        below.iter().all(|taken| *taken <= from)
    });
    let Some(lane) = free else {
        return (LOW, None);
    };
    if let Some(taken) = lanes.get_mut(lane) {
        *taken = to;
    }
    let label = Label {
        x: if before { x - 11.0 } else { x + 11.0 },
        anchor: if before { "end" } else { "start" },
    };
    (TOP + LANE * lane as f64, Some(label))
}

fn ticks() -> Vec<Tick> {
    let mut ticks = vec![Tick {
        x: LEFT,
        anchor: "start",
        words: "now".to_owned(),
    }];
    for days in [1, 3, 7, 14, 28, 45] {
        ticks.push(Tick {
            x: place(Span::days(days)),
            anchor: if days == 45 { "end" } else { "middle" },
            // A date would stand at its noon or its night, as it is now.
            words: length(Span::days(days)),
        });
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_days_are_wide_and_far_ones_narrow() {
        assert_eq!(place(Span::ZERO), LEFT);
        assert_eq!(place(Span::days(1)), DAY);
        assert_eq!(place(Span::days(7)), WEEK);
        assert_eq!(place(REACH), RIGHT);
        assert!(place(Span::hours(12)) < DAY);
    }

    #[test]
    fn a_line_that_falls_crosses_no_label() {
        let mut lanes = [f64::MIN; LANES];
        let mut placed = Vec::new();
        for n in 0..40 {
            let x = 20.0 + f64::from(n) * 9.0;
            let (y, label) = lane(&mut lanes, x, 120.0);
            if label.is_some() {
                placed.push((x, y));
            }
        }
        assert!(placed.len() >= LANES);
        for (x, y) in &placed {
            let crossed = placed
                .iter()
                .any(|(from, low)| low > y && from + 11.0 < *x && *x < from + 131.0);
            assert!(!crossed, "{x} {y}");
        }
    }
}
