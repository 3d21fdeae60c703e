//! The life of a credential as a line: what was, what was said to whom, and what comes.

use app::credentials::Life;
use app::people::Names;
use app::sweep::Foreseen;
use domain::expiry::{Alert, AlertKind, How, Skipped, Step};
use domain::inventory::{Credential, End};
use domain::kernel::{Instant, Span};
use domain::notice::{Notice, NoticeState};

use super::TEXT_CHARS;
use super::show::to_come;
use crate::problem::sentence;
use crate::show::{NAME_CHARS, Reader, When, length, plain, still_left};

/// So many lines of a life are shown of what was, and of what comes.
const LINES: usize = 60;
/// What is said so much of its lead time after its instant, at least an hour, was said late.
const LATE_PART: i64 = 10;

/// One moment of a life.
pub(crate) struct Line {
    pub(crate) class: &'static str,
    pub(crate) at: Instant,
    pub(crate) when: When,
    pub(crate) what: String,
    pub(crate) more: Vec<String>,
}

/// What was: issued, used, said, acknowledged.
pub(super) fn past(life: &Life, names: &Names, reader: &Reader) -> Vec<Line> {
    let credential = &life.standing.item.credential;
    let line = |at: Instant, class, what: &str| Line {
        class,
        at,
        when: reader.when(at),
        what: what.to_owned(),
        more: Vec::new(),
    };
    let mut lines = Vec::new();
    lines.extend(credential.created_at.map(|at| line(at, "", "Issued")));
    lines.extend(life.first_use.map(|at| line(at, "", "First used")));
    lines.extend(rotation(life, reader));
    if credential.source.as_str() != "forewarn" {
        lines.push(line(credential.first_seen_at, "", "First seen by Forewarn"));
    }
    lines.extend(credential.last_used_at.map(|at| line(at, "", "Last used")));
    lines.extend(credential.revoked_at.map(|at| line(at, "", "Revoked")));
    lines.extend(
        credential
            .gone_at
            .map(|at| line(at, "", "Gone from its system")),
    );
    let ended = credential.expires_at().filter(|end| *end <= reader.now);
    lines.extend(ended.map(|at| line(at, "past", "Ended")));
    if let Some(alert) = &life.standing.alert {
        lines.extend(settled(alert, &life.notices, names, reader));
        lines.extend(acts(alert, names, reader));
    }
    lines.sort_by_key(|line| line.at);
    let cut = lines.len().saturating_sub(LINES);
    lines.split_off(cut)
}

/// How its rotation goes: of the old value, and of the new one.
fn rotation(life: &Life, reader: &Reader) -> Vec<Line> {
    let line = |at: Instant, what: &str, of: &Credential| Line {
        class: "",
        at,
        when: reader.when(at),
        what: what.to_owned(),
        more: vec![plain(of.name.as_str(), NAME_CHARS)],
    };
    let mut lines = Vec::new();
    if let Some(next) = life.successor.as_ref() {
        let made = "What takes its place was issued";
        lines.extend(next.created_at.map(|at| line(at, made, next)));
        let used = "What takes its place was first used";
        lines.extend(life.successor_use.map(|at| line(at, used, next)));
    }
    lines.extend(cut_short(&life.standing.item.credential, reader));
    if let Some(old) = life.replaces.as_ref() {
        let end = old.revoked_at.or(old.expires_at());
        let ended = end.filter(|end| *end <= reader.now);
        lines.extend(ended.map(|at| line(at, "The value before ended", old)));
    }
    lines
}

/// That a rotation made its end an earlier one, and that this holds although nothing takes
/// its place any more.
fn cut_short(credential: &Credential, reader: &Reader) -> Option<Line> {
    let cut = credential.cut?;
    let mut more = match cut.meant {
        End::Known(meant) => vec![format!(
            "It would have ended {}",
            reader.when(meant).words()
        )],
        End::Never | End::Unknown => vec!["It would have had no end".to_owned()],
    };
    if !credential.in_overlap {
        more.push("What took its place was revoked; this end stays".to_owned());
    }
    Some(Line {
        class: "",
        at: cut.at,
        when: reader.when(cut.at),
        what: "Rotated, which made its end an earlier one".to_owned(),
        more,
    })
}

