//! The CSV that the dataset exports (RFC 4180): records instead of lines, the header
//! naming the columns.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader};

use crate::lines::{Ending, LINE_MAX};

/// One record after the header.
pub(crate) enum Record<'a> {
    /// Column names and cells, as many of one as of the other.
    Whole(&'a [String], Vec<&'a [u8]>),
    /// Too long, or another number of cells than the header has.
    Unreadable,
}

/// Whether a first line looks like a header of ours rather than like JSON.
pub(crate) fn is_header(line: &[u8]) -> bool {
    let Ok(line) = std::str::from_utf8(line) else {
        return false;
    };
    let mut cells = line.split(',').map(|c| c.trim().trim_matches('"'));
    !line.trim_start().starts_with(['{', '['])
        && line.contains(',')
        && cells.any(|c| c == "name" || c == "time")
}

/// Calls `each` for every record. A record that the end cuts short is left out.
pub(crate) fn each_record(mut input: impl Read, mut each: impl FnMut(Record<'_>)) -> Ending {
    let mut assembly = Assembly::new();
    let mut buffer = vec![0_u8; 256 * 1024];
    let mut read = 0_u64;
    let broken = loop {
        match input.read(&mut buffer) {
            // csv-core takes an empty input for the end and gives out the last record.
            Ok(0) => {
                assembly.feed(&[], &mut each);
                break None;
            }
            Ok(filled) => {
                read += filled as u64;
                assembly.feed(buffer.get(..filled).unwrap_or_default(), &mut each);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Some(error),
        }
    };
    Ending {
        consumed: read,
        broken,
    }
}

/// Gathers one record after the other in a buffer that never outgrows a line's cap.
struct Assembly {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    text_len: usize,
    ends_len: usize,
    too_long: bool,
    header: Option<Vec<String>>,
}

impl Assembly {
    fn new() -> Self {
        Self {
            reader: Reader::new(),
            text: vec![0; 64 * 1024],
            ends: vec![0; 256],
            text_len: 0,
            ends_len: 0,
            too_long: false,
            header: None,
        }
    }

    fn feed(&mut self, mut input: &[u8], each: &mut impl FnMut(Record<'_>)) {
        let finishing = input.is_empty();
        loop {
            let (text, ends) = (
                self.text.get_mut(self.text_len..),
                self.ends.get_mut(self.ends_len..),
            );
            let (result, taken, written, ended) =
                self.reader
                    .read_record(input, text.unwrap_or_default(), ends.unwrap_or_default());
            input = input.get(taken..).unwrap_or_default();
            self.text_len += written;
            self.ends_len += ended;
            match result {
                ReadRecordResult::InputEmpty if finishing => {}
                ReadRecordResult::InputEmpty => return,
                ReadRecordResult::OutputFull => self.grow_text(),
                ReadRecordResult::OutputEndsFull => self.grow_ends(),
                ReadRecordResult::Record => self.give(each),
                ReadRecordResult::End => return,
            }
        }
    }

    fn grow_text(&mut self) {
        if self.text.len() >= LINE_MAX {
            self.too_long = true;
            self.text_len = 0;
        } else {
            self.text.resize(self.text.len() * 2, 0);
        }
    }

    fn grow_ends(&mut self) {
        if self.ends.len() >= 64 * 1024 {
            self.too_long = true;
            self.ends_len = 0;
        } else {
            self.ends.resize(self.ends.len() * 2, 0);
        }
    }

    fn give(&mut self, each: &mut impl FnMut(Record<'_>)) {
        let (ends_len, too_long) = (
            std::mem::take(&mut self.ends_len),
            std::mem::take(&mut self.too_long),
        );
        self.text_len = 0;
        let mut from = 0;
        let cells: Vec<&[u8]> = self
            .ends
            .iter()
            .take(if too_long { 0 } else { ends_len })
            .map(|end| {
                self.text
                    .get(std::mem::replace(&mut from, *end)..*end)
                    .unwrap_or_default()
            })
            .collect();
        match &self.header {
            None => self.header = Some(names(&cells)),
            Some(header) if !too_long && header.len() == cells.len() => {
                each(Record::Whole(header, cells))
            }
            Some(_) => each(Record::Unreadable),
        }
    }
}

fn names(cells: &[&[u8]]) -> Vec<String> {
    let text = |cell: &&[u8]| {
        String::from_utf8_lossy(cell)
            .trim_start_matches('\u{feff}')
            .trim()
            .to_owned()
    };
    cells.iter().map(text).collect()
}
