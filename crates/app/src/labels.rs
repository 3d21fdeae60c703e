//! Free labels, within bounds.

use std::collections::BTreeMap;

use crate::AppError;

const COUNT_MAX: usize = 64;
const KEY_MAX: usize = 63;
const VALUE_MAX: usize = 255;

/// Checks labels: at most 64, keys of 1 to 63 and values of up to 255 bytes, without
/// control characters.
///
/// # Errors
/// [`AppError::Invalid`] naming the key.
pub(crate) fn check(labels: &BTreeMap<String, String>) -> Result<(), AppError> {
    let refuse = |problem: String| Err(AppError::invalid("labels", problem));
    if labels.len() > COUNT_MAX {
        return refuse(format!(
            "{} labels are too many; {COUNT_MAX} are allowed",
            labels.len()
        ));
    }
    for (key, value) in labels {
        let shown = crate::error::shown(key);
        let clean = |text: &str| !text.chars().any(char::is_control);
        if key.is_empty() || key.len() > KEY_MAX || !clean(key) {
            return refuse(format!(
                "the key `{shown}` needs 1 to {KEY_MAX} bytes without control characters"
            ));
        }
        if value.len() > VALUE_MAX || !clean(value) {
            return refuse(format!(
                "the value of `{shown}` may have {VALUE_MAX} bytes without control characters"
            ));
        }
    }
    Ok(())
}
