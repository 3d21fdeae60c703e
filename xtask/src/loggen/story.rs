//! What happens on each day? Decides what is said, and writes down what is true.

use std::collections::BTreeMap;

use super::dice::Dice;
use super::events::{self, Act};
use super::instant::DAY;
use super::noise;
use super::outlet::Record;
use super::spans::{self, Moment};
use super::truth::{Token, Truth};

/// How many days the log covers; the last one holds the instant of asking.
pub const DAYS: i64 = 200;
/// How many token events, and how many other lines, may be said again.
const REMEMBERED: usize = 500;
/// A line longer than this cannot be read.
const LONGEST: usize = 1 << 20;
/// More than any one turn says.
const A_TURN: u64 = 24;

/// The generator's hand: chance, time, and the truth so far.
pub struct Story {
    pub(super) dice: Dice,
    pub(super) truth: Truth,
    pub(super) at: i64,
    pub(super) day: i64,
    left: u64,
    today: Vec<Record>,
    later: BTreeMap<i64, Vec<Record>>,
    events: Vec<Record>,
    others: Vec<Record>,
    /// Places in the truth of tokens that nothing ended or will end.
    pub(super) open: Vec<usize>,
}

impl Story {
    /// A log of `lines` lines that ends on the day of `at`.
    pub fn new(seed: u64, at: i64, lines: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            truth: Truth::default(),
            at,
            day: 0,
            left: lines,
            today: Vec::new(),
            later: BTreeMap::new(),
            events: Vec::new(),
            others: Vec::new(),
            open: Vec::new(),
        }
    }

    /// All lines of the next day, in no order: `share` of them or a few more, and on the
    /// last day whatever is left.
    pub fn next_day(&mut self, share: u64) -> Vec<Record> {
        self.today = self.later.remove(&self.day).unwrap_or_default();
        self.milestone();
        let last = self.day + 1 == DAYS;
        while self.left > 0 && (last || (self.today.len() as u64) < share) {
            self.turn();
        }
        self.day += 1;
        let mut today = std::mem::take(&mut self.today);
        self.dice.shuffle(&mut today);
        today
    }

    /// A line of work, by which every reader knows an audit log.
    pub fn opening(&mut self) -> Record {
        self.left = self.left.saturating_sub(1);
        self.truth.counts.skipped += 1;
        let act = self.act();
        Record::Whole(noise::work(&act, &mut self.dice))
    }

    /// What is true, once every day is told.
    pub fn into_truth(self) -> Truth {
        self.truth
    }

    fn turn(&mut self) {
        let act = self.act();
        match self.dice.below(10_000) {
            0..120 if self.left > A_TURN => self.token(),
            120..220 => self.again(),
            220..230 => {
                let record = noise::broken(&act, &mut self.dice);
                self.unreadable(record);
            }
            230..290 => {
                let known = self.known();
                let record = noise::decoy(&act, &known, &mut self.dice);
                self.skipped(record);
            }
            _ => {
                let line = noise::work(&act, &mut self.dice);
                self.skipped(Record::Whole(line));
            }
        }
    }

    /// One line as long as a line may be, and one that is a byte longer.
    fn milestone(&mut self) {
        let over = match self.day {
            3 => 0,
            5 => 1,
            _ => return,
        };
        let (kind, id) = (Some("API_TOKEN"), self.dice.uuid());
        let (act, moment) = self.act_of(self.day);
        let line = events::make_2(&act, &id, None, kind, &mut self.dice);
        let record = Record::Text(line.padded_json(LONGEST + over));
        if over > 0 {
            return self.unreadable(record);
        }
        self.truth.tokens.push(Token {
            id,
            kind,
            owner: act.uid,
            owner_name: None,
            created: moment.micros,
            end: None,
            revoked: false,
        });
        self.event(self.day, record);
    }

    /// A line that was said before, word by word.
    fn again(&mut self) {
        let event = self.dice.in_100(10);
        let said = if event { &self.events } else { &self.others };
        let Some(record) = said.get(self.dice.below(said.len())).cloned() else {
            return;
        };
        if event {
            self.truth.counts.duplicates += 1;
            return self.event(self.day, record);
        }
        self.skipped(record);
    }

    /// An id that a careless reader would end.
    fn known(&mut self) -> String {
        let place = self.open.get(self.dice.below(self.open.len()));
        let token = place.and_then(|place| self.truth.tokens.get(*place));
        token.map_or_else(|| self.dice.uuid(), |token| token.id.clone())
    }

    fn skipped(&mut self, record: Record) {
        self.truth.counts.skipped += 1;
        self.left = self.left.saturating_sub(1);
        remember(&mut self.others, &record, &mut self.dice);
        self.today.push(record);
    }

    fn unreadable(&mut self, record: Record) {
        self.truth.counts.unreadable += 1;
        self.left = self.left.saturating_sub(1);
        self.today.push(record);
    }

    /// A token event for today or a later day; it counts now, since it will be said.
    pub(super) fn event(&mut self, day: i64, record: Record) {
        self.truth.counts.token_events += 1;
        self.left = self.left.saturating_sub(1);
        remember(&mut self.events, &record, &mut self.dice);
        let day = day.min(DAYS - 1);
        if day <= self.day {
            return self.today.push(record);
        }
        self.later.entry(day).or_default().push(record);
    }

    /// Somebody does something well, today.
    fn act(&mut self) -> Act {
        self.act_of(self.day).0
    }

    /// The same on another day, and when it truly was.
    pub(super) fn act_of(&mut self, day: i64) -> (Act, Moment) {
        let today = self.at - self.at.rem_euclid(DAY);
        let midnight = today + (day.min(DAYS - 1) + 1 - DAYS) * DAY;
        let moment = spans::moment(midnight, &mut self.dice);
        let act = Act {
            time: moment.json.clone(),
            uid: Some(self.person()),
            result: Some("\"SUCCESS\""),
        };
        (act, moment)
    }

    /// One of the few thousand who work here.
    pub(super) fn person(&mut self) -> String {
        format!("{:08x}-0000-4000-8000-00000000c0de", self.dice.below(3000))
    }
}

/// Keeps a fair choice of what was said, in bounded memory.
fn remember(said: &mut Vec<Record>, record: &Record, dice: &mut Dice) {
    if said.len() < REMEMBERED {
        return said.push(record.clone());
    }
    let place = dice.below(REMEMBERED);
    if let Some(old) = said.get_mut(place) {
        *old = record.clone();
    }
}
