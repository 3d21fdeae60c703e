//! Who must hear.
//!
//! Decides from the credential, the directory and the step alone. Knows no channels but
//! the shared ones that are told by themselves.

use std::collections::BTreeSet;

use crate::expiry::{Saying, Step, Whom};
use crate::kernel::{Instant, Span, TeamId};
use crate::people::{Directory, Owner, Recipient, Team};

use super::reach::{Hall, Reach};
use super::{Audience, AudienceRole, AudienceSettings, Concerned, SharedChannel};

/// Who hears what is said about a credential.
///
/// Owner, team and watchers hear every step; admins from three days before the end on,
/// unless somebody acknowledged, and at every step of what Forewarn itself works with; on
/// the last day everybody and the pager; at the end the pager only when it was still used;
/// what is broken at this moment admins hear at once. What was scaled down to a short
/// life, or may lapse,
/// does not climb. Where the owner cannot hear and the team cannot either, the parent
/// teams do, then the admins, then the catch-all: the first of them that can.
///
/// A policy may name others for a step (`Saying::whom`): owner, team and channels hear
/// when it names them, the others as long as the step may climb. Watchers always hear,
/// and where nobody it names can, those do who hear for an owner.
pub fn audience(
    about: &Concerned,
    saying: &Saying,
    directory: &Directory,
    settings: &AudienceSettings,
    shared: &[SharedChannel],
    now: Instant,
) -> Audience {
    let reach = Reach {
        directory,
        settings,
        now,
    };
    let mut hall = Hall::new(directory);
    let height = Height::of(saying);
    close_circle(about, &reach, &mut hall, saying.whom.as_ref());
    for watcher in &about.watchers {
        hall.add(
            reach.expand(watcher),
            AudienceRole::Watcher,
            "asked to hear",
        );
    }
    let climbs = Height::may_climb(saying);
    let whom = match &saying.whom {
        Some(whom) => whom.clone(),
        None => height.usual(),
    };
    let near = why_far(saying);
    // What a policy names itself needs nobody in its place; the usual ones come after.
    let named = saying.whom.is_some() && climbs && further(about, &reach, &mut hall, &whom, near);
    if !named && !hall.has_accountable(about.orphaned) {
        let why = close_circle(about, &reach, &mut hall, None);
        if !hall.has_accountable(about.orphaned) {
            fall_back(about, &reach, &mut hall, why);
        }
    }
    if climbs {
        further(about, &reach, &mut hall, &whom, near);
        let late = "nobody acknowledged in time";
        further(about, &reach, &mut hall, &saying.escalated_to, late);
    }
    if about.is_ours && !saying.let_lapse {
        let reason = "Forewarn itself works with it";
        if !hall.add(reach.admins(), AudienceRole::Admin, reason) {
            hall.add(reach.catch_all(), AudienceRole::CatchAll, reason);
        }
    }
    let named = |one| whom.contains(one) || saying.escalated_to.contains(one);
    let heard = |channel: &&SharedChannel| channel.pager || named(&Whom::Channels);
    let shared: Vec<SharedChannel> = shared.iter().filter(heard).cloned().collect();
    hall.finish(&shared, climbs && named(&Whom::Pager))
}

/// Why those hear who stand further from the credential than its team. On the last day and
/// after it they hear whether or not somebody acknowledged.
fn why_far(saying: &Saying) -> &'static str {
    match saying.step {
        _ if saying.broken => "it breaks something now",
        Step::Now => "can assign an owner",
        _ if saying.whom.is_some() => "the policy names them for this step",
        Step::End | Step::AfterEnd(_) => "it has ended",
        Step::Lead(lead) if lead <= Span::days(1) => "its last day",
        Step::Lead(_) | Step::Baseline => "close to the end, and nobody acknowledged it yet",
    }
}

/// Those of a policy's audience who stand further from the credential than its team;
/// whether there is anybody.
fn further(
    about: &Concerned,
    reach: &Reach<'_>,
    hall: &mut Hall<'_>,
    whom: &BTreeSet<Whom>,
    why: &str,
) -> bool {
    let mut somebody = false;
    for one in whom {
        match one {
            Whom::Admins => somebody |= hall.add(reach.admins(), AudienceRole::Admin, why),
            Whom::ParentTeam => {
                let account = service_account_team(about, reach.directory).map(|t| &t.id);
                let teams = about.team.iter().chain(account);
                for above in teams.flat_map(|t| reach.directory.line_of(t).into_iter().skip(1)) {
                    somebody |= hall.add(reach.team(above), AudienceRole::ParentTeam, why);
                }
            }
            Whom::Named(word) => {
                let named = reach.directory.recipient_named(word);
                let there = named.map(|r| reach.expand(&r)).unwrap_or_default();
                somebody |= hall.add(there, AudienceRole::Watcher, "named by the policy");
            }
            Whom::Owner | Whom::Team | Whom::Channels | Whom::Pager => {}
        }
    }
    somebody
}

/// Who hears what is wrong with a source, a channel or Forewarn itself: admins, or else
/// the catch-all, and the shared channels that are not pagers. Leave a failing channel
/// out of `shared`.
pub fn operators(
    directory: &Directory,
    settings: &AudienceSettings,
    shared: &[SharedChannel],
    now: Instant,
) -> Audience {
    let reach = Reach {
        directory,
        settings,
        now,
    };
    let mut hall = Hall::new(directory);
    hall.add(reach.admins(), AudienceRole::Admin, "administrator");
    if !hall.has_accountable(false) {
        let reason = "no administrator can be reached, so the catch-all hears";
        hall.add(reach.catch_all(), AudienceRole::CatchAll, reason);
    }
    hall.finish(shared, false)
}

