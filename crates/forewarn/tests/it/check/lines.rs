//! What single lines tell, however odd they are.

use super::{Folder, TIME, create, create_3, made, revoke};

/// B62: unknown versions, unknown events and fields nobody knows are counted as skipped.
#[test]
fn what_is_unknown_is_counted_and_changes_nothing() {
    let known = made("t").replacen('{', r#"{"newField":{"deep":[1]},"another":null,"#, 1);
    let lines = [
        known.as_str(),
        r#"{"type":"audit.9","time":"2026-11-01T12:00:00Z","name":"SOMETHING_NEW","result":"SUCCESS"}"#,
        r#"{"type":"audit.2","name":"NOBODY_KNOWS","result":"SUCCESS","requestParams":{}}"#,
        r#"{"type":"audit.3","categories":["notYetInvented"],"result":"SUCCESS"}"#,
        r#"{}"#,
    ];
    let answer = Folder::of(lines.join("\n")).check(&[]);
    assert_eq!(answer.ids(), ["t"]);
    assert_eq!(answer.lines(), [5, 1, 4, 0]);
    assert_eq!(answer.code, Some(0));
}

/// B62: a field of another shape than it should have makes no row and no crash.
#[test]
fn fields_of_the_wrong_shape_are_skipped() {
    let (second, third) = (made("t"), create_3("t", "null"));
    let swaps = [
        (
            &second,
            r#""tokenId":"t""#,
            vec![r#""tokenId":7"#, r#""tokenId":null"#, r#""id":"t""#],
        ),
        (
            &second,
            r#""result":"SUCCESS""#,
            vec![r#""result":true"#, r#""result":["SUCCESS"]"#],
        ),
        (
            &second,
            r#""name":"CREATE_TOKEN""#,
            vec![r#""name":["CREATE_TOKEN"]"#, r#""nom":1"#],
        ),
        (
            &second,
            r#""requestParams":{"#,
            vec![r#""requestParams":5,"x":{"#, r#""x":{"#],
        ),
        (&second, r#""_category":{"#, vec![r#""_category":[],"x":{"#]),
        (
            &third,
            r#""generatedTokens":[{"#,
            vec![r#""generatedTokens":{},"x":[{"#],
        ),
        (
            &third,
            r#""resultFields":{"#,
            vec![r#""resultFields":"nonsense","x":{"#],
        ),
        (
            &third,
            r#""categories":["tokenGeneration"]"#,
            vec![r#""categories":7"#, r#""categories":[null,3]"#],
        ),
    ];
    for (line, right, wrongs) in swaps {
        for wrong in wrongs {
            let bent = line.replacen(right, wrong, 1);
            assert_ne!(&bent, line, "{right}");
            let answer = Folder::of(format!("{bent}\n{}", made("other"))).check(&[]);
            assert_eq!(answer.ids(), ["other"], "{wrong}");
            assert_eq!(answer.lines(), [2, 1, 1, 0], "{wrong}");
        }
    }
}

/// B63: no lifetime, none above zero, text, or beyond the year 9999: listed, end unknown.
#[test]
fn a_lifetime_of_no_use_gives_an_unknown_end() {
    let useless = [
        "0",
        "-1",
        "null",
        "true",
        "{}",
        "[3600]",
        r#""""#,
        r#""soon""#,
        r#""3600s""#,
        r#""-3600""#,
        "1000000000000000000",
        "9223372036854775807",
        "1e40",
        "123456789012345678901234567890",
    ];
    for ttl in useless {
        let answer = Folder::of(create("t", &format!("\"{TIME}\""), ttl)).check(&[]);
        assert_eq!(answer.state(), "unknown_end", "{ttl}");
        assert!(answer.only("expires_at").is_null(), "{ttl}");
        assert_eq!(answer.code, Some(0), "{ttl}");
    }
    let without = made("t").replace(r#""tokenTtl":2592000,"#, "");
    assert_eq!(Folder::of(without).check(&[]).state(), "unknown_end");
}

/// B63: a lifetime as a string of digits is one.
#[test]
fn a_lifetime_in_digits_is_read() {
    let answer = Folder::of(create("t", &format!("\"{TIME}\""), r#""2592000""#)).check(&[]);
    assert_eq!(answer.only("expires_at"), "2026-12-01T12:00:00Z");
}

/// B63: the last second of the year 9999 is an end, the next one is not, and neither is a
/// lifetime that somebody gave in milliseconds and that leads past it.
#[test]
fn ends_reach_to_the_year_9999() {
    let last = 253_402_300_799_i64 - 1_793_534_400;
    for (ttl, state) in [
        (last - 1, "live"),
        (last, "live"),
        (last + 1, "unknown_end"),
        (1_795_000_000_000, "unknown_end"),
    ] {
        let line = create("t", "\"2026-11-01T12:00:00Z\"", &ttl.to_string());
        assert_eq!(Folder::of(line).check(&[]).state(), state, "{ttl}");
    }
    for (end, state) in [
        ("9999-12-31T23:59:59Z", "live"),
        ("9999-12-31T23:59:59.999999999Z", "live"),
        ("9999-12-31T23:59:59-00:01", "unknown_end"),
        ("+10000-01-01T00:00:00Z", "unknown_end"),
    ] {
        let answer = Folder::of(create_3("t", &format!("\"{end}\""))).check(&[]);
        assert_eq!(answer.state(), state, "{end}");
    }
}

/// B64: every order of the same lines, in one file or in two, gives the same tokens.
#[test]
fn every_order_gives_the_same_answer() {
    let longer = create("t", &format!("\"{TIME}\""), "5184000");
    let lines = [
        made("t"),
        revoke("t"),
        longer,
        create_3("u", "null"),
        made("u"),
    ];
    let mut first = None;
    for order in orders(lines.len()) {
        let text: Vec<&str> = order.iter().map(|place| lines[*place].as_str()).collect();
        let folder = Folder::new();
        folder.put("a.log", text[..2].join("\n"));
        folder.put("b.log", text[2..].join("\n"));
        let answer = folder.check(&[]);
        let told = (answer.rows().to_vec(), answer.json["counts"].clone());
        assert_eq!(answer.ids(), ["t", "u"]);
        assert_eq!(
            *first.get_or_insert_with(|| told.clone()),
            told,
            "{order:?}"
        );
    }
}

fn orders(length: usize) -> Vec<Vec<usize>> {
    if length == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(length - 1).into_iter();
    let longer = shorter.flat_map(|order| {
        (0..length).map(move |place| {
            let mut order = order.clone();
            order.insert(place, length - 1);
            order
        })
    });
    longer.collect()
}

/// B64: a revoke wins wherever it stands, and without a create it leaves no row.
#[test]
fn a_revoke_wins_and_makes_nothing() {
    let before = [revoke("t"), made("t"), made("t"), revoke("stranger")];
    let answer = Folder::of(before.join("\n")).check(&[]);
    assert_eq!(answer.state(), "revoked");
    assert_eq!(answer.lines(), [4, 4, 0, 0]);
    assert_eq!(answer.counted("duplicates"), 1);
    assert_eq!(answer.counted("created"), 1);
}

/// B64: two creates of one id that disagree: the later end; where both schemas tell of it,
/// audit.3 is believed field by field.
#[test]
fn one_id_is_one_token() {
    let longer = create("t", &format!("\"{TIME}\""), "5184000");
    let two = Folder::of([made("t"), longer.clone()].join("\n")).check(&[]);
    assert_eq!(two.only("expires_at"), "2026-12-31T12:00:00Z");
    let third = create_3("t", "\"2026-12-05T00:00:00Z\"");
    let both = Folder::of([longer.clone(), third].join("\n")).check(&[]);
    assert_eq!(both.only("expires_at"), "2026-12-05T00:00:00Z");
    assert_eq!(
        (both.only("owner"), both.only("owner_name")),
        (&"bob".into(), &"Bob".into())
    );
    let unusable = Folder::of([create_3("t", "\"never\""), longer].join("\n")).check(&[]);
    assert_eq!(unusable.only("expires_at"), "2026-12-31T12:00:00Z");
    assert_eq!(unusable.only("owner"), "bob");
}

/// B65: what is not RFC 3339 gives an unknown end.
#[test]
fn a_time_that_is_none_gives_an_unknown_end() {
    let none = [
        r#""2026-11-01T12:00:00""#,
        r#""2026-11-01""#,
        r#""yesterday""#,
        r#""""#,
        "null",
        "{}",
        "1793534400000",
        r#""1793534400000""#,
        r#""2026-02-30T12:00:00Z""#,
        r#""2026-11-01T25:00:00Z""#,
        r#""20261101T120000Z""#,
        r#""Sun, 01 Nov 2026 12:00:00 GMT""#,
    ];
    for time in none {
        let answer = Folder::of(create("t", time, "2592000")).check(&[]);
        assert_eq!(answer.state(), "unknown_end", "{time}");
        assert_eq!(answer.counted("unknown_end"), 1, "{time}");
    }
}

/// B65: what is RFC 3339 is taken at its word, however odd the time.
#[test]
fn an_odd_time_is_taken_at_its_word() {
    for (time, state) in [
        ("2036-11-22T12:00:00Z", "live"),
        ("1970-01-01T00:00:00Z", "expired"),
        ("0001-01-01T00:00:00Z", "expired"),
        ("2026-11-01t12:00:00z", "live"),
        ("2026-11-01T17:30:00.123456789+05:30", "live"),
        ("2026-11-01T12:00:00-00:00", "live"),
    ] {
        let answer = Folder::of(create("t", &format!("\"{time}\""), "2592000")).check(&[]);
        assert_eq!(answer.state(), state, "{time}");
    }
}

/// B65: instants keep microseconds and never gain by rounding.
#[test]
fn instants_keep_microseconds() {
    let line = create("t", "\"2026-11-01T12:00:00.123456999Z\"", "2592000");
    let answer = Folder::of(line).check(&[]);
    assert_eq!(answer.only("created_at"), "2026-11-01T12:00:00.123456Z");
    assert_eq!(answer.only("expires_at"), "2026-12-01T12:00:00.123456Z");
}
