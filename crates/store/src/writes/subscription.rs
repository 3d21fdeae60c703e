//! Calendar and feed addresses.

use app::ports::{StoreError, Subscription};
use domain::kernel::SubscriptionId;

use super::document::{put as put_document, table};
use crate::sql::Step;

pub(crate) fn put(subscription: &Subscription) -> Result<Vec<Step>, StoreError> {
    let (what, mut next) = (format!("feed {}", subscription.id), subscription.clone());
    next.version += 1;
    let (id, version) = (subscription.id.as_str(), subscription.version);
    let step = put_document(&table!("subscriptions"), &what, id, &next, version)?;
    Ok(vec![step])
}

pub(crate) fn remove(id: &SubscriptionId) -> Vec<Step> {
    let sql = "DELETE FROM subscriptions WHERE id = $1";
    vec![Step::run(sql, vec![id.as_str().into()])]
}
