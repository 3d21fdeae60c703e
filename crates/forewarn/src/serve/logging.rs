//! Log lines on stderr: for people by default, JSON on request.
//!
//! The expiry warning must read `Warn: API Token NAME (ID ID) will expire in less than
//! X days.` at the end of its line, as StackRox's documentation shows it, so that what
//! already parses StackRox's log parses ours.

use std::fmt::{self, Write as _};

use domain::kernel::{Instant, escape_line};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Config, LogFormat};
use crate::system::SystemClock;
use app::ports::Clock;

/// Events of this target are the warnings themselves.
const EXPIRY_TARGET: &str = "forewarn::expiry";

/// Starts logging for the process; a second call changes nothing.
pub(crate) fn start(config: &Config) {
    let level = config.log.level.as_deref().unwrap_or("info");
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .event_format(Lines {
            format: config.log.format,
        })
        .with_filter(filter);
    // Already started (a reload, a test): keep what there is.
    drop(tracing_subscriber::registry().with(lines).try_init());
}

struct Lines {
    format: LogFormat,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let now = SystemClock.now();
        let meta = event.metadata();
        match self.format {
            LogFormat::Human => human(&mut out, now, *meta.level(), meta.target(), &fields),
            LogFormat::Json => json(&mut out, now, *meta.level(), meta.target(), &fields),
        }
    }
}

fn human(
    out: &mut Writer<'_>,
    now: Instant,
    level: Level,
    target: &str,
    fields: &Fields,
) -> fmt::Result {
    let seconds = Instant::from_micros(now.as_seconds() * 1_000_000);
    write!(out, "{seconds} {}: {}", word(level), fields.message)?;
    // The warning ends its line, for parsers that anchor there.
    if target != EXPIRY_TARGET {
        for (name, value) in &fields.rest {
            match value {
                serde_json::Value::String(text) if text.contains(' ') || text.is_empty() => {
                    write!(out, " {name}={text:?}")?
                }
                serde_json::Value::String(text) => write!(out, " {name}={}", escape_line(text))?,
                value => write!(out, " {name}={value}")?,
            }
        }
    }
    writeln!(out)
}

fn json(
    out: &mut Writer<'_>,
    now: Instant,
    level: Level,
    target: &str,
    fields: &Fields,
) -> fmt::Result {
    let mut line = serde_json::Map::new();
    line.insert("timestamp".to_owned(), now.to_string().into());
    line.insert("level".to_owned(), word(level).into());
    line.insert("message".to_owned(), fields.message.clone().into());
    line.insert("target".to_owned(), target.into());
    for (name, value) in &fields.rest {
        line.insert((*name).to_owned(), value.clone());
    }
    writeln!(out, "{}", serde_json::Value::Object(line))
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "Error",
        Level::WARN => "Warn",
        Level::INFO => "Info",
        Level::DEBUG => "Debug",
        Level::TRACE => "Trace",
    }
}

/// The message and the other fields of an event, in order.
#[derive(Default)]
struct Fields {
    message: String,
    rest: Vec<(&'static str, serde_json::Value)>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: serde_json::Value) {
        match (field.name(), value) {
            ("message", serde_json::Value::String(text)) => self.message = text,
            (name, value) => self.rest.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = write!(text, "{value:?}");
        self.put(field, text.into());
    }
}