pub(crate) fn settled(
    alert: &Alert,
    notices: &[Notice],
    names: &Names,
    reader: &Reader,
) -> Vec<Line> {
    let line = alert.settled.iter().map(|settlement| {
        let said = settlement.how == How::Said;
        let told = notices
            .iter()
            .filter(|n| n.step == settlement.step && n.end == alert.end && n.resolution.is_none());
        let step = step_words(settlement.step);
        let what = match settlement.how {
            How::Said => {
                let late = late_words(settlement.step, settlement.at, alert.end);
                format!("Said: {step}{late}")
            }
            How::Skipped(Skipped::Deeper) => {
                format!("Passed over: {step}, for a later one was due")
            }
            How::Skipped(Skipped::Baseline) => {
                format!("Told in one message with the first import: {step}")
            }
            How::Skipped(Skipped::Policy) => format!("Not said, as somebody wished: {step}"),
        };
        Line {
            class: if said { "said-line" } else { "" },
            at: settlement.at,
            when: reader.when(settlement.at),
            what,
            more: told.map(|n| told_words(n, names, reader)).collect(),
        }
    });
    line.collect()
}

/// When a step was truly said, where that was much later than its name says: an end may
/// be found late, and at night nobody is told.
fn late_words(step: Step, at: Instant, end: Option<Instant>) -> String {
    let (Step::Lead(lead), Some(end)) = (step, end) else {
        return String::new();
    };
    let left = at.until(end);
    let allowed = Span::from_micros(lead.as_micros() / LATE_PART).max(Span::hours(1));
    match lead.as_micros() - left.as_micros() > allowed.as_micros() {
        false => String::new(),
        true if left.is_positive() => format!(" (late: {} before it)", steps_length(left)),
        true => " (late: after it)".to_owned(),
    }
}

/// To whom, over what, and whether it arrived.
fn told_words(notice: &Notice, names: &Names, reader: &Reader) -> String {
    let who = plain(&names.recipient(&notice.recipient), NAME_CHARS);
    let again = match notice.occurrence {
        0 | 1 => String::new(),
        n => format!(" (time {n})"),
    };
    let how = match &notice.state {
        NoticeState::Pending => "on its way".to_owned(),
        NoticeState::Accepted { channel, at, .. } => {
            format!("accepted by {channel} {}", reader.left_words(*at))
        }
        NoticeState::Superseded { .. } => "not sent, for it was no longer true".to_owned(),
        NoticeState::Failed { .. } => "every way failed".to_owned(),
    };
    format!("{who}{again}: {how}")
}

pub(crate) fn acts(alert: &Alert, names: &Names, reader: &Reader) -> Vec<Line> {
    let line = |at: Instant, what: String, note: Option<&String>| Line {
        class: "",
        at,
        when: reader.when(at),
        what,
        more: note
            .map(|text| plain(text, TEXT_CHARS))
            .into_iter()
            .collect(),
    };
    let mut lines = Vec::new();
    if let Some(a) = &alert.acknowledged {
        let what = format!("Acknowledged by {}", names.actor(&a.by));
        lines.push(line(a.at, what, a.note.as_ref()));
    }
    if let Some(r) = &alert.raised {
        let what = format!("Escalated by {}", names.actor(&r.by));
        lines.push(line(r.at, what, r.note.as_ref()));
    }
    if let Some(s) = &alert.snoozed {
        let what = format!(
            "Snoozed by {} until {}",
            names.actor(&s.by),
            reader.day(s.until)
        );
        lines.push(line(s.at, what, None));
    }
    if let Some(l) = &alert.let_lapse {
        let what = format!("May lapse, says {}", names.actor(&l.by));
        lines.push(line(l.at, what, l.reason.as_ref()));
    }
    lines
}

