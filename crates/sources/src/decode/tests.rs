//! Certificates that a certificate library made, tokens as the standard writes them, and
//! bytes without any sense.

use domain::inventory::End;
use domain::kernel::Instant;
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, SerialNumber,
    date_time_ymd,
};
use serde_json::json;

use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

/// A self-signed certificate: DER and PEM.
fn made(change: impl FnOnce(&mut CertificateParams)) -> (Vec<u8>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.not_before = date_time_ymd(2026, 1, 2);
    params.not_after = date_time_ymd(2027, 3, 4);
    change(&mut params);
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    (certificate.der().to_vec(), certificate.pem())
}

fn named(name: &str, year: i32, authority: bool) -> String {
    let (_, pem) = made(|params| {
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_after = date_time_ymd(year, 1, 1);
        if authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
    });
    pem
}

#[test]
fn a_certificate_tells_whom_it_is_for_and_until_when() {
    let (der, pem) = made(|params| {
        let names = &mut params.distinguished_name;
        names.push(DnType::CountryName, "DE");
        names.push(DnType::OrganizationName, "Acme, Inc.");
        names.push(DnType::CommonName, "web.example.org");
        params.serial_number = Some(SerialNumber::from_slice(&[0x00, 0xab, 0x01]));
        let all = ["web.example.org", "192.0.2.7", "2001:db8::1"];
        params.subject_alt_names = CertificateParams::new(all.map(str::to_owned).to_vec())
            .unwrap()
            .subject_alt_names;
    });
    for facts in [
        certificate(&der).unwrap(),
        certificate(pem.as_bytes()).unwrap(),
    ] {
        assert_eq!(facts.subject, "CN=web.example.org,O=Acme\\, Inc.,C=DE");
        assert_eq!(facts.issuer, facts.subject);
        assert_eq!(facts.called(), "web.example.org");
        assert_eq!(facts.serial, "ab01");
        assert_eq!(facts.not_before, at("2026-01-02T00:00:00Z"));
        assert_eq!(facts.end, End::Known(at("2027-03-04T00:00:00Z")));
        assert_eq!(facts.chain_end, facts.expires_at());
        assert_eq!(facts.names, ["web.example.org", "192.0.2.7", "2001:db8::1"]);
        assert_eq!(facts.fingerprint.len(), 64);
        assert!(!facts.is_authority);
    }
}

#[test]
fn the_leaf_is_found_wherever_it_stands_and_the_earliest_end_beside_it() {
    let (leaf, middle, root) = (
        named("leaf", 2030, false),
        named("middle", 2029, true),
        named("root", 2040, true),
    );
    for order in [[&leaf, &middle, &root], [&root, &middle, &leaf]] {
        let all: String = order.iter().map(|pem| pem.as_str()).collect();
        let facts = certificate(all.as_bytes()).unwrap();
        assert_eq!(facts.called(), "leaf");
        assert_eq!(facts.end, End::Known(at("2030-01-01T00:00:00Z")));
        assert_eq!(facts.chain_end, Some(at("2029-01-01T00:00:00Z")));
    }
    let authorities = format!("{root}{middle}");
    assert_eq!(
        certificate(authorities.as_bytes()).unwrap().called(),
        "root"
    );
}

/// RFC 5280, 4.1.2.5: 99991231235959Z means that there is no well-defined end.
#[test]
fn the_last_day_of_the_calendar_is_no_end() {
    for (day, end) in [
        (date_time_ymd(9999, 12, 31), End::Never),
        (date_time_ymd(9999, 1, 1), End::Never),
        (
            date_time_ymd(9998, 12, 31),
            End::Known(at("9998-12-31T00:00:00Z")),
        ),
    ] {
        let (der, _) = made(|params| params.not_after = day);
        assert_eq!(certificate(&der).unwrap().end, end);
    }
    let (_, pem) = made(|params| params.not_after = date_time_ymd(9999, 12, 31));
    let value = certificate_value(&pem).unwrap();
    assert!(value["not_after"].as_str().unwrap().starts_with("9999-"));
}

