//! Kubeconfigs and key sets, with certificates that a library made.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::inventory::End;
use proptest::prelude::*;
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use serde_json::json;

use super::*;

fn certificate_pem(name: &str) -> (Vec<u8>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_after = date_time_ymd(2030, 1, 1);
    let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    (made.der().to_vec(), made.pem())
}

fn token(claims: &serde_json::Value) -> String {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(claims))
}

/// The form is that of kubernetes.io/docs/reference/config-api/kubeconfig.v1, read
/// 2026-11-26.
fn config() -> String {
    let pem = STANDARD.encode(certificate_pem("kubernetes-admin").1);
    let jwt = token(&json!({"sub": "system:serviceaccount:ci:deploy", "exp": 1_800_000_000}));
    format!(
        "apiVersion: v1
kind: Config
current-context: x
preferences: {{}}
clusters:
- name: prod
  cluster: {{ server: 'https://10.0.0.1:6443', certificate-authority-data: {pem} }}
contexts: []
users:
- name: admin
  user:
    client-certificate-data: {pem}
    client-key-data: c2VjcmV0
- name: ci
  user: {{ token: {jwt} }}
- name: old
  user: {{ token: abcdef.0123456789abcdef }}
- name: cloud
  user: {{ exec: {{ apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks] }} }}
- name: beside
  user: {{ client-certificate: pki/admin.crt, client-key: pki/admin.key }}
- name: broken
  user: {{ client-certificate-data: c2VjcmV0 }}
- name: nobody
"
    )
}

#[test]
fn each_user_of_a_kubeconfig_proves_itself_in_its_way() {
    let read = kubeconfig(&config()).unwrap();
    let names: Vec<&str> = read.users.iter().map(|user| user.name.as_str()).collect();
    let all = ["admin", "ci", "old", "cloud", "beside", "broken", "nobody"];
    assert_eq!(names, all);
    let proofs: Vec<&UserProof> = read.users.iter().map(|user| &user.proof).collect();
    assert!(
        matches!(proofs[0], UserProof::Certificate(facts) if facts.called() == "kubernetes-admin")
    );
    assert!(matches!(proofs[1], UserProof::Token(claims) if matches!(claims.end, End::Known(_))));
    assert_eq!(*proofs[2], UserProof::OpaqueToken);
    assert!(matches!(proofs[3], UserProof::Elsewhere(how) if how.contains("exec")));
    assert_eq!(
        *proofs[4],
        UserProof::CertificateFile("pki/admin.crt".into())
    );
    assert!(matches!(proofs[5], UserProof::Unreadable(_)));
    assert!(matches!(proofs[6], UserProof::Elsewhere(_)));
    assert_eq!(read.authorities.len(), 1);
    assert!(!format!("{read:?}").contains("c2VjcmV0"));
}

#[test]
fn a_kubeconfig_may_be_json() {
    let text = json!({
        "apiVersion": "v1", "kind": "Config",
        "users": [{"name": "u", "user": {"token": "opaque"}}],
    });
    let read = kubeconfig(&text.to_string()).unwrap();
    assert_eq!(read.users[0].proof, UserProof::OpaqueToken);
    assert!(kubeconfig("kind: Config\nusers:\nclusters:\n").is_ok());
}

#[test]
fn another_yaml_is_no_kubeconfig_and_is_not_quoted() {
    let bomb = (1..12).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, n| {
        let before = n - 1;
        let many = vec![format!("*a{before}"); 9].join(",");
        format!("{text}a{n}: &a{n} [{many}]\n")
    });
    for other in [
        "",
        "hunter2",
        "kind: Secret\ndata: {a: hunter2}",
        "kind: [",
        &bomb,
    ] {
        let error = kubeconfig(other).unwrap_err();
        assert_eq!(error, DecodeError::NotThis("kubeconfig"));
    }
}

#[test]
fn a_key_has_the_end_of_its_certificate_or_none() {
    let (der, _) = certificate_pem("signer");
    let set = json!({"keys": [
        {"kty": "RSA", "kid": "2026-a", "use": "sig", "n": "AQAB", "e": "AQAB",
         "x5c": [STANDARD.encode(&der), STANDARD.encode(&der)]},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "c2VjcmV0"},
        {"kty": "RSA", "kid": "bad", "x5c": ["%%%"]},
    ]});
    let keys = jwks(set.to_string().as_bytes()).unwrap();
    let first = keys[0].certificate.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(first.called(), "signer");
    assert_eq!(keys[0].id.as_deref(), Some("2026-a"));
    assert_eq!(keys[1].certificate, None);
    assert!(matches!(keys[2].certificate, Some(Err(_))));
    assert!(!format!("{keys:?}").contains("c2VjcmV0"));
    assert!(jwks(b"{\"keys\": 1}").is_err());
    assert!(jwks(b"[]").is_err());
}

proptest! {
    #[test]
    fn arbitrary_yaml_never_panics(text in "[-a-z:{}\\[\\]&*!|>#'\"%@ \n\t]{0,120}") {
        let _ = kubeconfig(&text);
        let _ = kubeconfig(&format!("kind: Config\nusers:\n{text}"));
        let _ = jwks(text.as_bytes());
    }
}
