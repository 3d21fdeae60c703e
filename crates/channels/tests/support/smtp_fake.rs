//! A mail server that can be told how to fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{CertificateParams, CertifiedKey, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How the fake behaves. The default takes everything over STARTTLS without a login.
#[derive(Clone, Default)]
pub struct Script {
    /// TLS from the first byte.
    pub implicit: bool,
    /// `STARTTLS` is missing from the answer to `EHLO`, as a man in the middle would have it.
    pub strip_starttls: bool,
    /// Bytes sent in plain text right behind the go-ahead for TLS.
    pub inject: Option<&'static str>,
    /// Offers AUTH and takes only this user and password.
    pub login: Option<(&'static str, &'static str)>,
    /// Takes several commands at once (RFC 2920).
    pub pipelining: bool,
    /// Closes without a word once a letter was taken.
    pub one_letter: bool,
    /// What is said instead of the usual, by verb: `("RCPT", "550 5.1.1 no such user")`.
    /// `"drop"` closes the connection, `"hang"` says nothing, `"tarpit"` takes half a second; `.` stands for the final dot.
    pub replies: Vec<(&'static str, &'static str)>,
}

/// What the fake saw.
#[derive(Default)]
pub struct Seen {
    /// Connections that were made.
    pub connections: usize,
    pub commands: Vec<String>,
    pub plain_commands: Vec<String>,
    pub messages: Vec<String>,
    pub logins: Vec<String>,
}

pub struct SmtpFake {
    pub port: u16,
    pub ca: String,
    pub seen: Arc<Mutex<Seen>>,
}

impl SmtpFake {
    pub async fn start(script: Script) -> Self {
        let signing_key = KeyPair::generate().unwrap();
        let cert = CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .self_signed(&signing_key)
            .unwrap();
        let certified = CertifiedKey { cert, signing_key };
        let acceptor = acceptor(&certified);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(
                    stream,
                    script.clone(),
                    acceptor.clone(),
                    Arc::clone(&shared),
                ));
            }
        });
        Self {
            port,
            ca: certified.cert.pem(),
            seen,
        }
    }

    pub fn messages(&self) -> Vec<String> {
        self.seen.lock().unwrap().messages.clone()
    }
}

fn acceptor(certified: &CertifiedKey<KeyPair>) -> TlsAcceptor {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(
        certified.signing_key.serialize_der(),
    ));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(stream: TcpStream, script: Script, acceptor: TlsAcceptor, seen: Arc<Mutex<Seen>>) {
    if script.implicit {
        let Ok(tls) = acceptor.accept(stream).await else {
            return;
        };
        talk(tls, &script, &seen, true, true).await;
        return;
    }
    if let Some(plain) = talk(stream, &script, &seen, false, true).await {
        let Ok(tls) = acceptor.accept(plain).await else {
            return;
        };
        talk(tls, &script, &seen, true, false).await;
    }
}

/// Gives the stream back when TLS is to begin.
async fn talk<S>(
    stream: S,
    script: &Script,
    seen: &Arc<Mutex<Seen>>,
    secure: bool,
    greet: bool,
) -> Option<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    if greet && !say(&mut stream, script, "greeting", "220 fake ready").await {
        return None;
    }
    loop {
        let line = read_line(&mut stream).await?;
        let verb = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        {
            let mut seen = seen.lock().unwrap();
            seen.commands.push(line.clone());
            if !secure {
                seen.plain_commands.push(line.clone());
            }
        }
        let usual = match verb.as_str() {
            "EHLO" => hello(script, secure),
            "STARTTLS" => "220 go".to_owned(),
            "AUTH" => login(&line, script, seen),
            "DATA" => "354 go on".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "250 2.0.0 ok".to_owned(),
        };
        if !say(&mut stream, script, &verb, &usual).await {
            return None;
        }
        match verb.as_str() {
            "STARTTLS" => {
                if let Some(bytes) = script.inject {
                    let _ = stream.write_all(bytes.as_bytes()).await;
                }
                return Some(stream.into_inner());
            }
            "DATA" if !script.replies.iter().any(|(v, _)| *v == "DATA") => {
                let message = read_message(&mut stream).await?;
                seen.lock().unwrap().messages.push(message);
                let said = say(&mut stream, script, ".", "250 2.0.0 Ok: queued as 4F2").await;
                if !said || script.one_letter {
                    return None;
                }
            }
            "QUIT" => return None,
            _ => {}
        }
    }
}

fn hello(script: &Script, secure: bool) -> String {
    let mut lines = vec!["250-fake".to_owned()];
    if !secure && !script.strip_starttls {
        lines.push("250-STARTTLS".to_owned());
    }
    if script.login.is_some() {
        lines.push("250-AUTH PLAIN LOGIN".to_owned());
    }
    if script.pipelining {
        lines.push("250-PIPELINING".to_owned());
    }
    lines.push("250 SIZE 1000000".to_owned());
    lines.join("\r\n")
}

fn login(line: &str, script: &Script, seen: &Arc<Mutex<Seen>>) -> String {
    use base64::Engine as _;
    let encoded = line.rsplit(' ').next().unwrap_or_default();
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .unwrap_or_default();
    let given = String::from_utf8_lossy(&decoded).into_owned();
    let wanted = script
        .login
        .map(|(user, password)| format!("\0{user}\0{password}"));
    seen.lock().unwrap().logins.push(given.clone());
    if Some(given) == wanted {
        "235 2.7.0 ok".to_owned()
    } else {
        "535 5.7.8 wrong user or password".to_owned()
    }
}

/// Says the scripted reply or the usual one; false when the talk is over.
async fn say<S: AsyncWrite + Unpin>(
    stream: &mut S,
    script: &Script,
    verb: &str,
    usual: &str,
) -> bool {
    let scripted = script
        .replies
        .iter()
        .find(|(v, _)| *v == verb)
        .map(|(_, reply)| *reply);
    match scripted.unwrap_or(usual) {
        "drop" => false,
        "hang" => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            false
        }
        "tarpit" => {
            tokio::time::sleep(Duration::from_millis(550)).await;
            let line = format!("{usual}\r\n");
            stream.write_all(line.as_bytes()).await.is_ok()
        }
        reply => stream
            .write_all(format!("{reply}\r\n").as_bytes())
            .await
            .is_ok(),
    }
}

async fn read_line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(count) if count > 0 => Some(line.trim_end().to_owned()),
        _ => None,
    }
}

async fn read_message<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut message = String::new();
    loop {
        let line = read_line(stream).await?;
        if line == "." {
            return Some(message);
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
        message.push('\n');
    }
}
