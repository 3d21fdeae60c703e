//! What single lines tell, schema by schema.

use domain::inventory::Rank;

use crate::{create, end, event, is_skipped};

const SAMPLE: &str = r#"{"_category":{"type":"tokenGeneration","tokenGeneration":{"tokenId":"b9b8aadb-7292-441f-ae02-ca8333849799","tokenTtl":1407975,"tokenType":"API_TOKEN"}},"_userAgent":"REDACTED"}"#;

fn audit3(rest: &str) -> String {
    format!(r#"{{"type":"audit.3","time":"2026-11-01T00:00:00Z","result":"SUCCESS",{rest}}}"#)
}

#[test]
fn the_end_in_audit_2_is_the_time_plus_the_lifetime() {
    for (params, column) in [
        (SAMPLE.to_owned(), "request_params"),
        (serde_json::to_string(SAMPLE).unwrap(), "request_params"),
        (SAMPLE.to_owned(), "requestParams"),
        (serde_json::to_string(SAMPLE).unwrap(), "requestParams"),
    ] {
        let line = format!(
            r#"{{"type":"audit.2","time":"2026-11-01T00:00:00.000001Z","uid":"u1","name":"CREATE_TOKEN","result":"SUCCESS","{column}":{params}}}"#
        );
        let made = &event(&line).made[0];
        assert_eq!(made.id, "b9b8aadb-7292-441f-ae02-ca8333849799");
        assert_eq!(
            made.creation.expires_at.unwrap().to_string(),
            "2026-11-17T07:06:15.000001Z"
        );
        assert_eq!(made.creation.actor.as_ref().unwrap().id, "u1");
        assert_eq!(made.creation.kind.as_deref(), Some("API_TOKEN"));
    }
}

/// B63: lifetimes that give no usable end keep the token, without an end.
#[test]
fn an_unusable_lifetime_gives_an_unknown_end_and_never_drops_the_token() {
    for ttl in [
        "0",
        "-1",
        "null",
        "true",
        r#""""#,
        r#""-5""#,
        r#""5.0""#,
        r#"" 5""#,
        r#""+5""#,
        "{}",
        "1000000000000000000",
        "1e30",
        "99999999999999999999999999",
        r#""99999999999999999999999999""#,
    ] {
        assert_eq!(end(ttl), None, "{ttl}");
    }
    let without = create("t", "1").replace(r#""tokenTtl":1,"#, "");
    assert_eq!(event(&without).made[0].creation.expires_at, None);
}

/// B63: digits in a string are read, as is a number with a fraction.
#[test]
fn a_lifetime_of_digits_in_a_string_is_read() {
    assert_eq!(end("60").as_deref(), Some("2026-11-01T00:01:00Z"));
    assert_eq!(end(r#""60""#).as_deref(), Some("2026-11-01T00:01:00Z"));
    assert_eq!(end("1.5").as_deref(), Some("2026-11-01T00:00:01.5Z"));
    assert_eq!(end("251608809599").as_deref(), Some("9999-12-31T23:59:59Z"));
    assert_eq!(end("251608809600"), None);
}

/// B65: times that are no RFC 3339 instants.
#[test]
fn a_time_that_is_not_rfc_3339_gives_an_unknown_end() {
    for time in [
        "1790000000000",
        "2026-11-01T00:00:00",
        "0000-00-00T00:00:00Z",
        "",
        "soon",
    ] {
        let line = create("t", "60").replace("2026-11-01T00:00:00Z", time);
        let made = &event(&line).made[0];
        assert_eq!(
            (made.creation.expires_at, made.creation.created_at),
            (None, None),
            "{time}"
        );
    }
}

#[test]
fn audit_3_tells_end_holder_and_name_and_reads_every_identifier() {
    let line = audit3(
        r#""name":"X","categories":["tokenGeneration"],"uid":"acting","users":[{"uid":"u9","userName":"amy"}],"resultFields":{"generatedTokens":[
{"id":{"type":"other","other":{"value":"a","description":null}},"expirationTime":"2027-01-01T00:00:00Z","userId":"u9","type":"API_TOKEN"},
{"id":{"type":"rid","rid":"ri.b"},"type":"API_TOKEN"},{"id":{"type":"rids","rids":["c","d"]}},{"id":{"type":"others","others":[{"value":"e"}]}},{"id":"f"},{}]}"#,
    )
    .replace('\n', "");
    let event = event(&line);
    let ids: Vec<&str> = event.made.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(
        (event.made[0].rank, ids),
        (Rank::Preferred, vec!["a", "ri.b", "c", "d", "e", "f"])
    );
    let first = &event.made[0].creation;
    assert_eq!(
        first.expires_at.unwrap().to_string(),
        "2027-01-01T00:00:00Z"
    );
    let owner = first.owner.as_ref().unwrap();
    assert_eq!(
        (owner.id.as_str(), owner.name.as_deref()),
        ("u9", Some("amy"))
    );
    assert_eq!(event.made[1].creation.actor.as_ref().unwrap().id, "acting");
}

#[test]
fn audit_3_revokes_by_category_by_name_and_under_management() {
    let tokens = r#"[{"id":{"type":"rid","rid":"t"}}]"#;
    for rest in [
        format!(
            r#""name":"X","categories":["tokenRevoke"],"resultFields":{{"revokedTokens":{tokens}}}"#
        ),
        format!(
            r#""name":"REVOKE_TOKEN","categories":[],"result_fields":{{"revoked_tokens":{tokens}}}"#
        ),
        format!(
            r#""name":"REVOKE_TOKEN","categories":["managementTokens"],"requestFields":{{"managedTokens":{tokens}}}"#
        ),
    ] {
        assert_eq!(event(&audit3(&rest)).ended, ["t"], "{rest}");
    }
    let disabled = format!(
        r#""name":"DISABLE_TOKEN","categories":["managementTokens"],"requestFields":{{"managedTokens":{tokens}}}"#
    );
    assert!(is_skipped(&audit3(&disabled)));
}

#[test]
fn audit_2_revokes_by_name_whatever_the_type() {
    let line = create("t", "0")
        .replace("CREATE_TOKEN", "REVOKE_TOKEN")
        .replace("tokenGeneration", "managementTokens")
        .replace("API_TOKEN", "SESSION");
    let event = event(&line);
    assert_eq!((event.ended, event.made.len()), (vec!["t".to_owned()], 0));
}

#[test]
fn only_the_exact_name_at_the_top_level_decides() {
    let good = create("t", "60");
    for name in [
        "VALIDATE_TOKEN",
        "create_token",
        "CREATE_TOKEN ",
        "XCREATE_TOKEN",
        "CREATE_TOKENS",
    ] {
        assert!(is_skipped(&good.replace("CREATE_TOKEN", name)), "{name}");
    }
    assert!(is_skipped(
        r#"{"type":"audit.2","name":"X","result":"SUCCESS","request_params":{"name":"CREATE_TOKEN"}}"#
    ));
    let escaped = good
        .replace("CREATE_TOKEN", r"\u0043REATE\u005fTOKEN")
        .replace(r#""name""#, r#""n\u0061me""#);
    assert_eq!(event(&escaped).made.len(), 1);
    assert!(is_skipped(
        &good
            .replace(
                "audit.2",
                "audit.2\",\"categories\":[\"tokenGeneration\"],\"type\":\"audit.2"
            )
            .replace("CREATE_TOKEN", "X")
    ));
}

#[test]
fn only_success_changes_anything() {
    for result in ["ERROR", "UNAUTHORIZED", "PARTIAL", "success", ""] {
        assert!(
            is_skipped(&create("t", "60").replace("SUCCESS", result)),
            "{result}"
        );
    }
    assert!(is_skipped(
        &create("t", "60").replace(r#""result":"SUCCESS","#, "")
    ));
}

/// B62: unknown versions, extra and missing fields.
#[test]
fn an_unknown_schema_or_a_missing_field_is_counted_and_never_fatal() {
    let good = create("t", "60");
    for line in [
        good.replace("audit.2", "audit.9"),
        good.replace("tokenId", "noId"),
        create("", "60"),
        r#"{"type":"audit.2","name":"CREATE_TOKEN","result":"SUCCESS"}"#.to_owned(),
        r#"{"type":"audit.2","name":"CREATE_TOKEN","result":"SUCCESS","request_params":"{oops"}"#
            .to_owned(),
    ] {
        assert!(is_skipped(&line), "{line}");
    }
    assert_eq!(
        event(&good.replace(r#""uid""#, r#""extra":[1],"uid""#))
            .made
            .len(),
        1
    );
}
