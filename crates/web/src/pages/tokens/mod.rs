//! The tokens that are issued here: listed, generated, shown, rotated, revoked.

mod fields;
mod foresee;
mod generate;
mod list;
mod revoke;
mod rotate;
mod show;
mod value;

use crate::route::Route;

pub(crate) use fields::{NONE_ALONE, RoleChoice, is_none_among};
pub(crate) use foresee::Foresight;

/// All of them.
pub(crate) fn routes() -> Vec<Route> {
    [
        list::routes(),
        generate::routes(),
        value::routes(),
        show::routes(),
        rotate::routes(),
        revoke::routes(),
    ]
    .concat()
}
