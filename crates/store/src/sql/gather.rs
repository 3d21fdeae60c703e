//! Many rows in one statement: what a large batch inserts row by row costs PostgreSQL a
//! message and a plan each.
//!
//! Pure: a batch becomes another that leaves the same rows. Only inserts of plain values are
//! gathered, and only between two statements that are none; tables keep the order in which
//! they first appear.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::{Batch, Otherwise, Step, Value};

/// The same batch in as few statements and groups as can be.
///
/// A guard of a gathered statement speaks for all its rows, so its error may name another
/// row than the one that failed. The rows that come back are not those of the old steps.
pub(crate) fn gathered(batch: &Batch) -> Batch {
    let (mut done, mut run) = (Gathered::default(), Run::default());
    for group in &batch.0 {
        if group.iter().any(|step| step.otherwise == Otherwise::Leave) {
            run.end(&mut done);
            done.alone(group.clone());
            continue;
        }
        for step in group {
            if !run.takes(step) {
                run.end(&mut done);
                if !run.takes(step) {
                    done.add(step.clone());
                }
            }
        }
    }
    run.end(&mut done);
    Batch(done.groups)
}

/// What is sent without waiting stands in one group.
#[derive(Default)]
struct Gathered {
    groups: Vec<Vec<Step>>,
    is_open: bool,
}

impl Gathered {
    fn add(&mut self, step: Step) {
        match self.groups.last_mut().filter(|_| self.is_open) {
            Some(group) => group.push(step),
            None => self.groups.push(vec![step]),
        }
        self.is_open = true;
    }

    /// A group that decides about itself.
    fn alone(&mut self, group: Vec<Step>) {
        self.groups.push(group);
        self.is_open = false;
    }
}

/// Inserts that may change places, because each table is filled by one text alone.
#[derive(Default)]
struct Run<'a>(Vec<Sheet<'a>>);

/// Rows of one table.
struct Sheet<'a> {
    insert: Insert<'a>,
    steps: Vec<&'a Step>,
    /// The keys there are, where a row may come but once.
    keys: HashSet<&'a [Value]>,
}

impl<'a> Run<'a> {
    /// Whether the step was taken in.
    fn takes(&mut self, step: &'a Step) -> bool {
        let Some(insert) = Insert::read(&step.stmt.sql) else {
            return false;
        };
        let Some(key) = step.stmt.values.get(..insert.key) else {
            return false;
        };
        let sheet = match self.0.iter().position(|s| s.insert.table == insert.table) {
            Some(at) => self.0.get_mut(at),
            None => {
                let (steps, keys) = (Vec::new(), HashSet::new());
                self.0.push(Sheet {
                    insert,
                    steps,
                    keys,
                });
                self.0.last_mut()
            }
        };
        sheet.is_some_and(|sheet| sheet.takes(step, key))
    }

    fn end(&mut self, done: &mut Gathered) {
        for sheet in self.0.drain(..) {
            done.add(sheet.step());
        }
    }
}

impl<'a> Sheet<'a> {
    fn takes(&mut self, step: &'a Step, key: &'a [Value]) -> bool {
        let same = self
            .steps
            .first()
            .is_none_or(|first| first.stmt.sql == step.stmt.sql);
        // One statement must not replace a row twice.
        let fits = same && (key.is_empty() || self.keys.insert(key));
        if fits {
            self.steps.push(step);
        }
        fits
    }

    /// One step for all rows.
    fn step(self) -> Step {
        match self.steps.as_slice() {
            [one] => (*one).clone(),
            steps => many(&self.insert, steps),
        }
    }
}

fn many(insert: &Insert<'_>, steps: &[&Step]) -> Step {
    let width = steps.first().map_or(0, |step| step.stmt.values.len());
    let column = |at: usize| {
        steps
            .iter()
            .filter_map(move |step| step.stmt.values.get(at))
    };
    let mut values: Vec<Value> = (0..width).map(|at| Value::column(column(at))).collect();
    let mut sql = insert.of_many(width);
    let otherwise = steps
        .first()
        .map_or(Otherwise::GoOn, |step| step.otherwise.clone());
    if matches!(otherwise, Otherwise::Fail(_)) {
        sql = format!(
            "WITH made AS ({sql}) SELECT 1 FROM made HAVING count(*) = ${}",
            width + 1
        );
        values.push(Value::from(steps.len() as u64));
    }
    Step {
        stmt: super::Stmt::new(sql, values),
        otherwise,
    }
}

/// `INSERT INTO table (columns) VALUES (places) rest`.
struct Insert<'a> {
    table: &'a str,
    /// Up to `VALUES`.
    head: &'a str,
    /// Between the parentheses.
    places: &'a str,
    rest: &'a str,
    /// How many of the first places are the key by which a row that is there is replaced;
    /// 0 where none is.
    key: usize,
}

impl<'a> Insert<'a> {
    /// `None` for any other statement.
    fn read(sql: &'a str) -> Option<Self> {
        let (head, after) = sql.split_once(" VALUES (")?;
        let (table, columns) = head.strip_prefix("INSERT INTO ")?.split_once(" (")?;
        let (places, rest) = after.split_at(closing(after)?);
        let rest = rest.strip_prefix(')')?;
        let is_plain = !places.contains(['\'', '?'])
            && !places.contains("SELECT")
            && !rest.contains('$')
            && !head.contains("SELECT");
        let key = replacing(columns, rest)?;
        is_plain.then_some(Self {
            table,
            head,
            places,
            rest,
            key,
        })
    }

