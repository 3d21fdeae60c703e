//! When is a failed delivery tried again, and until when?

use crate::expiry::Step;
use crate::kernel::{Instant, Span};

/// Which schedule a channel's retries follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// Webhooks and chat: the table of Standard Webhooks.
    Post,
    /// SMTP: greylisting lasts minutes, so nothing is tried within seconds.
    Mail,
}

/// What the receiver said of when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Pushback {
    /// `Retry-After`, where given.
    pub retry_after: Option<Span>,
    /// 429, 502, 504 or a timeout: at least a minute.
    pub overloaded: bool,
}

/// Waits in seconds after the first attempt, the second, and so on; the last repeats.
const POST: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const MAIL: [i64; 6] = [300, 900, 1_800, 3_600, 7_200, 14_400];
/// So many attempts fit before any deadline.
const AT_LEAST: i64 = 6;
/// Where no more than a day is left, nothing waits longer than this.
const LAST_DAY_WAIT: i64 = 3_600;
/// The day in which that counts.
const LAST_DAY: Span = Span::days(1);
/// No receiver may ask for a longer wait.
const LONGEST_PUSHBACK: Span = Span::hours(6);
/// A message is worth delivering for so long.
const WORTH: Span = Span::days(5);

/// When to try again after `attempts` attempts (1 after the first); `None` when no further
/// attempt fits before the deadline, and the message falls over. `jitter` in -1 to 1 moves
/// the wait by up to a fifth, and only makes it longer where the receiver asked for it.
/// Waits are compressed so that six attempts fit, and where no more than a day is left it is
/// tried hourly, unless the receiver asks for twice that.
pub fn retry_at(
    pace: Pace,
    attempts: u32,
    pushback: Pushback,
    deadline: Instant,
    now: Instant,
    jitter: f64,
) -> Option<Instant> {
    let left = now.until(deadline).as_micros();
    let wait = asked(pace, attempts, pushback, now.until(deadline)).as_micros();
    let to_come = AT_LEAST - i64::from(attempts);
    let wait = if to_come > 0 {
        wait.min(left / (to_come + 1))
    } else {
        wait
    };
    let jitter = match pushback.retry_after {
        Some(_) => jitter.abs(),
        None => jitter,
    };
    let at = now + jittered(wait, jitter);
    (wait > 0 && at < deadline).then_some(at)
}

/// The wait before compression: the table's, or the receiver's within once and twice that.
fn asked(pace: Pace, attempts: u32, pushback: Pushback, left: Span) -> Span {
    let table: &[i64] = match pace {
        Pace::Post => &POST,
        Pace::Mail => &MAIL,
    };
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let seconds = table.get(index).or_else(|| table.last()).copied();
    let seconds = seconds.unwrap_or(300);
    let base = Span::seconds(if left <= LAST_DAY {
        seconds.min(LAST_DAY_WAIT)
    } else {
        seconds
    });
    let twice = Span::from_micros(base.as_micros() * 2);
    let wait = match pushback.retry_after {
        Some(asked) => asked.clamp(base, twice).min(LONGEST_PUSHBACK.max(base)),
        None => base,
    };
    if pushback.overloaded {
        wait.max(Span::minutes(1))
    } else {
        wait
    }
}

/// Moved by up to a fifth, in thousandths so that no rounding matters.
fn jittered(wait: i64, jitter: f64) -> Span {
    let bounded = if jitter.is_nan() {
        0.0
    } else {
        jitter.clamp(-1.0, 1.0)
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "between -200 and 200 by the clamp above"
    )]
    let thousandths = (bounded * 200.0) as i64;
    Span::from_micros(wait + wait / 1_000 * thousandths)
}

