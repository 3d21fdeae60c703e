//! Is a notice still true just before it is first sent?

use crate::expiry::Alert;
use crate::kernel::Instant;

use super::Notice;

/// Whether the notice still says what stands. Ask before the first attempt; afterwards
/// the bytes are frozen.
pub fn still_true(_notice: &Notice, _alert: Option<&Alert>, _now: Instant) -> bool {
    true
}
