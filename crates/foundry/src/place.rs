//! Where does a reader of one JSON object stand, seen from between its strings?
//!
//! Accepts less than JSON allows and nothing that it does not: what is refused here is
//! judged elsewhere.

/// Deeper ones are refused.
const DEEPEST: u32 = 60;

/// Where a reader stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    state: State,
    depth: u32,
    /// Whether each level is an array; the innermost in the lowest bit.
    arrays: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing was read.
    Start,
    /// A key; a colon follows.
    Key,
    /// A value; a comma or an end follows.
    Value,
    /// `{`
    WantFirstKey,
    /// A comma in an object.
    WantKey,
    /// `[`
    WantFirstItem,
    /// A colon, or a comma in an array.
    WantValue,
    /// The object ended.
    Done,
}

impl Place {
    /// In front of everything.
    pub(crate) const START: Self = Self {
        state: State::Start,
        depth: 0,
        arrays: 0,
    };

    const fn in_array(self) -> bool {
        self.arrays & 1 == 1
    }

    /// A string begins after this one byte; whether it may.
    #[inline]
    pub(crate) fn string_after(&mut self, byte: u8) -> bool {
        match (byte, self.state) {
            (b':', State::Key) => self.state = State::Value,
            (b',', State::Value) => self.state = self.after_string(),
            _ => return self.string(&[byte]),
        }
        true
    }

    /// A string begins after these bytes; whether it may.
    pub(crate) fn string(&mut self, before: &[u8]) -> bool {
        self.walk(before) && self.begin()
    }

    const fn after_string(self) -> State {
        if self.in_array() {
            State::Value
        } else {
            State::Key
        }
    }

    const fn begin(&mut self) -> bool {
        self.state = match self.state {
            State::WantFirstKey | State::WantKey => State::Key,
            State::WantFirstItem | State::WantValue => State::Value,
            _ => return false,
        };
        true
    }

    /// Nothing follows these bytes; whether that is a whole object.
    pub(crate) fn is_whole(&mut self, last: &[u8]) -> bool {
        self.walk(last) && self.state == State::Done
    }

    /// Reads what stands between strings.
    fn walk(&mut self, mut rest: &[u8]) -> bool {
        while let [byte, after @ ..] = rest {
            rest = match (byte, self.state) {
                (b' ', _) => after,
                (b':', State::Key) => self.becomes(State::WantValue, after),
                (b',', State::Value) if self.in_array() => self.becomes(State::WantValue, after),
                (b',', State::Value) => self.becomes(State::WantKey, after),
                (b'{', State::Start | State::WantFirstItem | State::WantValue) => {
                    match self.enter(State::WantFirstKey, 0) {
                        true => after,
                        false => return false,
                    }
                }
                (b'[', State::WantFirstItem | State::WantValue) => {
                    match self.enter(State::WantFirstItem, 1) {
                        true => after,
                        false => return false,
                    }
                }
                (b'}', State::Value) if !self.in_array() => self.leave(after),
                (b'}', State::WantFirstKey) => self.leave(after),
                (b']', State::Value) if self.in_array() => self.leave(after),
                (b']', State::WantFirstItem) => self.leave(after),
                (_, State::WantFirstItem | State::WantValue) => match scalar(rest) {
                    Some(after) => self.becomes(State::Value, after),
                    None => return false,
                },
                _ => return false,
            };
        }
        true
    }

    const fn becomes<'a>(&mut self, state: State, after: &'a [u8]) -> &'a [u8] {
        self.state = state;
        after
    }

    const fn enter(&mut self, state: State, array: u64) -> bool {
        self.state = state;
        self.depth += 1;
        self.arrays = self.arrays << 1 | array;
        self.depth <= DEEPEST
    }

    const fn leave<'a>(&mut self, after: &'a [u8]) -> &'a [u8] {
        self.depth -= 1;
        self.arrays >>= 1;
        self.state = match self.depth {
            0 => State::Done,
            _ => State::Value,
        };
        after
    }
}

/// What follows a number or a word, if one stands at the front.
fn scalar(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b't', b'r', b'u', b'e', after @ ..]
        | [b'f', b'a', b'l', b's', b'e', after @ ..]
        | [b'n', b'u', b'l', b'l', after @ ..] => Some(after),
        _ => number(text),
    }
}

/// RFC 8259 §6.
fn number(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = match text {
        [b'0', after @ ..] => after,
        _ => digits(text)?,
    };
    if let [b'.', after @ ..] = rest {
        rest = digits(after)?;
    }
    if let [b'e' | b'E', after @ ..] = rest {
        let signed = after.strip_prefix(b"-").or(after.strip_prefix(b"+"));
        rest = digits(signed.unwrap_or(after))?;
    }
    Some(rest)
}

fn digits(text: &[u8]) -> Option<&[u8]> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 { None } else { text.get(count..) }
}
