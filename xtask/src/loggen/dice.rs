//! Where does the generator's chance come from? From a seed, and from nothing else.

/// A splitmix64 generator: the same seed gives the same throws on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `sides`; 0 when there are no sides.
    pub fn below(&mut self, sides: usize) -> usize {
        let sides = sides as u64;
        (self.next() >> 11).checked_rem(sides).unwrap_or(0) as usize
    }

    /// The same for what is counted in `i64`.
    pub fn upto(&mut self, sides: i64) -> i64 {
        let throw = (self.next() >> 1) as i64;
        throw.checked_rem(sides).unwrap_or(0)
    }

    /// Whether a thing happens that happens in so many of a thousand cases.
    pub fn in_1000(&mut self, cases: usize) -> bool {
        self.below(1000) < cases
    }

    /// Whether a thing happens that happens in so many of a hundred cases.
    pub fn in_100(&mut self, cases: usize) -> bool {
        self.below(100) < cases
    }

    /// One of `choices`.
    pub fn one<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let place = self.below(choices.len());
        choices.get(place).copied().unwrap_or_default()
    }

    /// A place in any order.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }

    /// A random UUID.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff,
        )
    }
}