#[test]
fn what_has_no_name_is_called_by_what_it_is_for_or_by_its_number() {
    let (der, _) = made(|params| {
        let names = vec!["api.example.org".to_owned()];
        params.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names;
    });
    assert_eq!(certificate(&der).unwrap().called(), "api.example.org");
    let (der, _) = made(|params| {
        params.serial_number = Some(SerialNumber::from_slice(&[0x17, 0x01]));
    });
    assert_eq!(certificate(&der).unwrap().called(), "1701");
}

#[test]
fn a_step_of_a_preset_reads_pem_and_base64_alike() {
    use base64::Engine as _;
    let (der, pem) = made(|params| {
        params.distinguished_name.push(DnType::CommonName, "web");
    });
    let value = certificate_value(&pem).unwrap();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&der);
    let wrapped = format!("  {}\n{}\n", &base64[..64], &base64[64..]);
    assert_eq!(certificate_value(&wrapped), Some(value.clone()));
    assert_eq!(value["subject"], "CN=web");
    assert_eq!(value["not_before"], "2026-01-02T00:00:00Z");
    assert_eq!(value["not_after"], "2027-03-04T00:00:00Z");
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    let expected = [
        "fingerprint",
        "issuer",
        "names",
        "not_after",
        "not_before",
        "serial",
        "subject",
    ];
    assert_eq!(keys, expected);
    assert_eq!(certificate_value("no certificate"), None);
}

#[test]
fn a_private_key_in_the_bundle_is_passed_over() {
    let key = KeyPair::generate().unwrap().serialize_pem();
    let bundle = format!("{key}{}", named("web", 2030, false));
    assert_eq!(certificate(bundle.as_bytes()).unwrap().called(), "web");
    let alone = certificate(key.as_bytes()).unwrap_err();
    assert_eq!(alone, DecodeError::NotThis("certificate"));
}

#[test]
fn text_around_a_certificate_does_not_hide_it() {
    let pem = named("web", 2030, false);
    let around = format!("\u{feff}Bag Attributes\r\n  friendlyName: web\r\n{pem}\r\n");
    let carriage = around.replace('\n', "\r\n");
    assert_eq!(certificate(carriage.as_bytes()).unwrap().called(), "web");
    let trusted = pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    assert_eq!(certificate(trusted.as_bytes()).unwrap().called(), "web");
}

#[test]
fn one_damaged_certificate_does_not_hide_the_others() {
    let broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    let unclosed = "-----BEGIN CERTIFICATE-----\nMIIB\n";
    let text = format!("{broken}{}{unclosed}", named("web", 2030, false));
    let bundle = bundle(text.as_bytes()).unwrap();
    assert_eq!(bundle.leaf().unwrap().called(), "web");
    assert_eq!(bundle.unreadable, 2);
    let error = certificate(broken.as_bytes()).unwrap_err();
    assert!(matches!(error, DecodeError::Damaged { .. }), "{error}");
}