/// Until when a message about this step is worth delivering: the next step, the end (for
/// steps before it), or five days, whichever is first.
pub fn deadline(
    step: Step,
    next_step_at: Option<Instant>,
    end: Option<Instant>,
    now: Instant,
) -> Instant {
    let end = end.filter(|_| step < Step::End);
    [next_step_at, end]
        .into_iter()
        .flatten()
        .filter(|at| *at > now)
        .fold(now + WORTH, Instant::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Instant = Instant::EPOCH;

    fn wait(pace: Pace, attempts: u32, pushback: Pushback) -> Span {
        let far = NOW + Span::days(365);
        NOW.until(retry_at(pace, attempts, pushback, far, NOW, 0.0).unwrap())
    }

    #[test]
    fn follows_the_table_while_there_is_time() {
        let none = Pushback::default();
        let post: Vec<_> = (1..=10)
            .map(|n| wait(Pace::Post, n, none).as_seconds())
            .collect();
        assert_eq!(
            post,
            [
                5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400
            ]
        );
        assert_eq!(wait(Pace::Mail, 1, none), Span::minutes(5));
    }

    /// S7: a receiver that says when is not asked sooner, nor much later: up to twice the
    /// table's wait and six hours, and never below the table.
    #[test]
    fn a_receiver_may_ask_for_up_to_twice_the_wait() {
        let ask = |span| Pushback {
            retry_after: Some(span),
            overloaded: false,
        };
        assert_eq!(wait(Pace::Post, 2, ask(Span::seconds(1))), Span::minutes(5));
        assert_eq!(wait(Pace::Post, 2, ask(Span::minutes(7))), Span::minutes(7));
        assert_eq!(wait(Pace::Post, 2, ask(Span::days(9))), Span::minutes(10));
        assert_eq!(wait(Pace::Post, 5, ask(Span::days(9))), Span::hours(6));
        let far = NOW + Span::days(365);
        for (jitter, seconds) in [(-1.0, 504), (0.0, 420), (1.0, 504)] {
            let seven = ask(Span::minutes(7));
            let at = retry_at(Pace::Post, 2, seven, far, NOW, jitter);
            assert_eq!(at, Some(NOW + Span::seconds(seconds)));
        }
        let overloaded = Pushback {
            retry_after: None,
            overloaded: true,
        };
        assert_eq!(wait(Pace::Post, 1, overloaded), Span::minutes(1));
    }

    /// T6: where a day is left an attempt follows every hour, however often it failed; a
    /// microsecond more and the table counts.
    #[test]
    fn on_the_last_day_nothing_waits_longer_than_an_hour() {
        let day = Span::days(1);
        let wait = |pace, attempts, left| {
            let none = Pushback::default();
            let at = retry_at(pace, attempts, none, NOW + left, NOW, 0.0);
            at.map(|at| NOW.until(at))
        };
        for attempts in 6..40 {
            assert_eq!(wait(Pace::Mail, attempts, day), Some(Span::hours(1)));
            assert_eq!(wait(Pace::Post, attempts, day), Some(Span::hours(1)));
        }
        let more = Span::from_micros(day.as_micros() + 1);
        assert_eq!(wait(Pace::Mail, 6, more), Some(Span::hours(4)));
        assert_eq!(wait(Pace::Mail, 6, Span::minutes(59)), None);
        let asks = Pushback {
            retry_after: Some(day),
            overloaded: false,
        };
        let at = retry_at(Pace::Mail, 9, asks, NOW + day, NOW, 0.0).unwrap();
        assert_eq!(NOW.until(at), Span::hours(2));
    }

    #[test]
    fn what_is_worth_delivering_ends_with_the_next_step_or_the_end() {
        let step = Step::Lead(Span::days(1));
        let day = NOW + Span::days(1);
        assert_eq!(deadline(step, Some(day), Some(day), NOW), day);
        assert_eq!(deadline(step, None, None, NOW), NOW + Span::days(5));
        assert_eq!(
            deadline(Step::End, None, Some(NOW), NOW),
            NOW + Span::days(5)
        );
        assert_eq!(deadline(step, Some(NOW), Some(day), NOW), day);
    }

    proptest! {
        /// T6: at least six attempts fit before any deadline.
        #[test]
        fn at_least_six_attempts_fit_before_any_deadline(
            left in 1_i64..1_000_000, jitter in -1.0_f64..=1.0, mail: bool,
            overloaded: bool, retry_after in proptest::option::of(0_i64..1_000_000),
        ) {
            let pace = if mail { Pace::Mail } else { Pace::Post };
            let pushback = Pushback { retry_after: retry_after.map(Span::seconds), overloaded };
            let deadline = NOW + Span::seconds(left);
            let mut now = NOW;
            for attempts in 1..6 {
                let next = retry_at(pace, attempts, pushback, deadline, now, jitter);
                prop_assert!(next.is_some_and(|at| at > now && at < deadline), "{attempts}");
                now = next.unwrap();
            }
        }
    }
}