/// Who looks at everything that a team answers for: the team; where nobody in it can be
/// reached the first team above that can, then the admins, then the catch-all; and the
/// shared channels that are not pagers.
pub fn reviewers(
    team: &TeamId,
    directory: &Directory,
    settings: &AudienceSettings,
    shared: &[SharedChannel],
    now: Instant,
) -> Audience {
    let reach = Reach {
        directory,
        settings,
        now,
    };
    let mut hall = Hall::new(directory);
    let mut somebody = false;
    for (height, team) in directory.line_of(team).into_iter().enumerate() {
        let (role, why) = match height {
            0 => (AudienceRole::Team, "the team answers for them"),
            _ => (
                AudienceRole::ParentTeam,
                "nobody in the team can be reached",
            ),
        };
        somebody = somebody || hall.add(reach.team(team), role, why);
    }
    let why = "nobody in the team can be reached";
    if !somebody && !hall.add(reach.admins(), AudienceRole::Admin, why) {
        hall.add(reach.catch_all(), AudienceRole::CatchAll, why);
    }
    hall.finish(shared, false)
}

/// How far up what is said climbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Height {
    Close,
    Admins,
    Pager,
}

impl Height {
    /// Whether it climbs at all: not what was scaled down or may lapse, and before the
    /// last day not what somebody acknowledged.
    fn may_climb(saying: &Saying) -> bool {
        let far = matches!(saying.step, Step::Lead(lead) if lead > Span::days(1));
        let held = saying.scaled || saying.let_lapse || saying.newcomers_only;
        !(held || far && saying.acknowledged)
    }

    /// Whom a policy without an audience of its own means.
    fn usual(self) -> BTreeSet<Whom> {
        let mut whom: BTreeSet<Whom> = [Whom::Owner, Whom::Team, Whom::Channels].into();
        if self >= Self::Admins {
            whom.insert(Whom::Admins);
        }
        if self == Self::Pager {
            whom.insert(Whom::Pager);
        }
        whom
    }

    fn of(saying: &Saying) -> Self {
        if saying.scaled || saying.let_lapse || saying.newcomers_only {
            return Self::Close;
        }
        match saying.step {
            Step::Lead(lead) if lead <= Span::days(1) => Self::Pager,
            Step::Lead(lead) if lead <= Span::days(3) && !saying.acknowledged => Self::Admins,
            Step::End if saying.still_used => Self::Pager,
            Step::End => Self::Admins,
            Step::Now if saying.broken => Self::Admins,
            Step::Lead(_) | Step::AfterEnd(_) | Step::Baseline | Step::Now => Self::Close,
        }
    }
}

/// Owner and team; gives the reason why others must hear for the owner.
fn close_circle(
    about: &Concerned,
    reach: &Reach<'_>,
    hall: &mut Hall<'_>,
    whom: Option<&BTreeSet<Whom>>,
) -> &'static str {
    let meant = |one| whom.is_none_or(|whom| whom.contains(one));
    let team = about
        .team
        .as_ref()
        .and_then(|id| reach.directory.teams.get(id));
    let owner = match &about.owner {
        Some(Owner::Person(id)) => reach.expand(&Recipient::Person(id.clone())),
        _ => Vec::new(),
    };
    let why = match &about.owner {
        Some(Owner::ServiceAccount(_)) => "answers for the service account",
        _ if about.orphaned => "nobody who can act owns it",
        _ if !owner.is_empty() => "answers for it together with the owner",
        Some(Owner::Person(_)) => "the owner cannot be reached",
        None => "nobody owns it",
    };
    if meant(&Whom::Owner) {
        hall.add(owner, AudienceRole::Owner, "owner");
    }
    let account = service_account_team(about, reach.directory);
    for team in [account, team]
        .into_iter()
        .flatten()
        .filter(|_| meant(&Whom::Team))
    {
        hall.add(reach.team(team), AudienceRole::Team, why);
    }
    why
}

fn service_account_team<'a>(about: &Concerned, directory: &'a Directory) -> Option<&'a Team> {
    let Some(Owner::ServiceAccount(id)) = &about.owner else {
        return None;
    };
    let account = directory.service_accounts.get(id)?;
    directory.teams.get(account.team.as_ref()?)
}

/// The first of parent teams, the owner's own teams, admins and catch-all that can hear.
fn fall_back(about: &Concerned, reach: &Reach<'_>, hall: &mut Hall<'_>, why: &str) {
    let directory = reach.directory;
    let account = service_account_team(about, directory).map(|t| &t.id);
    let own: Vec<&TeamId> = match &about.owner {
        Some(Owner::Person(id)) if about.team.is_none() => {
            directory.teams_of(id).map(|t| &t.id).collect()
        }
        _ => Vec::new(),
    };
    let starts = about.team.iter().chain(account).chain(own);
    let lines: Vec<&Team> = starts.flat_map(|id| directory.line_of(id)).collect();
    for team in lines {
        if hall.add(reach.team(team), AudienceRole::ParentTeam, why) {
            return;
        }
    }
    if !hall.add(reach.admins(), AudienceRole::Admin, why) {
        hall.add(reach.catch_all(), AudienceRole::CatchAll, why);
    }
}