/// What comes: the very notices that will go out, and the end.
pub(super) fn future(life: &Life, names: &Names, reader: &Reader) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for notice in &life.forecast.notices {
        let who = plain(&names.recipient(&notice.recipient), NAME_CHARS);
        let reason = plain(&notice.reason, NAME_CHARS);
        let told = match &notice.channel {
            Some(channel) => format!("{who} over {channel}: {reason}"),
            None => format!("{who}: no way leads there"),
        };
        let what = capital(&notice_words(notice));
        match lines.last_mut() {
            Some(last) if last.at == notice.at && last.what == what => last.more.push(told),
            _ => lines.push(Line {
                class: "next",
                at: notice.at,
                when: reader.when(notice.at),
                what,
                more: vec![told],
            }),
        }
    }
    let credential = &life.standing.item.credential;
    if let Some(end) = to_come(credential, reader.now).filter(|end| *end > reader.now) {
        lines.push(Line {
            class: "end",
            at: end,
            when: reader.when(end),
            what: "It ends".to_owned(),
            more: Vec::new(),
        });
    }
    lines.sort_by_key(|line| line.at);
    lines.truncate(LINES);
    lines
}

pub(crate) fn capital(text: &str) -> String {
    let whole = sentence(text);
    whole.trim_end_matches('.').to_owned()
}

/// What will be said, in words: a step before or after the end, or what is wrong for as long
/// as it is.
pub(crate) fn notice_words(notice: &Foreseen) -> String {
    let is_again = notice.occurrence > 1;
    // A repetition is nearer to the end than its step, and says how near it is itself.
    if let (true, Step::Lead(_), Some(end)) = (is_again, notice.step, notice.end) {
        return format!(
            "again, {} before the end",
            steps_length(notice.at.until(end))
        );
    }
    let again = if is_again { ", again" } else { "" };
    let what = match (notice.step, notice.kind) {
        (Step::Now, AlertKind::Orphaned) => "while nobody who can act owns it".to_owned(),
        (Step::Now, AlertKind::Unheard) => "while nobody would hear of its end".to_owned(),
        (Step::Now, AlertKind::Refused) => "while its issuer refuses it".to_owned(),
        (Step::Now, AlertKind::Carried) => "while a person owns what runs by itself".to_owned(),
        (Step::Now, AlertKind::UsedAfterEnd) => "while it is used after its end".to_owned(),
        (Step::Now, AlertKind::UsedInOverlap) => "while the old value is used".to_owned(),
        (Step::Now, AlertKind::FellSilent) => "while it is used no longer".to_owned(),
        (step, _) => step_words(step),
    };
    let late = match is_again {
        true => String::new(),
        false => late_words(notice.step, notice.at, notice.end),
    };
    format!("{what}{again}{late}")
}

/// A step in words.
pub(crate) fn step_words(step: Step) -> String {
    match step {
        Step::Baseline => "first import".to_owned(),
        // A step scaled down to a short life is of an odd length.
        Step::Lead(span) => format!("{} before the end", steps_length(span)),
        Step::End => "at the end".to_owned(),
        Step::AfterEnd(span) => format!("{} after the end", steps_length(span)),
        Step::Now => "at once".to_owned(),
    }
}

/// Whole days as such; what was reckoned is rounded.
fn steps_length(span: Span) -> String {
    match span.as_micros() % Span::days(1).as_micros() {
        0 => length(span),
        _ => still_left(rounded(span)),
    }
}

/// To whole hours, below a few hours to whole minutes: a distance is no countdown.
fn rounded(span: Span) -> Span {
    let unit = match span < Span::hours(3) {
        true => Span::minutes(1),
        false => Span::hours(1),
    };
    let half = unit.as_micros() / 2;
    let units = (span.as_micros() + half).div_euclid(unit.as_micros());
    Span::from_micros(units * unit.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_was_said_late_says_when_it_truly_was() {
        let end = Instant::parse("2026-11-22T09:00:00Z").unwrap();
        let late = |lead, left: Span| late_words(Step::Lead(lead), end - left, Some(end));
        assert_eq!(late(Span::days(45), Span::days(45)), "");
        assert_eq!(late(Span::days(45), Span::days(41)), "");
        let hours = late(Span::days(45), Span::hours(2));
        assert_eq!(hours, " (late: 2 hours before it)");
        assert_eq!(late(Span::days(1), Span::ZERO), " (late: after it)");
        assert_eq!(late_words(Step::End, end, Some(end)), "");
    }
}
