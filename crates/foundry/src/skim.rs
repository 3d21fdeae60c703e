//! Which lines are JSON and surely tell nothing of tokens?
//!
//! Goes from quote to quote and looks at each string's length and at what stands between
//! strings. Whatever it is not sure of, it hands on; it is never wrong about the rest.

use memchr::memchr2;

use crate::masks::{BLOCK, Masks, masks};
use crate::place::Place;
use crate::segment::LONGEST_LINE;

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen<'a> {
    /// A JSON object that tells nothing, not too long for a line.
    Nothing,
    /// A JSON object, not too long for a line, none of whose strings is a name that tells,
    /// but one holds escapes, and with them perhaps JSON of its own.
    Escaped(&'a [u8]),
    /// Anything.
    Look(&'a [u8]),
}

/// The strings that a line must hold to tell something.
const TELLING: [&[u8]; 4] = [
    b"CREATE_TOKEN",
    b"REVOKE_TOKEN",
    b"tokenGeneration",
    b"tokenRevoke",
];

/// Looks at whole lines with their ends. Blank lines may be left out.
pub(crate) fn skim<'a>(data: &'a [u8], mut each: impl FnMut(Seen<'a>)) {
    let mut line = Line::at(data, 0);
    let mut at = 0;
    while at < data.len() {
        let masks = masks(&block(data, at));
        at = match line.block(at, masks, &mut each) {
            Ok(()) => at + BLOCK,
            Err(Doubt) => {
                let end = line.end(at);
                each(Seen::Look(data.get(line.begin..end).unwrap_or_default()));
                line = Line::at(data, end + 1);
                end + 1
            }
        };
    }
}

/// The bytes from `at` on; blanks behind the last.
#[inline]
fn block(data: &[u8], at: usize) -> [u8; BLOCK] {
    let rest = data.get(at..).unwrap_or_default();
    rest.first_chunk().copied().unwrap_or_else(|| {
        let mut block = [b' '; BLOCK];
        block
            .iter_mut()
            .zip(rest)
            .for_each(|(to, from)| *to = *from);
        block
    })
}

/// The line must be looked at.
struct Doubt;

/// One line as far as it was read.
struct Line<'a> {
    data: &'a [u8],
    /// Where it begins.
    begin: usize,
    /// Where the string began that is open, or what follows the last one.
    from: usize,
    open: bool,
    /// Whether the next byte belongs to an escape.
    escape: bool,
    escaped: bool,
    high: bool,
    place: Place,
}

impl<'a> Line<'a> {
    const fn at(data: &'a [u8], begin: usize) -> Self {
        Self {
            data,
            begin,
            from: begin,
            open: false,
            escape: false,
            escaped: false,
            high: false,
            place: Place::START,
        }
    }

    /// Where the line ends, seen from a block that it does not end before.
    fn end(&self, block: usize) -> usize {
        let from = block.max(self.begin);
        let rest = self.data.get(from..).unwrap_or_default();
        memchr2(b'\n', b'\r', rest).map_or(self.data.len(), |end| from + end)
    }

    #[inline]
    fn block(
        &mut self,
        at: usize,
        masks: Masks,
        each: &mut impl FnMut(Seen<'a>),
    ) -> Result<(), Doubt> {
        let (mut quotes, mut breaks) = (masks.quotes, masks.breaks);
        if std::mem::take(&mut self.escape) {
            quotes &= !1;
            breaks &= !1;
        }
        self.high |= masks.high != 0;
        while breaks != 0 {
            let bit = breaks.trailing_zeros();
            let below = (1_u64 << bit) - 1;
            self.quotes(at, quotes & below)?;
            quotes &= !below;
            breaks &= breaks - 1;
            let here = at + bit as usize;
            match self.data.get(here) {
                Some(b'\n' | b'\r') => {
                    self.line_end(here, each);
                    self.high = masks.high >> bit != 0;
                }
                Some(b'\\') if self.open => {
                    self.escape(here)?;
                    // The byte behind it is no quote and no break, wherever it stands.
                    let next = 2_u64.checked_shl(bit).unwrap_or(0);
                    self.escape = next == 0;
                    quotes &= !next;
                    breaks &= !next;
                }
                _ => return Err(Doubt),
            }
        }
        self.quotes(at, quotes)
    }

    /// Strings begin and end.
    #[inline]
    fn quotes(&mut self, at: usize, mut quotes: u64) -> Result<(), Doubt> {
        let (mut from, mut open, mut place) = (self.from, self.open, self.place);
        while quotes != 0 {
            let here = at + quotes.trailing_zeros() as usize;
            quotes &= quotes - 1;
            let fine = match open {
                true => !(could_tell(here - from) && tells(self.text(from, here))),
                false if here - from == 1 => {
                    place.string_after(self.data.get(from).copied().unwrap_or_default())
                }
                false => place.string(self.text(from, here)),
            };
            if !fine {
                return Err(Doubt);
            }
            open = !open;
            from = here + 1;
        }
        (self.from, self.open, self.place) = (from, open, place);
        Ok(())
    }

    fn text(&self, from: usize, to: usize) -> &'a [u8] {
        self.data.get(from..to).unwrap_or_default()
    }

