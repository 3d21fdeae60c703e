//! How many letters and posts go out in a second, to a receiver on the same machine?
//!
//! The channels as they are, without the outbox: that is bounded by durable writes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use app::ports::Channel;
use channels::smtp::{Limits, Server, TlsMode};
use channels::{EmailChannel, EmailSettings, WebhookChannel, WebhookSettings};
use domain::kernel::{ChannelId, Instant, MessageId, Secret};
use egress::Egress;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::Args;
use crate::machine::Watch;
use crate::row::{Bound, Row, median};

const MAIL_CONNECTIONS: usize = 16;
const POSTS_IN_FLIGHT: usize = 64;

/// The rows of delivery.
///
/// # Errors
/// When a receiver or a channel cannot be made.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let egress = Egress::new(egress::Settings {
        allow_cidrs: vec!["127.0.0.0/8".parse()?],
        ..egress::Settings::default()
    })?;
    let letters = Arc::new(email(&egress, sink(|stream| Box::pin(mailbox(stream)))?)?);
    let to = sink(|stream| Box::pin(hook(stream)))?;
    let posts = Arc::new(webhook(&egress, to)?);
    let (mut mails, mut hooks, mut raws, mut others) = (vec![], vec![], vec![], vec![]);
    let letter = letter();
    let body = "x".repeat(430);
    for _ in 0..args.rounds {
        let watch = Watch::start(&[]);
        mails.push(rate(args, MAIL_CONNECTIONS, &letters, &letter)?);
        hooks.push(rate(
            args,
            POSTS_IN_FLIGHT,
            &posts,
            &json!({"body": body}).to_string(),
        )?);
        raws.push(raw(args, to, &body)?);
        others.push(watch.others());
    }
    let (mails, hooks, raws, others) = (median(mails), median(hooks), median(raws), median(others));
    Ok(vec![
        Row {
            name: "webhooks out",
            compared: "a raw keep-alive client",
            bound: Bound::AtLeast(0.4),
            stretch: Bound::AtLeast(0.6),
            numbers: format!("{:.1} k against {:.1} k a second", hooks / 1e3, raws / 1e3),
            value: hooks / raws,
            others,
        },
        Row {
            name: "mails out, 16 connections",
            compared: "5,000 a second",
            bound: Bound::AtLeast(1.0),
            stretch: Bound::AtLeast(3.0),
            numbers: format!("{:.1} k a second", mails / 1e3),
            value: mails / 5000.0,
            others,
        },
    ])
}

fn email(egress: &Egress, to: SocketAddr) -> Result<EmailChannel> {
    let server = Server {
        host: to.ip().to_string(),
        port: to.port(),
        tls: TlsMode::None,
        login: None,
        hello: "bench.example.org".to_owned(),
        limits: Limits::default(),
    };
    let settings = EmailSettings {
        id: ChannelId::parse("mail")?,
        server,
        from: "Forewarn <tokens@example.org>".to_owned(),
    };
    Ok(EmailChannel::new(settings, egress.clone())?)
}

fn webhook(egress: &Egress, to: SocketAddr) -> Result<WebhookChannel> {
    let url = Secret::new(format!("http://{to}/hook"));
    let mut settings = WebhookSettings::new(ChannelId::parse("hook")?, url);
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    settings.secrets.push(Secret::new(secret.to_owned()));
    Ok(WebhookChannel::new(&settings, egress.clone())?)
}

fn letter() -> String {
    let line = "The token nightly-export ends in three days, on 2026-12-01 at 09:00.\r\n";
    let message = format!("Subject: a token ends\r\n\r\n{}", line.repeat(24));
    json!({"to": "anna@example.org", "message": message}).to_string()
}

/// What is sent in a second by so many at once.
fn rate<C: Channel + 'static>(
    args: &Args,
    at_once: usize,
    channel: &Arc<C>,
    payload: &str,
) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let time = Duration::from_secs(args.seconds);
    let now = Instant::from_micros(1_790_000_000_000_000);
    runtime.block_on(async {
        let senders = (0..at_once).map(|_| {
            let (channel, payload) = (Arc::clone(channel), payload.to_owned());
            tokio::spawn(async move {
                let (began, mut sent) = (std::time::Instant::now(), 0_u32);
                let id = MessageId::parse("msg_0123456789")?;
                while began.elapsed() < time {
                    let accepted = channel.send(&id, &payload, now).await;
                    accepted.map_err(|error| anyhow!("{error:?}"))?;
                    sent += 1;
                }
                anyhow::Ok(sent)
            })
        });
        let mut sum = 0.0;
        for sender in senders.collect::<Vec<_>>() {
            sum += f64::from(sender.await??);
        }
        Ok(sum / time.as_secs_f64())
    })
}

fn raw(args: &Args, to: SocketAddr, body: &str) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let time = Duration::from_secs(args.seconds);
    let request = format!(
        "POST /hook HTTP/1.1\r\nhost: {to}\r\ncontent-type: application/json\r\nwebhook-id: msg_0123456789\r\nwebhook-timestamp: 1790000000\r\nwebhook-signature: v1,{}\r\ncontent-length: {}\r\n\r\n{body}",
        "a".repeat(44),
        body.len()
    );
    runtime.block_on(async {
        let senders = (0..POSTS_IN_FLIGHT).map(|_| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(to).await?;
                stream.set_nodelay(true)?;
                let (began, mut sent, mut answer) = (std::time::Instant::now(), 0_u32, [0; 1024]);
                while began.elapsed() < time {
                    stream.write_all(request.as_bytes()).await?;
                    anyhow::ensure!(stream.read(&mut answer).await? > 0, "closed");
                    sent += 1;
                }
                Ok(sent)
            })
        });
        let mut sum = 0.0;
        for sender in senders.collect::<Vec<_>>() {
            sum += f64::from(sender.await??);
        }
        Ok(sum / time.as_secs_f64())
    })
}

type Served = std::pin::Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// A receiver on a thread of its own, for as long as this program runs.
fn sink(serve: fn(TcpStream) -> Served) -> Result<SocketAddr> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        runtime.block_on(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if stream.set_nodelay(true).is_ok() {
                    tokio::spawn(serve(stream));
                }
            }
        });
    });
    Ok(address)
}

async fn hook(mut stream: TcpStream) -> Result<()> {
    let (mut read, mut filled) = (vec![0; 64 * 1024], 0);
    loop {
        let count = stream
            .read(read.get_mut(filled..).unwrap_or_default())
            .await?;
        if count == 0 {
            return Ok(());
        }
        filled += count;
        if crate::load::is_whole(read.get(..filled).unwrap_or_default()) {
            filled = 0;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await?;
        }
    }
}

async fn mailbox(stream: TcpStream) -> Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let (mut line, mut inside) = (String::new(), false);
    write.write_all(b"220 bench\r\n").await?;
    loop {
        line.clear();
        if lines.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match line.get(..4) {
            _ if inside && line != ".\r\n" => continue,
            _ if inside => {
                inside = false;
                b"250 kept\r\n"
            }
            Some("EHLO") => b"250-bench\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
            Some("DATA") => {
                inside = true;
                b"354 go on\r\n"
            }
            Some("QUIT") => b"221 bye\r\n",
            Some(_) => b"250 ok\r\n",
            None => return Err(anyhow!("half a line")).context("the sender"),
        };
        write.write_all(answer).await?;
    }
}
