//! A program of the operator's own on this machine, given each message on its input.
//!
//! Off unless the configuration allows such channels. No shell ever reads anything: the
//! program is named by its path, its arguments are those of the configuration, and what is
//! said stands on standard input alone. The exit code is the verdict.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use app::ports::{Cause, Channel, DeliveryError, MessageContent, Receipt, RenderError, Verdict};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Instant, MessageId};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::failure::{RETRY, failure, one_line};
use crate::webhook::standard_body;

/// How long a program may take unless the configuration says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// How much of what a program writes is kept; the rest is read and dropped.
const OUTPUT_MAX: usize = 4 * 1024;
/// Where programs are looked for by the program itself.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What a command channel is made of.
#[derive(Clone, Debug)]
pub struct CommandSettings {
    /// The key of its table.
    pub id: ChannelId,
    /// The program, by its whole path.
    pub program: PathBuf,
    /// Its arguments, as they are.
    pub args: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// Whether it puts what it accepts before a person.
    pub reaches_persons: bool,
}

/// Why the table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Not a whole path.
    #[error("`program` of the channel must be a whole path such as /usr/local/bin/notify")]
    NotAbsolute,
    /// Nothing can be run there.
    #[error("`program` of the channel is no file that can be run")]
    NotRunnable,
}

/// A program that takes messages.
#[derive(Debug)]
pub struct CommandChannel {
    settings: CommandSettings,
}

impl CommandChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// The program is not named by its whole path, or is no file that can be run.
    pub fn new(settings: CommandSettings) -> Result<Self, CommandError> {
        if !settings.program.is_absolute() {
            return Err(CommandError::NotAbsolute);
        }
        if !can_be_run(&settings.program) {
            return Err(CommandError::NotRunnable);
        }
        Ok(Self { settings })
    }

    fn start(&self, id: &MessageId) -> std::io::Result<Child> {
        Command::new(&self.settings.program)
            .args(&self.settings.args)
            // Nothing of what this process knows goes along.
            .env_clear()
            .env("PATH", PATH)
            .env("FOREWARN_MESSAGE_ID", id.as_str())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

fn can_be_run(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let found = std::fs::metadata(program);
    found.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[async_trait]
impl Channel for CommandChannel {
    fn id(&self) -> &ChannelId {
        &self.settings.id
    }

    fn kind(&self) -> &'static str {
        "command"
    }

    fn reaches_persons(&self) -> bool {
        self.settings.reaches_persons
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn is_idempotent(&self) -> bool {
        false
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        Ok(standard_body(content).to_string())
    }

    async fn send(
        &self,
        id: &MessageId,
        payload: &str,
        _: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let child = self.start(id).map_err(|error| {
            let detail = format!("the program cannot be started: {}", error.kind());
            failure(Verdict::ChannelBroken, Cause::Unreachable, &detail)
        })?;
        match tokio::time::timeout(self.settings.timeout, run(child, payload)).await {
            Ok(Ok((status, said))) => judge(status, &said),
            Ok(Err(error)) => {
                let detail = format!("the program could not be waited for: {}", error.kind());
                Err(failure(Verdict::Ambiguous, Cause::Server, &detail))
            }
            // Dropped, and with it killed; what it did until then nobody knows.
            Err(_) => {
                let seconds = self.settings.timeout.as_secs();
                let detail = format!("the program took longer than {seconds} s and was stopped");
                Err(failure(Verdict::Ambiguous, Cause::Timeout, &detail))
            }
        }
    }
}

/// Gives it the message and reads what it says, all at once: a program that writes before
/// it reads must not wait for us, nor we for it.
async fn run(mut child: Child, payload: &str) -> std::io::Result<(ExitStatus, String)> {
    let (input, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let give = async {
        if let Some(mut input) = input {
            // It may end without reading; its exit code says what that means.
            drop(input.write_all(payload.as_bytes()).await);
            drop(input.shutdown().await);
        }
    };
    let ((), out, err) = tokio::join!(give, heard(out), heard(err));
    let status = child.wait().await?;
    let said = if out.trim().is_empty() { err } else { out };
    Ok((status, said))
}

/// The beginning of what is written; the rest is read and dropped.
async fn heard(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else {
        return String::new();
    };
    let mut kept = Vec::new();
    let mut piece = [0_u8; 1024];
    while let Ok(count) = from.read(&mut piece).await {
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
            break;
        };
        let room = OUTPUT_MAX.saturating_sub(kept.len());
        kept.extend(read.iter().take(room));
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// The verdict of an exit code, as `sysexits.h` has them.
fn judge(status: ExitStatus, said: &str) -> Result<Receipt, DeliveryError> {
    let detail = |what: &str| match one_line(said) {
        said if said.is_empty() => what.to_owned(),
        said => format!("{what}: {said}"),
    };
    let (verdict, cause, what) = match status.code() {
        Some(0) => {
            return Ok(Receipt {
                said: one_line(&detail("exit code 0")),
            });
        }
        // EX_DATAERR: this message, and no other.
        Some(65) => (Verdict::GiveUp, Cause::Rejected, "exit code 65".to_owned()),
        // EX_TEMPFAIL.
        Some(75) => (RETRY, Cause::Server, "exit code 75".to_owned()),
        // EX_NOPERM, EX_CONFIG.
        Some(code @ (77 | 78)) => (
            Verdict::ChannelBroken,
            Cause::Auth,
            format!("exit code {code}"),
        ),
        Some(code) => (
            Verdict::RetryTwice,
            Cause::Server,
            format!("exit code {code}"),
        ),
        None => (RETRY, Cause::Server, "ended by a signal".to_owned()),
    };
    Err(failure(verdict, cause, &detail(&what)))
}
