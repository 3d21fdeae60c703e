//! Watches a source being read, until its end.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::client::{Client, segment};
use super::{CliError, CliResult, output};

/// So long without any progress, and nobody waits any more.
const PATIENCE: Duration = Duration::from_secs(600);
const PAUSE: Duration = Duration::from_millis(300);

/// Waits for the end of the read that was asked for, and says what it came to: exit code
/// 1 if the source cannot be read. `before` is the source as it stood when it was asked.
pub(super) fn to_its_end(client: &Client, id: &str, before: &Value, as_json: bool) -> CliResult {
    let bar = progress();
    // A read that was under way has to end before the one that was asked for begins.
    let mut ends_left = 1 + u8::from(before.get("reading").is_some_and(|r| !r.is_null()));
    let (mut last, mut moved) = (before.clone(), Instant::now());
    loop {
        let now = client.get(&format!("/v1/sources/{}", segment(id)), &[])?;
        let differs = |field: &str| now.pointer(field) != last.pointer(field);
        if differs("/ended_at") {
            ends_left -= 1;
        }
        if differs("/ended_at") || differs("/reading/read") {
            moved = Instant::now();
        }
        if ends_left == 0 {
            bar.finish_and_clear();
            return summary(id, &now, as_json);
        }
        if moved.elapsed() > PATIENCE {
            let sentence = format!("{id} is still being read; see `forewarn source list`");
            return Err(CliError::failed(sentence));
        }
        let read = now.pointer("/reading/read").and_then(Value::as_u64);
        bar.set_position(read.unwrap_or_default());
        bar.tick();
        last = now;
        std::thread::sleep(PAUSE);
    }
}

/// Hidden where nobody looks.
fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {human_pos} items read, {elapsed}");
    ProgressBar::new_spinner()
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

fn summary(id: &str, source: &Value, as_json: bool) -> CliResult {
    let failing = source.get("failing").and_then(Value::as_str);
    if as_json {
        output::json(source)?;
    } else {
        output::line(&sentences(id, source).join("\n"))?;
    }
    Ok(ExitCode::from(u8::from(failing.is_some())))
}

fn sentences(id: &str, source: &Value) -> Vec<String> {
    let text = |field: &str| source.get(field).and_then(Value::as_str);
    if let Some(why) = text("failing") {
        return vec![format!("{id} cannot be read: {why}")];
    }
    let count = |name: &str| {
        let counts = source.get("last_read");
        counts.and_then(|c| c.get(name)?.as_u64()).unwrap_or(0)
    };
    let counted = ["read", "new", "changed", "ended", "gone", "unreadable"]
        .map(|name| format!("{} {name}", count(name)))
        .join(", ");
    let mut lines = vec![format!("{id}: {counted}")];
    lines.extend(why(source));
    let remarks = source.get("remarks").and_then(Value::as_array);
    let remarks = remarks.into_iter().flatten().filter_map(Value::as_str);
    lines.extend(remarks.map(|remark| format!("  {remark}")));
    lines
}

/// Why a source is not well, in a sentence.
pub(super) fn why(source: &Value) -> Option<String> {
    let text = |field: &str| source.get(field).and_then(Value::as_str);
    let number = |field: &str| source.pointer(field).and_then(Value::as_u64);
    if let Some(why) = text("failing") {
        return Some(why.to_owned());
    }
    if let (Some(missing), Some(of)) = (number("/held/missing"), number("/held/of")) {
        let id = text("id").unwrap_or_default();
        return Some(format!(
            "{missing} of {of} credentials are missing; if that is right: forewarn source accept {id}"
        ));
    }
    text("partial").map(|why| format!("read only in part: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_read_ends_with_a_summary() {
        let mut source = json!({
            "id": "prod", "failing": null, "partial": null, "held": null,
            "remarks": ["2 items have an end that cannot be read"],
            "last_read": {"read": 12, "unreadable": 2, "new": 3, "changed": 1, "ended": 1, "gone": 0},
        });
        assert_eq!(
            sentences("prod", &source),
            [
                "prod: 12 read, 3 new, 1 changed, 1 ended, 0 gone, 2 unreadable",
                "  2 items have an end that cannot be read"
            ]
        );
        source["partial"] = json!("page 2 was refused");
        assert_eq!(
            sentences("prod", &source)[1],
            "read only in part: page 2 was refused"
        );
        source["held"] = json!({"missing": 9, "of": 10});
        assert!(sentences("prod", &source)[1].ends_with("forewarn source accept prod"));
        source["failing"] = json!("status 503");
        assert_eq!(
            sentences("prod", &source),
            ["prod cannot be read: status 503"]
        );
    }
}