#[test]
fn stores_that_are_left_alone_are_named() {
    // The beginnings that RFC 7292, RFC 2315 and Java's key stores prescribe.
    let pkcs12 = [0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03, 0x30, 0x82];
    let pkcs7 = [
        0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
    ];
    for (bytes, word) in [
        (pkcs12.as_slice(), "PKCS#12"),
        (pkcs7.as_slice(), "PKCS#7"),
        (
            b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----",
            "PKCS#7",
        ),
        (&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2], "Java"),
    ] {
        let error = certificate(bytes).unwrap_err();
        assert!(matches!(error, DecodeError::Skipped(..)), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

fn token(claims: &serde_json::Value) -> String {
    use base64::Engine as _;
    let url = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |value: &serde_json::Value| url.encode(value.to_string());
    let header = part(&json!({"alg": "RS256", "typ": "JWT"}));
    format!("{header}.{}.c2lnbmF0dXJl", part(claims))
}

#[test]
fn a_token_tells_its_claims() {
    let claims = json!({
        "iss": "https://issuer.example", "sub": "svc-export", "aud": ["a", "b"],
        "jti": "t-1", "scope": "read write", "roles": ["ops"],
        "iat": 1_700_000_000, "nbf": 1_700_000_000.5, "exp": 1_800_000_000.25,
    });
    let read = jwt(&format!(" {}\n", token(&claims))).unwrap();
    assert_eq!(read.issuer.as_deref(), Some("https://issuer.example"));
    assert_eq!(read.subject.as_deref(), Some("svc-export"));
    assert_eq!(read.audience, ["a", "b"]);
    assert_eq!(read.id.as_deref(), Some("t-1"));
    assert_eq!(read.scopes, ["read", "write"]);
    assert_eq!(read.roles, ["ops"]);
    assert_eq!(read.issued_at, Some(at("2023-11-14T22:13:20Z")));
    assert_eq!(read.not_before, Some(at("2023-11-14T22:13:20.5Z")));
    assert_eq!(read.end, End::Known(at("2027-01-15T08:00:00.25Z")));
    assert_eq!(jwt_value(&token(&claims)), Some(claims));
}

/// B65: an `exp` that is no date leaves the end unknown; no `exp` at all is no end.
#[test]
fn an_end_that_is_no_date_is_unknown_and_none_is_never() {
    let end = |claims: serde_json::Value| jwt(&token(&claims)).unwrap().end;
    assert_eq!(end(json!({"sub": "x"})), End::Never);
    assert_eq!(end(json!({"exp": null})), End::Never);
    assert_eq!(end(json!({"exp": 0})), End::Known(Instant::EPOCH));
    assert_eq!(
        end(json!({"exp": "1800000000"})),
        End::Known(at("2027-01-15T08:00:00Z"))
    );
    let last = 253_402_300_799_i64;
    assert_eq!(
        end(json!({"exp": last})),
        End::Known(at("9999-12-31T23:59:59Z"))
    );
    for unusable in [
        json!(last + 1),
        json!(1_800_000_000_000_i64),
        json!(1e300),
        json!(-1e300),
        json!(u64::MAX),
        json!("soon"),
        json!({}),
    ] {
        assert_eq!(end(json!({"exp": unusable})), End::Unknown);
    }
}

#[test]
fn what_is_no_token_is_said_without_repeating_it() {
    let encrypted = {
        use base64::Engine as _;
        let url = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let header = url.encode(r#"{"alg":"dir","enc":"A256GCM"}"#);
        format!("{header}..aXY.Y2lwaGVy.dGFn")
    };
    assert!(matches!(jwt(&encrypted), Err(DecodeError::Skipped(..))));
    for other in ["", "hunter2", "a.b.c", "1.2", "fwns_EXAMPLE00000_01234"] {
        assert_eq!(jwt(other), Err(DecodeError::NotThis("JSON Web Token")));
    }
    let (header, rest) = token(&json!({}))
        .split_once('.')
        .map(|(h, r)| (h.to_owned(), r.to_owned()))
        .unwrap();
    let damaged = format!("{header}.{}.sig", &rest[..2]);
    let error = jwt(&damaged).unwrap_err();
    assert!(matches!(error, DecodeError::Damaged { .. }), "{error}");
    assert!(!error.to_string().contains(&header), "{error}");
}

proptest! {
    /// Bytes that mean nothing are refused; they stop nobody.
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = bundle(&bytes);
        let _ = one_certificate(&bytes);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}", exp in any::<f64>()) {
        let _ = jwt(&text);
        let _ = jwt_value(&text);
        let _ = certificate_value(&text);
        let _ = certificate(format!("-----BEGIN CERTIFICATE-----{text}").as_bytes());
        let _ = jwt(&token(&json!({"exp": exp, "aud": text, "scope": text})));
    }

    /// A real certificate with some bytes changed is read or refused, no more.
    #[test]
    fn a_bitten_certificate_never_panics(
        place in any::<prop::sample::Index>(), value in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        thread_local! {
            static DER: Vec<u8> = made(|params| {
                params.distinguished_name.push(DnType::CommonName, "web");
            }).0;
        }
        let mut der = DER.with(Clone::clone);
        let at = place.index(der.len());
        der[at] = value;
        let _ = certificate(&der);
        der.truncate(cut.index(der.len()));
        let _ = certificate(&der);
    }
}
