//! Into which files do the lines go, and in what wrapping?

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::dice::Dice;
use super::line::{self, Line};

/// After so many lines a gzip file goes on in a new member, as appended logs do.
const MEMBER: u64 = 5000;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// One line before it is written.
#[derive(Clone)]
pub enum Record {
    Whole(Line),
    /// Ends before it should: cut JSON, or a record short of a cell.
    Cut(Line),
    /// Holds a byte that is no UTF-8.
    Bytes(Line),
    /// Stands in an NDJSON file as it is, and in no other.
    Text(String),
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Ndjson,
    Csv,
}

enum Pipe {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
}

/// One file of the log.
pub struct Outlet {
    // Taken only to be put back at once, and for good at the end.
    pipe: Option<Pipe>,
    form: Form,
    ending: &'static [u8],
    between: bool,
    lines: u64,
}

/// File names lie about what is inside as often as they do in life.
const FILES: [(&str, char, Form, &[u8], bool); 9] = [
    ("audit-1.log", 'p', Form::Ndjson, b"\n", false),
    ("audit-2.log", 'p', Form::Ndjson, b"\r\n", true),
    ("audit-3.log", 'p', Form::Ndjson, b"\r", false),
    ("audit-4.log.gz", 'g', Form::Ndjson, b"\n", false),
    ("audit-5.log.1", 'g', Form::Ndjson, b"\n", false),
    ("audit-6.ndjson.zst", 'z', Form::Ndjson, b"\n", false),
    ("export-1.csv", 'p', Form::Csv, b"\n", true),
    ("export-2.csv.gz", 'g', Form::Csv, b"\r\n", false),
    ("export-3.json", 'z', Form::Csv, b"\n", false),
];

/// Makes every file of the log in `dir`.
///
/// # Errors
/// When one cannot be made.
pub fn open_all(dir: &Path) -> Result<Vec<Outlet>> {
    FILES
        .iter()
        .map(|(name, pack, form, ending, bom)| {
            let path = dir.join(name);
            let file = File::create(&path).with_context(|| path.display().to_string())?;
            let mut outlet = Outlet::new(BufWriter::new(file), *pack, *form, ending)?;
            outlet.start(*bom)?;
            Ok(outlet)
        })
        .collect()
}

impl Outlet {
    fn new(file: BufWriter<File>, pack: char, form: Form, ending: &'static [u8]) -> Result<Self> {
        let pipe = match pack {
            'g' => Pipe::Gzip(GzEncoder::new(file, Compression::fast())),
            'z' => Pipe::Zstd(zstd::Encoder::new(file, 1)?),
            _ => Pipe::Plain(file),
        };
        Ok(Self {
            pipe: Some(pipe),
            form,
            ending,
            between: false,
            lines: 0,
        })
    }

    fn start(&mut self, bom: bool) -> Result<()> {
        if bom {
            self.bytes(BOM)?;
        }
        if self.form == Form::Csv {
            self.row(&csv_row(&line::header(), None))?;
        }
        Ok(())
    }

    /// Whether this file can hold `record`.
    pub fn takes(&self, record: &Record) -> bool {
        self.form == Form::Ndjson || !matches!(record, Record::Text(_))
    }

    /// Writes one line; now and then a blank one beside it.
    ///
    /// # Errors
    /// When the file takes no more.
    pub fn write(&mut self, record: &Record, dice: &mut Dice) -> Result<()> {
        let bytes = match self.form {
            Form::Ndjson => ndjson(record, dice),
            Form::Csv => csv(record, dice),
        };
        self.row(&bytes)?;
        if dice.in_1000(2) {
            self.bytes(self.ending)?;
        }
        self.lines += 1;
        if self.lines.is_multiple_of(MEMBER) {
            self.next_member()?;
        }
        Ok(())
    }

    // The ending comes before the next line, so the last line of a file has none.
    fn row(&mut self, bytes: &[u8]) -> Result<()> {
        if self.between {
            self.bytes(self.ending)?;
        }
        self.between = true;
        self.bytes(bytes)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.pipe {
            Some(Pipe::Plain(file)) => file.write_all(bytes)?,
            Some(Pipe::Gzip(file)) => file.write_all(bytes)?,
            Some(Pipe::Zstd(file)) => file.write_all(bytes)?,
            None => {}
        }
        Ok(())
    }

    fn next_member(&mut self) -> Result<()> {
        self.pipe = match self.pipe.take() {
            Some(Pipe::Gzip(file)) => Some(Pipe::Gzip(GzEncoder::new(
                file.finish()?,
                Compression::fast(),
            ))),
            other => other,
        };
        Ok(())
    }

    /// Ends the file as its wrapping wants it.
    ///
    /// # Errors
    /// When what is left cannot be written.
    pub fn finish(mut self) -> Result<()> {
        let mut file = match self.pipe.take() {
            Some(Pipe::Plain(file)) => file,
            Some(Pipe::Gzip(file)) => file.finish()?,
            Some(Pipe::Zstd(file)) => file.finish()?,
            None => return Ok(()),
        };
        Ok(file.flush()?)
    }
}

fn ndjson(record: &Record, dice: &mut Dice) -> Vec<u8> {
    match record {
        Record::Whole(line) => line.ndjson(dice).into_bytes(),
        Record::Text(text) => text.clone().into_bytes(),
        Record::Cut(line) => {
            let mut bytes = line.ndjson(dice).into_bytes();
            bytes.truncate(1 + dice.below(bytes.len() - 1));
            bytes
        }
        Record::Bytes(line) => {
            let mut bytes = line.ndjson(dice).into_bytes();
            let place = bytes.iter().rposition(|byte| *byte == b'"');
            bytes.insert(place.unwrap_or(0), 0xff);
            bytes
        }
    }
}

// Only whole records go over several lines. How many lines a broken one of those is, no
// rule says: one record, or what is left after starting anew at its second line, so that a
// stray quote swallows nothing.
fn csv(record: &Record, dice: &mut Dice) -> Vec<u8> {
    match record {
        Record::Whole(line) => csv_row(&line.cells(dice.in_100(5)), None),
        Record::Bytes(line) => csv_row(&line.cells(false), Some(0xff)),
        Record::Cut(line) => {
            let mut cells = line.cells(false);
            cells.truncate(cells.len() - 1 - dice.below(3));
            csv_row(&cells, None)
        }
        Record::Text(text) => csv_row(std::slice::from_ref(text), None),
    }
}

/// A record without its end; `spoilt` is one more byte in its second cell.
fn csv_row(cells: &[String], spoilt: Option<u8>) -> Vec<u8> {
    let mut row = Vec::with_capacity(512);
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            row.push(b',');
        }
        let quote = cell.contains([',', '"', '\n', '\r']);
        if quote {
            row.push(b'"');
        }
        row.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        row.extend(spoilt.filter(|_| place == 1));
        if quote {
            row.push(b'"');
        }
    }
    row
}
