//! Reviews: every so often a team looks at everything it answers for, and says of each
//! credential whether it is kept, rotated, lapses, or is not theirs.
//!
//! The configuration says which reviews there are; a round for each team is kept as a
//! named value, with what was decided. The sweep tells the team, and that it is done.

mod decide;
mod read;
mod rounds;

pub use decide::{Wish, decide};
pub use read::{ReviewDetail, ReviewItem, get_review, list_reviews};
pub(crate) use rounds::{begin, of_teams, subjects, team_of, waiting, wrong};
