//! Asks as fast as it is answered, over connections that stay open: one thread, no
//! library of HTTP, so that it is not itself what is measured.
//!
//! It looks for answers without ever sleeping. Who answers wakes who waits, on a virtual
//! machine for some microseconds of its own processor; that would be counted against
//! whoever is slow enough to be waited for.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use memchr::memmem;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde::{Deserialize, Serialize};

/// What to ask whom.
#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    pub to: SocketAddr,
    /// Requests as they go out, each behind its length in decimal and a line end
    #[arg(long)]
    pub requests: PathBuf,
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    #[arg(long, default_value_t = 3.0)]
    pub seconds: f64,
    /// The status that every answer must have
    #[arg(long, default_value_t = 200)]
    pub status: u16,
}

/// How it went.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    pub answers: u64,
    /// Answers with another status.
    pub wrong: u64,
    pub seconds: f64,
    /// The share of the time in which this generator had something to do.
    pub busy: f64,
    pub p50_us: f64,
    pub p99_us: f64,
}

struct Connection {
    stream: TcpStream,
    /// The request that is out, and how much of it.
    request: usize,
    written: usize,
    since: Instant,
    read: Vec<u8>,
    filled: usize,
}

/// Room for one answer.
const ANSWER_MAX: usize = 16 * 1024;

/// Runs and prints the outcome as JSON.
///
/// # Errors
/// When a connection breaks or an answer cannot be understood.
pub fn run(args: &Args) -> Result<()> {
    let requests = requests(&fs::read(&args.requests)?)?;
    let mut poll = Poll::new()?;
    let mut connections = Vec::new();
    for number in 0..args.connections {
        let mut stream = TcpStream::from_std(open(args.to)?);
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry()
            .register(&mut stream, Token(number), interest)?;
        connections.push(Connection {
            stream,
            request: number % requests.len().max(1),
            written: 0,
            since: Instant::now(),
            read: vec![0; ANSWER_MAX],
            filled: 0,
        });
    }
    println!(
        "{}",
        serde_json::to_string(&drive(args, &requests, &mut poll, &mut connections)?)?
    );
    Ok(())
}

fn open(to: SocketAddr) -> Result<std::net::TcpStream> {
    let stream = std::net::TcpStream::connect(to)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

fn requests(mut text: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    while let Some(end) = memchr::memchr(b'\n', text) {
        let length: usize = std::str::from_utf8(text.get(..end).unwrap_or_default())?.parse()?;
        let begin = end + 1;
        all.push(text.get(begin..begin + length).unwrap_or_default().to_vec());
        text = text.get(begin + length..).unwrap_or_default();
    }
    if all.is_empty() {
        bail!("there is nothing to ask");
    }
    Ok(all)
}

fn drive(
    args: &Args,
    requests: &[Vec<u8>],
    poll: &mut Poll,
    connections: &mut [Connection],
) -> Result<Outcome> {
    let (mut events, mut took) = (Events::with_capacity(256), Vec::with_capacity(1 << 20));
    let (mut outcome, mut next) = (Outcome::default(), connections.len());
    let warm = Instant::now() + Duration::from_millis(300);
    let (mut began, mut idle, mut counting) = (warm, Duration::ZERO, false);
    let status = format!("HTTP/1.1 {}", args.status).into_bytes();
    loop {
        let looked = Instant::now();
        poll.poll(&mut events, Some(Duration::ZERO))?;
        let now = Instant::now();
        if !counting && now >= warm {
            (counting, began, idle) = (true, now, Duration::ZERO);
        }
        if events.is_empty() {
            idle += now - looked;
        }
        if counting && (now - began).as_secs_f64() >= args.seconds {
            break;
        }
        for event in &events {
            let Some(connection) = connections.get_mut(event.token().0) else {
                continue;
            };
            while connection.send(requests)? {
                let Some(answer) = connection.receive()? else {
                    break;
                };
                if counting {
                    outcome.answers += 1;
                    outcome.wrong += u64::from(!answer.starts_with(&status));
                    took.push(u32::try_from(connection.since.elapsed().as_micros())?);
                }
                connection.again(next % requests.len());
                next += 1;
            }
        }
    }
    outcome.seconds = began.elapsed().as_secs_f64();
    outcome.busy = 1.0 - idle.as_secs_f64() / outcome.seconds;
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or(0);
    (outcome.p50_us, outcome.p99_us) = (f64::from(at(50)), f64::from(at(99)));
    Ok(outcome)
}

impl Connection {
    fn again(&mut self, request: usize) {
        (self.request, self.written, self.filled) = (request, 0, 0);
        self.since = Instant::now();
    }

    /// Whether the whole request is out.
    fn send(&mut self, requests: &[Vec<u8>]) -> Result<bool> {
        let request = requests.get(self.request).map_or(&[][..], Vec::as_slice);
        while let Some(rest @ [_, ..]) = request.get(self.written..) {
            match self.stream.write(rest) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// The first bytes of a whole answer.
    fn receive(&mut self) -> Result<Option<[u8; 16]>> {
        loop {
            match self
                .stream
                .read(self.read.get_mut(self.filled..).unwrap_or_default())
            {
                Ok(0) => bail!("the connection was closed"),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error.into()),
            }
            let read = self.read.get(..self.filled).unwrap_or_default();
            if is_whole(read) {
                return Ok(read.first_chunk().copied());
            }
        }
    }
}

/// Whether a whole message of HTTP stands in these bytes.
pub fn is_whole(read: &[u8]) -> bool {
    let Some(head) = memmem::find(read, b"\r\n\r\n") else {
        return false;
    };
    let fields = read.get(..head).unwrap_or_default();
    // Whether its words begin with capitals or not.
    let name = b"ength: ";
    let length = memmem::find(fields, name).map_or(0, |at| {
        let digits = fields.get(at + name.len()..).unwrap_or_default().iter();
        let digits = digits.take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'))
    });
    read.len() >= head + 4 + length
}
