//! Creates tokens and revokes them at a steady pace, and asks whether a revoked one still
//! opens anything.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

use crate::load::is_whole;

/// Whom to ask, and how often.
#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    pub to: SocketAddr,
    /// A token that may issue and revoke
    #[arg(long)]
    pub token: String,
    /// Creates and revokes in a second, together
    #[arg(long)]
    pub rate: u32,
    #[arg(long)]
    pub seconds: f64,
    #[arg(long, default_value_t = 16)]
    pub connections: u32,
}

/// How it went.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    pub creates: u64,
    pub revokes: u64,
    /// Revoked tokens that were let in afterwards.
    pub accepted: u64,
    pub seconds: f64,
}

/// Runs and prints the outcome as JSON.
///
/// # Errors
/// When an answer is not what it should be.
pub fn run(args: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(drive(args))?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

async fn drive(args: &Args) -> Result<Outcome> {
    let began = Instant::now();
    // A turn is one create and one revoke.
    let every = Duration::from_secs_f64(2.0 * f64::from(args.connections) / f64::from(args.rate));
    let until = began + Duration::from_secs_f64(args.seconds);
    let workers = (0..args.connections).map(|number| {
        let first = began + every.mul_f64(f64::from(number) / f64::from(args.connections));
        let (to, token) = (args.to, args.token.clone());
        tokio::spawn(async move { turns(to, &token, first, every, until).await })
    });
    let mut sum = Outcome::default();
    for worker in workers.collect::<Vec<_>>() {
        let part = worker.await??;
        sum.creates += part.creates;
        sum.revokes += part.revokes;
        sum.accepted += part.accepted;
    }
    sum.seconds = began.elapsed().as_secs_f64();
    Ok(sum)
}

async fn turns(
    to: SocketAddr,
    token: &str,
    mut next: Instant,
    every: Duration,
    until: Instant,
) -> Result<Outcome> {
    let mut caller = Caller::new(to).await?;
    let mut outcome = Outcome::default();
    while next < until {
        sleep_until(next).await;
        next += every;
        let body = json!({"name": format!("churn-{}", outcome.creates), "roles": ["bench"]});
        let (status, made) = caller
            .ask("POST", "/v1/tokens", token, &body.to_string())
            .await?;
        ensure!(status == 201, "no token was created: {status}");
        outcome.creates += 1;
        let made: Value = serde_json::from_str(&made)?;
        let value = made["value"].as_str().context("no value")?;
        let id = made["token"]["id"].as_str().context("no id")?;
        // Used once, so that whatever is remembered of it is there.
        let (status, _) = caller.ask("GET", "/v1/tokens/self", value, "").await?;
        ensure!(status == 200, "a new token is refused: {status}");
        let path = format!("/v1/tokens/{id}/revoke");
        let (status, _) = caller.ask("POST", &path, token, "{}").await?;
        ensure!(status < 300, "no token was revoked: {status}");
        outcome.revokes += 1;
        let (status, _) = caller.ask("GET", "/v1/tokens/self", value, "").await?;
        outcome.accepted += u64::from(status != 401);
    }
    Ok(outcome)
}

/// One connection that stays open.
struct Caller {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Caller {
    async fn new(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        let read = vec![0; 64 * 1024];
        Ok(Self { stream, read })
    }

    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> Result<(u16, String)> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        let mut filled = 0;
        loop {
            let room = self.read.get_mut(filled..).unwrap_or_default();
            match self.stream.read(room).await? {
                0 => bail!("the connection was closed"),
                count => filled += count,
            }
            let read = self.read.get(..filled).unwrap_or_default();
            if is_whole(read) {
                let text = String::from_utf8_lossy(read);
                let status = text.get(9..12).context("no status")?.parse()?;
                let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
                return Ok((status, body.to_owned()));
            }
        }
    }
}
