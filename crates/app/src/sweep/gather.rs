//! From a plan to notices and messages: who hears it, over which way, until when.

use std::collections::BTreeSet;

use domain::expiry::{Alert, Plan, Resolution, Saying, Step};
use domain::kernel::{ChannelId, Instant, MessageId, TeamId};
use domain::notice::{
    Audience, AudienceRole, Concerned, Listener, Message, MessageKind, MessageState, Notice,
    NoticeState, audience, deadline, schedule, schedule_over, ways,
};
use domain::people::{Directory, Owner, Recipient, RecipientHours};

use crate::ports::Write;

use super::load::Surroundings;
use super::page::Decided;

/// Who is meant.
pub(super) enum Whom<'a> {
    /// Those who answer for a credential, and whoever the step climbs to; they hear when
    /// its policy says.
    Close(&'a Concerned, &'a RecipientHours),
    /// Those who run Forewarn; the channel named is not told and carries nothing.
    Operators(Option<&'a ChannelId>),
    /// A team, or whoever hears in its place.
    Team(TeamId),
}

/// One thing to say to everybody listed.
struct Said<'a> {
    alert: &'a Alert,
    step: Step,
    occurrence: u32,
    resolution: Option<Resolution>,
    /// When something newer is said: the message is not worth delivering after.
    next: Option<Instant>,
    /// When the next step is entered: nobody's hours hold it back until then.
    next_step: Option<Instant>,
    /// Whether it may wait for a digest.
    gathers: bool,
}

/// Adds what follows from the plan of one alert to what is decided for the subject.
pub(super) fn gather(
    around: &Surroundings,
    whom: &Whom<'_>,
    before: Option<&Alert>,
    planned: Plan,
    to: &mut Decided,
) {
    let next = planned.next_due_at;
    to.next = [to.next, next].into_iter().flatten().min();
    if let (Some(resolution), Some(closed)) = (planned.resolved, &planned.closed) {
        let said = Said {
            alert: closed,
            step: closed.step().unwrap_or(Step::Now),
            occurrence: closed.occurrence,
            resolution: Some(resolution),
            next: None,
            next_step: None,
            gathers: true,
        };
        speak(
            around,
            whom,
            &said,
            told_before(around, whom, &closed.told),
            to,
        );
    }
    let Some(mut alert) = planned.alert else {
        return;
    };
    let mut told = BTreeSet::new();
    let first = to.messages.len();
    for (saying, newcomers) in [(&planned.say, false), (&planned.standing, true)] {
        let Some(saying) = saying else { continue };
        let everybody = listeners(around, whom, saying);
        let audience = if newcomers {
            everybody.newcomers(&alert.told)
        } else {
            everybody
        };
        let said = Said {
            alert: &alert,
            step: saying.step,
            occurrence: saying.occurrence,
            resolution: None,
            next,
            next_step: planned.next_step_at,
            gathers: saying.gathers,
        };
        told.extend(speak(around, whom, &said, audience.listeners, to));
    }
    if planned.say.is_some() {
        let said = to.messages.get(first..).unwrap_or_default();
        alert.held_until = held_until(said, around.now);
    }
    alert.told.extend(told);
    if before != Some(&alert) {
        to.writes.insert(0, Write::PutAlert(Box::new(alert)));
    }
}

/// Until when every person told waits for their own hours; `None` when one does not, or
/// nobody was told.
fn held_until(said: &[Message], now: Instant) -> Option<Instant> {
    let persons = said
        .iter()
        .filter(|m| !matches!(m.recipient, Recipient::Channel(_)));
    persons.map(|m| m.not_before).min().filter(|at| *at > now)
}

fn listeners(around: &Surroundings, whom: &Whom<'_>, saying: &Saying) -> Audience {
    match whom {
        Whom::Close(about, _) => {
            let shared = around.shared(None);
            audience(
                about,
                saying,
                &around.directory,
                &around.audience,
                &shared,
                around.now,
            )
        }
        Whom::Operators(but) => around.operators(*but),
        Whom::Team(team) => around.reviewers(team),
    }
}

/// Those who heard that it began hear that it is over, if they are still there.
fn told_before(
    around: &Surroundings,
    whom: &Whom<'_>,
    told: &BTreeSet<Recipient>,
) -> Vec<Listener> {
    let there = |recipient: &&Recipient| match recipient {
        Recipient::Person(id) => {
            let person = around.directory.persons.get(id);
            person.is_some_and(|p| p.is_reachable(around.now))
        }
        _ => true,
    };
    let listener = |recipient: &Recipient| Listener {
        recipient: recipient.clone(),
        role: role_of(whom, recipient),
        reason: "was told before".to_owned(),
    };
    told.iter().filter(there).map(listener).collect()
}

fn role_of(whom: &Whom<'_>, recipient: &Recipient) -> AudienceRole {
    match (whom, recipient) {
        (_, Recipient::Channel(_)) => AudienceRole::Channel,
        (Whom::Operators(_), _) => AudienceRole::Admin,
        (Whom::Close(about, _), Recipient::Person(id)) => match &about.owner {
            Some(Owner::Person(owner)) if owner == id => AudienceRole::Owner,
            _ => AudienceRole::Team,
        },
        (Whom::Close(..) | Whom::Team(_), _) => AudienceRole::Team,
    }
}

