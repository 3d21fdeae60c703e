//! The plain text body: complete by itself, readable in any program.

use super::card::{Card, Fact};
use super::letter::Letter;
use super::review::Sheet;

/// Pours a letter into text with lines ended by LF.
pub(super) fn body(letter: &Letter) -> String {
    let mut blocks = vec![
        letter.greeting.clone(),
        sentence(&letter.headline),
        letter.intro.clone(),
    ];
    let button = letter.button.iter();
    blocks.extend(button.map(|(words, url)| format!("{words}: {url}")));
    let several = letter.cards.len() > 1;
    blocks.extend(letter.cards.iter().map(|card| block(card, several)));
    if !letter.more.is_empty() {
        blocks.push(format!("… {}: {}", letter.more, letter.list_url));
    }
    blocks
        .push(format!("--\n{}\nForewarn, {}", letter.why, letter.public_url).replace("\n\n", "\n"));
    blocks.retain(|block| !block.is_empty());
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

/// With a full stop, unless it ends by itself.
fn sentence(words: &str) -> String {
    if words.ends_with('?') {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}

fn block(card: &Card, several: bool) -> String {
    let mut lines = Vec::new();
    if several {
        lines.push(format!("* {}", card.headline));
    }
    if !card.subtitle.is_empty() {
        lines.push(format!("  {}", card.subtitle));
    }
    lines.extend(card.facts.iter().map(line));
    lines.extend(card.sheet.iter().flat_map(sheet));
    match card.steps.as_slice() {
        [only] => lines.push(format!("  {only}")),
        steps => lines.extend((1..).zip(steps).map(|(n, step)| format!("  {n}. {step}"))),
    }
    lines.push(format!("  {}: {}", act_words(card), card.act_url));
    if card.page_url != card.act_url {
        lines.push(format!("  All about it: {}", card.page_url));
    }
    if let Some(url) = &card.renew_url {
        lines.push(format!("  Renew it: {url}"));
    }
    lines.join("\n")
}

/// A paragraph for each credential of a review.
fn sheet(sheet: &Sheet) -> Vec<String> {
    let mut lines = vec![format!("  {}", sheet.headline)];
    for row in &sheet.rows {
        lines.push(format!("\n  * {} ({})", row.name, row.what));
        let facts = row.facts.iter();
        lines.extend(facts.map(|(label, value)| format!("    {:<8} {value}", format!("{label}:"))));
        lines.push(format!("    {}", row.url));
    }
    if !sheet.more.is_empty() {
        lines.push(format!("\n  … {}", sheet.more));
    }
    if !sheet.rows.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// In plain text one link leads to all that can be done: `Acknowledge, snooze or let it
/// lapse`.
fn act_words(card: &Card) -> String {
    let words: Vec<&str> = card.acts.iter().map(|(words, _)| *words).collect();
    match words.as_slice() {
        [] => card.act.to_owned(),
        [only] => (*only).to_owned(),
        [first, between @ .., last] => {
            let between = between
                .iter()
                .map(|words| format!(", {}", words.to_lowercase()));
            let between: String = between.collect();
            format!("{first}{between} or {}", last.to_lowercase())
        }
    }
}

fn line(fact: &Fact) -> String {
    let url = fact
        .url
        .as_deref()
        .map(|url| format!(" {url}"))
        .unwrap_or_default();
    format!("  {:<10} {}{url}", format!("{}:", fact.label), fact.value)
}
