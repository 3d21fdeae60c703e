//! How do tokens come and go? Each way in which one can be told of, and what is then true.

use super::dice::Dice;
use super::events::{self, Act, Said};
use super::instant::SECOND;
use super::outlet::Record;
use super::spans::{self, Moment};
use super::story::Story;
use super::truth::Token;

/// Types other than API tokens; sessions come with every login.
const KINDS: [&str; 8] = [
    "SESSION",
    "SESSION",
    "SESSION",
    "AUTHORIZATION_CODE",
    "CLIENT_CREDENTIALS",
    "RESTRICTED_TOKEN",
    "PROXY_TOKEN",
    "TRUSTED_SCOPE_TOKEN",
];

/// One token as `audit.3` tells of it, and what is true by that alone.
struct Third {
    said: Said,
    users: String,
    owner: Option<String>,
    owner_name: Option<String>,
    end: Option<i64>,
}

impl Story {
    /// One token's coming, in some way, and perhaps its going.
    pub(super) fn token(&mut self) {
        match self.dice.below(100) {
            0..4 => self.several(),
            4..7 => self.replacement(),
            7..11 => self.disagreement(),
            11..15 => self.unmade(),
            15..18 => self.timeless(),
            _ => self.ordinary(),
        }
    }

    fn ordinary(&mut self) {
        let revoked = self.dice.in_100(22);
        // Sometimes the log hears of the end first.
        let backwards = revoked && self.dice.in_100(10);
        let born = if backwards {
            self.day + self.dice.upto(4)
        } else {
            self.day
        };
        match self.dice.below(100) {
            0..45 => self.by_second(born),
            45..75 => self.by_third(born),
            _ => self.by_both(born),
        }
        if revoked {
            let later = 1 + self.dice.upto(40);
            let day = if backwards || self.dice.in_100(20) {
                self.day
            } else {
                born + later
            };
            self.revoke_last(day);
        }
    }

    fn by_second(&mut self, born: i64) {
        let (act, moment) = self.act_of(born);
        self.second_of(born, &act, &moment);
    }

    /// A token whose one line has a time that nobody can read.
    fn timeless(&mut self) {
        let (mut act, _) = self.act_of(self.day);
        let moment = spans::no_moment(&mut self.dice);
        act.time.clone_from(&moment.json);
        self.second_of(self.day, &act, &moment);
    }

    fn second_of(&mut self, born: i64, act: &Act, moment: &Moment) {
        let (id, kind) = (self.id(), self.kind());
        let (ttl, end) = spans::ttl(moment.micros, self.at, &mut self.dice);
        let line = events::make_2(act, &id, ttl.as_deref(), kind, &mut self.dice);
        self.event(born, Record::Whole(line));
        self.born(Token {
            id,
            kind,
            owner: act.uid.clone(),
            owner_name: None,
            created: moment.micros,
            end,
            revoked: false,
        });
    }

    fn by_third(&mut self, born: i64) {
        let (act, moment) = self.act_of(born);
        let third = self.third(&act, &moment);
        let line = events::make_3(&act, &[&third.said], &third.users, &mut self.dice);
        self.event(born, Record::Whole(line));
        self.born(third.token(&moment));
    }

    /// Both schemas tell of one token, each with facts of its own; the newer is believed
    /// where it has a usable one.
    fn by_both(&mut self, born: i64) {
        let (mut act, moment) = self.act_of(born);
        let acting = act.uid.clone();
        act.uid = act.uid.filter(|_| self.dice.in_100(80));
        let third = self.third(&act, &moment);
        let line = events::make_3(&act, &[&third.said], &third.users, &mut self.dice);
        self.event(born, Record::Whole(line));
        let (mut copy, start) = self.act_of(born);
        copy.uid.clone_from(&acting);
        let (ttl, end) = spans::ttl(start.micros, self.at, &mut self.dice);
        let (id, kind) = (&third.said.id, third.said.kind);
        let line = events::make_2(&copy, id, ttl.as_deref(), kind, &mut self.dice);
        self.event(born, Record::Whole(line));
        let mut token = third.token(&moment);
        token.owner = token.owner.or(acting);
        token.end = token.end.or(end);
        self.born(token);
    }

    /// Two creates of one id in one schema; the later end holds.
    fn disagreement(&mut self) {
        let (act, moment) = self.act_of(self.day);
        let (id, kind) = (self.id(), self.kind());
        let short = 3600 + self.dice.upto(20_000_000);
        let long = short + 1 + self.dice.upto(20_000_000);
        let mut ttls = [Some(short.to_string()), Some(long.to_string()), None];
        self.dice.shuffle(&mut ttls);
        for ttl in &ttls {
            let line = events::make_2(&act, &id, ttl.as_deref(), kind, &mut self.dice);
            let day = self.day + self.dice.upto(3);
            self.event(day, Record::Whole(line));
        }
        self.born(Token {
            id,
            kind,
            owner: act.uid,
            owner_name: None,
            created: moment.micros,
            end: moment.micros.map(|start| start + long * SECOND),
            revoked: false,
        });
    }