/// Makes a notice and its message for everybody to whom there is a way; answers those.
fn speak(
    around: &Surroundings,
    whom: &Whom<'_>,
    said: &Said<'_>,
    listeners: Vec<Listener>,
    to: &mut Decided,
) -> Vec<Recipient> {
    let mut told = Vec::new();
    for listener in listeners {
        let Some(channel) = way(around, whom, &listener.recipient) else {
            tracing::warn!(recipient = %listener.recipient, subject = %said.alert.subject, "there is no way to tell this recipient");
            continue;
        };
        told.push(listener.recipient.clone());
        let notice = notice(around, said, listener);
        to.messages
            .push(message(around, whom, said, &notice, channel));
        to.notices += 1;
        to.writes.push(Write::AddNotice(Box::new(notice)));
    }
    told
}

fn way(around: &Surroundings, whom: &Whom<'_>, recipient: &Recipient) -> Option<ChannelId> {
    let but = match whom {
        Whom::Operators(but) => *but,
        Whom::Close(..) | Whom::Team(_) => None,
    };
    let ways = ways(recipient, &around.channels);
    ways.into_iter().find(|way| Some(way) != but)
}

fn notice(around: &Surroundings, said: &Said<'_>, listener: Listener) -> Notice {
    let alert = said.alert;
    let recipient = listener.recipient;
    Notice {
        key: Notice::key_of(
            &alert.id,
            alert.end,
            said.step,
            said.occurrence,
            said.resolution,
            &recipient,
        ),
        alert: alert.id.clone(),
        subject: alert.subject.clone(),
        kind: alert.kind,
        end: alert.end,
        step: said.step,
        occurrence: said.occurrence,
        resolution: said.resolution,
        recipient,
        role: listener.role,
        reason: listener.reason,
        created_at: around.now,
        state: NoticeState::Pending,
    }
}

fn message(
    around: &Surroundings,
    whom: &Whom<'_>,
    said: &Said<'_>,
    notice: &Notice,
    channel: ChannelId,
) -> Message {
    let kind = match said.step {
        Step::Baseline => MessageKind::Baseline,
        _ => MessageKind::Notices,
    };
    let not_before = match (whom, said.resolution) {
        (Whom::Close(_, policy), None) => {
            let hours = hours_of(&around.directory, policy, &notice.recipient, said.gathers);
            schedule(&hours, said.step, notice.end, said.next_step, around.now)
        }
        (Whom::Close(_, policy), Some(_)) => {
            let hours = hours_of(&around.directory, policy, &notice.recipient, said.gathers);
            schedule_over(&hours, said.step, around.now)
        }
        _ => around.now,
    };
    let rides = said.resolution.is_some() && not_before > around.now;
    Message {
        id: message_id(
            around,
            kind,
            &notice.recipient,
            &channel,
            (not_before, rides),
        ),
        rides,
        kind,
        recipient: notice.recipient.clone(),
        channel,
        sweep: around.sweep.clone(),
        notices: vec![notice.key.clone()],
        state: MessageState::Collecting,
        not_before,
        deadline: worth_until(around, said, notice.end, not_before),
        attempts: 0,
        leased_until: None,
        fence: 0,
        payload: None,
        receipt: None,
        last_error: None,
        created_at: around.now,
        closed_at: None,
    }
}

/// Until when a message is worth delivering: until something newer is said of it, but
/// never before the hours that it waits for.
fn worth_until(
    around: &Surroundings,
    said: &Said<'_>,
    end: Option<Instant>,
    not_before: Instant,
) -> Instant {
    let until = deadline(said.step, said.next, end, around.now);
    if until > not_before {
        return until;
    }
    deadline(said.step, said.next_step, end, not_before)
}

/// When the recipient may hear what has this policy: its hours, in the recipient's own
/// zone, and its digest for what `gathers`. Channels that are told by themselves never wait.
pub(super) fn hours_of(
    directory: &Directory,
    policy: &RecipientHours,
    recipient: &Recipient,
    gathers: bool,
) -> RecipientHours {
    let own = match recipient {
        Recipient::Person(id) => directory.persons.get(id).and_then(|p| p.time_zone.clone()),
        Recipient::Channel(_) => return RecipientHours::default(),
        Recipient::Team(_) | Recipient::Address(_) => None,
    };
    RecipientHours {
        time_zone: own.or_else(|| policy.time_zone.clone()),
        digest: policy.digest.filter(|_| gathers),
        ..policy.clone()
    }
}

/// One message for all that a recipient may hear over a channel at one instant. What
/// must wait has a message of its own, so that it never holds back what must not; and what
/// goes along with others too.
fn message_id(
    around: &Surroundings,
    kind: MessageKind,
    recipient: &Recipient,
    channel: &ChannelId,
    (not_before, rides): (Instant, bool),
) -> MessageId {
    let kind = match kind {
        MessageKind::Baseline => "baseline",
        _ => "notices",
    };
    let waits = match (not_before > around.now, rides) {
        (true, true) => format!("{not_before} rides"),
        (true, false) => not_before.to_string(),
        (false, _) => String::new(),
    };
    MessageId::derived(&[
        around.sweep.as_str(),
        &recipient.to_string(),
        channel.as_str(),
        kind,
        &waits,
    ])
}