    /// Only escapes that stand for one character that is no letter pass: behind a `\u`
    /// anything may hide.
    fn escape(&mut self, at: usize) -> Result<(), Doubt> {
        self.escaped = true;
        match self.data.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            _ => Err(Doubt),
        }
    }

    fn line_end(&mut self, end: usize, each: &mut impl FnMut(Seen<'a>)) {
        let line = self.data.get(self.begin..end).unwrap_or_default();
        let last = self.data.get(self.from..end).unwrap_or_default();
        if !line.is_empty() {
            let bounded = line.len() <= LONGEST_LINE;
            let whole = bounded && !self.open && self.place.is_whole(last);
            each(match (whole && self.is_text(line), self.escaped) {
                (false, _) => Seen::Look(line),
                (true, true) => Seen::Escaped(line),
                (true, false) => Seen::Nothing,
            });
        }
        *self = Self::at(self.data, end + 1);
    }

    fn is_text(&self, line: &[u8]) -> bool {
        !self.high || std::str::from_utf8(line).is_ok()
    }
}

/// Whether a string of this length may be one of those that tell.
#[inline]
const fn could_tell(length: usize) -> bool {
    matches!(length, 11 | 12 | 15)
}

/// Whether a line that holds this string may tell something.
fn tells(text: &[u8]) -> bool {
    TELLING.contains(&text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    fn seen(data: &[u8]) -> Vec<Seen<'_>> {
        let mut all = Vec::new();
        skim(data, |seen| all.push(seen));
        all
    }

    /// The same line, far into the data and at each distance from a block's end.
    fn everywhere(line: &str, expected: impl Fn(&Seen<'_>) -> bool) {
        for before in 0..BLOCK {
            let data = format!("{{\"a\":\"{}\"}}\n{line}\n{{}}\n", "x".repeat(before));
            let all = seen(data.as_bytes());
            assert_eq!(
                (all.len(), &all[0], &all[2]),
                (3, &Seen::Nothing, &Seen::Nothing)
            );
            assert!(expected(&all[1]), "{line} after {before}: {:?}", all[1]);
        }
    }

    #[test]
    fn what_tells_nothing_is_passed_over() {
        let nested = r#"{"a": [1, -0.5e+3, true, {"b": null}, []], "c": {"d": {}}, "e": false }"#;
        for line in [
            "{}",
            r#"{"name":"VALIDATE_TOKEN","n":[]}"#,
            nested,
            r#"{"ü":"é"}"#,
        ] {
            everywhere(line, |seen| *seen == Seen::Nothing);
        }
    }

    #[test]
    fn a_name_that_tells_is_looked_at_wherever_it_stands() {
        for name in TELLING {
            let name = String::from_utf8_lossy(name);
            everywhere(&format!(r#"{{"x":["{name}"]}}"#), |seen| {
                matches!(seen, Seen::Look(_))
            });
        }
    }

    #[test]
    fn escapes_are_told_apart() {
        for line in [r#"{"a":"\"\\\/\b\f\n\r\t"}"#, r#"{"a":"{\"b\":\"c\"}"}"#] {
            everywhere(line, |seen| matches!(seen, Seen::Escaped(_)));
        }
        for line in [
            r#"{"a":"\u0041"}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\"#,
            r#"{"a\":1}"#,
        ] {
            everywhere(line, |seen| matches!(seen, Seen::Look(_)));
        }
    }

    #[test]
    fn what_is_no_json_object_is_looked_at() {
        for line in [
            "[1]",
            "1",
            "x",
            "{",
            "}",
            "{}}",
            "{} {}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":-}"#,
            r#"{"a":1e}"#,
            r#"{"a":tru}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[}]"#,
            r#"{"a":{]}"#,
            r#"{"a":"b}"#,
            r#"{"a":"b""c":1}"#,
            r#"{"a":1 "b":2}"#,
            r#"{1:2}"#,
            r#"{"a":"b"},"#,
            r#"{"a":\n}"#,
            "{\"a\":\"\u{1}\"}",
        ] {
            everywhere(line, |seen| matches!(seen, Seen::Look(_)));
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        everywhere(&deep, |seen| matches!(seen, Seen::Look(_)));
    }

    #[test]
    fn bytes_that_are_no_text_are_looked_at() {
        let all = [&b"{\"a\":\"\xff\"}\n"[..], b"{\"a\":\"\xc3\"}\n{}\r\n"].concat();
        let all = seen(&all);
        assert!(matches!(
            all[..],
            [Seen::Look(_), Seen::Look(_), Seen::Nothing]
        ));
    }

    fn fragment() -> impl Strategy<Value = String> {
        const WORDS: [&str; 23] = [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "\"a\"",
            "\"b\":",
            "\\",
            "\\\"",
            "\\u0041",
            "\\\\",
            "null",
            "true",
            "0",
            "-1",
            "1.5",
            "2e9",
            " ",
            "é",
            "tokenRevoke",
            "x",
        ];
        proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..14)
            .prop_map(|parts| parts.concat())
    }

    /// JSON objects, some of them cut or with one byte changed.
    fn object() -> impl Strategy<Value = String> {
        let value = prop_oneof![
            Just("1".to_owned()),
            Just("\"v\"".to_owned()),
            Just("[{\"k\":[]},\"x\"]".to_owned()),
            Just("{\"q\\\"\":null}".to_owned()),
            Just("\"tokenGeneration\"".to_owned()),
            "[a-z\"\\\\]{0,40}".prop_map(|text| serde_json::Value::from(text).to_string()),
        ];
        let members = proptest::collection::vec(("[a-zA-Z_]{0,20}", value), 0..6);
        (members, 0_usize..400, any::<u8>()).prop_map(|(members, at, byte)| {
            let members = members
                .iter()
                .map(|(key, value)| format!("\"{key}\":{value}"));
            let text = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            let mut bytes = text.clone().into_bytes();
            match byte % 3 {
                0 if at < bytes.len() => bytes.truncate(at),
                1 if at < bytes.len() => bytes[at] = byte & 0x7f,
                _ => {}
            }
            String::from_utf8(bytes).unwrap_or(text)
        })
    }

    proptest! {
        /// Never wrong: what is passed over is JSON, and none of its strings tells.
        #[test]
        fn what_is_passed_over_is_an_object_that_tells_nothing(
            lines in proptest::collection::vec(prop_oneof![fragment(), object()], 1..8),
        ) {
            let text = lines.iter().map(|line| line.replace(['\n', '\r'], " ") + "\n");
            let text: String = text.collect();
            let mut looked = seen(text.as_bytes()).into_iter();
            for line in text.lines().filter(|line| !line.is_empty()) {
                let seen = looked.next().unwrap();
                let json = serde_json::from_str::<IgnoredAny>(line).is_ok();
                match seen {
                    Seen::Look(all) => prop_assert_eq!(all, line.as_bytes()),
                    Seen::Nothing | Seen::Escaped(_) => {
                        prop_assert!(json && line.trim().starts_with('{'), "{}", line);
                        for word in TELLING {
                            let quoted = format!("\"{}\"", String::from_utf8_lossy(word));
                            prop_assert!(!line.contains(&quoted) || seen != Seen::Nothing);
                        }
                    }
                }
            }
            prop_assert!(looked.next().is_none());
        }
    }
}