    /// One line makes several tokens, and later one line may end them all.
    fn several(&mut self) {
        let (act, moment) = self.act_of(self.day);
        let thirds: Vec<Third> = (0..2 + self.dice.below(3))
            .map(|_| self.third(&act, &moment))
            .collect();
        let said: Vec<&Said> = thirds.iter().map(|third| &third.said).collect();
        let ids: Vec<String> = said.iter().map(|said| said.id.clone()).collect();
        let line = events::make_3(&act, &said, "[]", &mut self.dice);
        self.event(self.day, Record::Whole(line));
        let revoked = self.dice.in_100(25);
        for third in &thirds {
            let mut token = third.token(&moment);
            (token.owner_name, token.revoked) = (None, revoked);
            self.born(token);
        }
        if revoked {
            let day = self.day + self.dice.upto(30);
            let (act, _) = self.act_of(day);
            let line = events::end_3(&act, &ids, &mut self.dice);
            self.event(day, Record::Whole(line));
        }
    }

    /// One line makes a token and ends another.
    fn replacement(&mut self) {
        if self.open.is_empty() {
            return self.ordinary();
        }
        let place = self.dice.below(self.open.len());
        let place = self.open.swap_remove(place);
        let Some(old) = self.truth.tokens.get_mut(place) else {
            return;
        };
        old.revoked = true;
        let old = old.id.clone();
        let (act, moment) = self.act_of(self.day);
        let third = self.third(&act, &moment);
        let line = events::replace_3(&act, &third.said, &old, &third.users, &mut self.dice);
        self.event(self.day, Record::Whole(line));
        self.born(third.token(&moment));
    }

    /// A revoke of a token that was made before the log begins leaves no row.
    fn unmade(&mut self) {
        let id = self.id();
        self.end(self.day, &id);
    }

    fn revoke_last(&mut self, day: i64) {
        let Some(token) = self.truth.tokens.last_mut() else {
            return;
        };
        token.revoked = true;
        let id = token.id.clone();
        let place = self.truth.tokens.len() - 1;
        self.open.retain(|open| *open != place);
        self.end(day, &id);
    }

    /// Says that a token ended, by one schema or by both; the second time is a duplicate.
    fn end(&mut self, day: i64, id: &String) {
        let ways = self.dice.below(100);
        if ways < 60 {
            let (act, _) = self.act_of(day);
            let line = events::end_2(&act, id, &mut self.dice);
            self.event(day, Record::Whole(line));
        }
        if ways >= 40 {
            let (act, _) = self.act_of(day);
            let line = events::end_3(&act, std::slice::from_ref(id), &mut self.dice);
            self.event(day, Record::Whole(line));
        }
        if (40..60).contains(&ways) {
            self.truth.counts.duplicates += 1;
        }
    }

    fn born(&mut self, token: Token) {
        if !token.revoked {
            self.open.push(self.truth.tokens.len());
        }
        self.truth.tokens.push(token);
    }

    fn third(&mut self, act: &Act, moment: &Moment) -> Third {
        let start = moment.micros.unwrap_or(self.at);
        let (expiration, end) = spans::expiration(start, self.at, &mut self.dice);
        let told = Some(self.person()).filter(|_| self.dice.in_100(60));
        let owner = told.clone().or_else(|| act.uid.clone());
        let owner_name = owner
            .as_ref()
            .filter(|_| self.dice.in_100(60))
            .map(|owner| format!("Person {owner:.8}"));
        let (id, kind) = (self.id(), self.kind());
        Third {
            users: users(owner.as_deref(), owner_name.as_deref(), &mut self.dice),
            said: Said {
                id,
                expiration,
                owner: told,
                kind,
            },
            owner,
            owner_name,
            end,
        }
    }

    fn id(&mut self) -> String {
        let uuid = self.dice.uuid();
        if self.dice.in_100(10) {
            return format!("ri.multipass..token.{uuid}");
        }
        uuid
    }

    fn kind(&mut self) -> Option<&'static str> {
        match self.dice.below(100) {
            0..70 => Some("API_TOKEN"),
            70..96 => Some(self.dice.one(&KINDS)),
            _ => None,
        }
    }
}

impl Third {
    fn token(&self, moment: &Moment) -> Token {
        Token {
            id: self.said.id.clone(),
            kind: self.said.kind,
            owner: self.owner.clone(),
            owner_name: self.owner_name.clone(),
            created: moment.micros,
            end: self.end,
            revoked: false,
        }
    }
}

/// The people of an `audit.3` line, of whom the owner may be one; JSON text.
fn users(owner: Option<&str>, name: Option<&str>, dice: &mut Dice) -> String {
    let stranger = format!(
        r#"{{"uid":"{}","userName":"A stranger","groups":[]}}"#,
        dice.uuid()
    );
    match owner.zip(name) {
        Some((owner, name)) => {
            format!(r#"[{stranger},{{"uid":"{owner}","userName":"{name}","realm":null}}]"#)
        }
        None => format!("[{stranger}]"),
    }
}
