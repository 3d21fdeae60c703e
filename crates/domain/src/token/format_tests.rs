//! Claims about [`super::parse`] and [`super::generate`].

use proptest::prelude::*;

use super::*;

const EXAMPLE: &str = "fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql";
const KINDS: [TokenKind; 4] = [
    TokenKind::Personal,
    TokenKind::ServiceAccount,
    TokenKind::Connector,
    TokenKind::Bootstrap,
];

const NOW: Instant = Instant::from_micros(1_800_000_000_000_000);

struct Mix(u64);
impl Entropy for Mix {
    fn fill(&mut self, bytes: &mut [u8]) {
        for b in bytes {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *b = (self.0 >> 56) as u8;
        }
    }
}

fn value(kind: TokenKind, seed: u64) -> (CredentialId, String) {
    let (id, value) = generate(kind, NOW, &mut Mix(seed));
    (id, value.expose().clone())
}

#[test]
fn the_published_vector_has_a_right_checksum_and_a_reserved_id() {
    assert_eq!(parse(EXAMPLE), Err(TokenFormatError::Example));
    assert_eq!(
        parse(&EXAMPLE.replace("0123", "0124")),
        Err(TokenFormatError::Checksum)
    );
}

/// Tokens of one moment share the beginning of their ids, later ones sort behind.
#[test]
fn ids_sort_by_the_tenth_of_a_second_in_which_they_were_made() {
    let id = |tenths: i64, seed| {
        let now = Instant::from_micros(NOW.as_micros() + tenths * 100_000);
        let (id, _) = generate(TokenKind::Personal, now, &mut Mix(seed));
        id.to_string()
    };
    let begins = |tenths| id(tenths, 1)[..6].to_owned();
    assert_eq!(begins(0), id(0, 2)[..6]);
    assert_ne!(id(0, 1), id(0, 2));
    for later in [1, 2, 61, 62, 10 * 86_400 * 365] {
        assert!(begins(0) < begins(later), "{later}");
    }
    assert_ne!(begins(-1), begins(0));
    for odd in [Instant::MIN, Instant::from_micros(0), Instant::MAX] {
        let (id, value) = generate(TokenKind::Personal, odd, &mut Mix(3));
        assert_eq!(parse(value.expose()).unwrap().id, id.as_str());
    }
}

/// B5: a right prefix with a wrong checksum is refused by form alone.
#[test]
fn every_changed_character_is_refused() {
    let (_, text) = value(TokenKind::ServiceAccount, 7);
    for at in 0..text.len() {
        for other in (0x20_u8..0x7F).map(char::from) {
            let mut changed: Vec<char> = text.chars().collect();
            if changed[at] == other {
                continue;
            }
            changed[at] = other;
            let changed: String = changed.into_iter().collect();
            assert!(parse(&changed).is_err(), "{at} {other:?}");
        }
    }
}

/// B7: nothing is trimmed, folded or decoded into validity.
#[test]
fn variants_of_a_right_token_are_refused() {
    let (_, text) = value(TokenKind::Personal, 8);
    let (head, tail) = text.split_at(20);
    let variants = [
        text[..55].to_owned(),
        text[1..].to_owned(),
        format!("{text}0"),
        format!("{text}\n"),
        format!(" {text}"),
        format!("{text}\0"),
        format!("{head}\0{}", &tail[1..]),
        format!("\u{FEFF}{text}"),
        text.to_uppercase(),
        text.to_lowercase(),
        text.replace('_', "%5F"),
        text.replacen('f', "\u{FF46}", 1),
        text.replace('_', "-"),
        text.replacen("fwnp", "fwns", 1),
        text.replacen("fwnp", "fwnw", 1),
    ];
    for variant in variants {
        assert!(parse(&variant).is_err(), "{variant:?}");
    }
}

/// B8: any length but the right one is refused by its length.
#[test]
fn odd_lengths_are_refused() {
    for length in [0, 1, 55, 57, 8 * 1024, 1024 * 1024] {
        assert_eq!(parse(&"f".repeat(length)), Err(TokenFormatError::Form));
    }
}

#[test]
fn an_unknown_kind_is_told_apart() {
    let text = EXAMPLE.replacen("fwns", "fwnw", 1);
    assert_eq!(parse(&text), Err(TokenFormatError::Kind));
}

proptest! {
    #[test]
    fn what_is_made_is_read_back(seed: u64, kind in prop::sample::select(KINDS.to_vec())) {
        let (id, text) = value(kind, seed);
        let parsed = parse(&text).unwrap();
        prop_assert_eq!((parsed.kind, parsed.id), (kind, id.as_str()));
        prop_assert_eq!(text.len(), 56);
    }

    /// B7: two neighbours exchanged are noticed.
    #[test]
    fn exchanged_neighbours_are_refused(seed: u64, at in 0_usize..55) {
        let (_, text) = value(TokenKind::Connector, seed);
        let mut bytes = text.clone().into_bytes();
        bytes.swap(at, at + 1);
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(changed == text || parse(&changed).is_err());
    }

    /// B8: any text at all is answered, never a panic.
    #[test]
    fn any_text_is_answered(text in "\\PC{0,80}") {
        prop_assert!(parse(&text).is_err());
    }
}
