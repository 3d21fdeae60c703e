//! How many items fit into a body?

/// The largest body of at most `bytes_max` bytes: `write` is given how many items to
/// show and is asked again with fewer until it fits. `None` if not even one fits, or
/// none where there are none.
pub(super) fn fit(
    items: usize,
    bytes_max: usize,
    write: impl Fn(usize) -> String,
) -> Option<String> {
    let whole = write(items);
    if whole.len() <= bytes_max {
        return Some(whole);
    }
    // Bodies grow with their items, so the border can be halved in on.
    let (mut fits, mut too_many) = (0, items);
    let mut best = None;
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        let body = write(middle);
        if body.len() <= bytes_max {
            (fits, best) = (middle, Some(body));
        } else {
            too_many = middle;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn as_many_items_as_fit_are_shown() {
        let write = |n: usize| "x".repeat(10 * n);
        assert_eq!(fit(3, 30, write).map(|b| b.len()), Some(30));
        assert_eq!(fit(4, 30, write).map(|b| b.len()), Some(30));
        assert_eq!(fit(1000, 39, write).map(|b| b.len()), Some(30));
        assert_eq!(fit(2, 9, write), None);
        assert_eq!(fit(0, 0, write).as_deref(), Some(""));
    }
}