    /// The statement for many rows, a list in each place.
    fn of_many(&self, width: usize) -> String {
        let numbers = || 1..=width;
        let lists: Vec<String> = numbers().map(|n| format!("${n}")).collect();
        let names: Vec<String> = numbers().map(|n| format!("c{n}")).collect();
        let mut sql = format!("{} SELECT ", self.head);
        sql.push_str(&self.places.replace('$', "g.c"));
        // Writing to a String cannot fail.
        let _ = write!(
            sql,
            " FROM unnest({}) AS g({}){}",
            lists.join(", "),
            names.join(", "),
            self.rest
        );
        sql
    }
}

/// See [`Insert::key`]; `None` where the key does not stand in the first columns.
fn replacing(columns: &str, rest: &str) -> Option<usize> {
    if !rest.contains("DO UPDATE") {
        return Some(0);
    }
    let (_, after) = rest.split_once("ON CONFLICT (")?;
    let (key, _) = after.split_once(')')?;
    columns.starts_with(key).then(|| key.split(',').count())
}

/// Where the parenthesis closes that was opened before.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_u32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::ports::StoreError;

    const KEPT: &str = "INSERT INTO kept (id, text) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    const DUE: &str = "INSERT INTO due (id, at) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE \
                       SET at = excluded.at";

    fn step(sql: &'static str, id: i64) -> Step {
        Step::run(sql, vec![id.into(), "words".into()])
    }

    fn texts(batch: &Batch) -> Vec<String> {
        let steps = batch.0.iter().flatten();
        steps.map(|step| step.stmt.sql.to_string()).collect()
    }

    #[test]
    fn rows_of_each_table_become_one_statement_in_the_order_of_their_first() {
        let groups = (0..20).map(|id| vec![step(KEPT, id), step(DUE, id)]);
        let made = gathered(&Batch(groups.collect()));
        assert_eq!(
            texts(&made),
            [
                "INSERT INTO kept (id, text) SELECT g.c1, g.c2 FROM unnest($1, $2) AS g(c1, c2) \
                 ON CONFLICT DO NOTHING",
                "INSERT INTO due (id, at) SELECT g.c1, g.c2 FROM unnest($1, $2) AS g(c1, c2) \
                 ON CONFLICT (id) DO UPDATE SET at = excluded.at",
            ]
        );
        let ids = (0..20).map(Some).collect();
        assert_eq!(made.0[0][0].stmt.values[0], Value::Ints(ids));
    }

    #[test]
    fn what_is_no_plain_insert_keeps_its_place() {
        let delete = "DELETE FROM kept WHERE id = $1";
        let mut steps: Vec<Step> = (0..10).map(|id| step(KEPT, id)).collect();
        steps.push(step(delete, 3));
        steps.extend((10..20).map(|id| step(KEPT, id)));
        let made = texts(&gathered(&Batch::of(steps)));
        assert_eq!(made.len(), 3);
        assert_eq!(made[1], delete);
    }

    #[test]
    fn a_row_that_is_replaced_twice_and_another_text_of_a_table_begin_anew() {
        let again: Vec<Step> = (0..10).chain(0..10).map(|id| step(DUE, id)).collect();
        assert_eq!(gathered(&Batch::of(again)).len(), 2);
        let other = "INSERT INTO kept (text, id) VALUES ($2, $1)";
        let mixed = (0..16).map(|id| step(if id < 8 { KEPT } else { other }, id));
        assert_eq!(gathered(&Batch::of(mixed.collect())).len(), 2);
    }

    #[test]
    fn a_key_of_two_columns_is_one_key() {
        let feed = "INSERT INTO feed (kind, id) VALUES ($1, $2) ON CONFLICT (kind, id) DO UPDATE \
                    SET id = excluded.id";
        let one = |id: &str| Step::run(feed, vec!["token".into(), id.into()]);
        let made = |ids: [&str; 3]| gathered(&Batch::of(ids.map(one).to_vec())).len();
        assert_eq!((made(["a", "b", "c"]), made(["a", "b", "a"])), (1, 2));
        let elsewhere = "INSERT INTO feed (rev, id) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE \
                         SET id = excluded.id";
        assert!(Insert::read(elsewhere).is_none());
    }

    #[test]
    fn a_guard_counts_the_rows() {
        let sql = "INSERT INTO kept (id) VALUES ($1) ON CONFLICT (id) DO NOTHING RETURNING 1";
        let guarded = (0..16).map(|id: i64| Step::or_duplicate(sql, vec![id.into()], "a row"));
        let made = gathered(&Batch::of(guarded.collect()));
        let step = &made.0[0][0];
        assert!(step.stmt.sql.ends_with("HAVING count(*) = $2"));
        assert_eq!(step.stmt.values[1], Value::Int(Some(16)));
        let failing = StoreError::Duplicate("a row".to_owned());
        assert_eq!(step.otherwise, Otherwise::Fail(failing));
    }

    #[test]
    fn a_group_that_may_be_left_stays_by_itself() {
        let leaving = Step::with(KEPT, vec![1_i64.into(), "x".into()], Otherwise::Leave);
        let groups = vec![
            vec![step(KEPT, 1)],
            vec![leaving, step(DUE, 1)],
            vec![step(KEPT, 2)],
            vec![step(DUE, 2)],
        ];
        let made = gathered(&Batch(groups));
        let sizes: Vec<usize> = made.0.iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 2, 2]);
    }

    #[test]
    fn what_selects_is_no_plain_insert() {
        let selecting = "INSERT INTO kept (id) SELECT id FROM kept WHERE id = $1";
        let guessed = "INSERT INTO kept (id) VALUES ((SELECT max(id) FROM kept) + $1)";
        for sql in [selecting, guessed] {
            assert!(Insert::read(sql).is_none(), "{sql}");
        }
    }
}
