//! The stylesheet, the script and the picture of the tab.
//!
//! Their addresses hold a hash of their content, so that browsers keep them for good and
//! still never show an old one.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use sha2::{Digest as _, Sha256};

use crate::route::{Needs, Route};

const FOREVER: &str = "public, max-age=31536000, immutable";
const HASH_CHARS: usize = 12;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
}

const STYLE: Asset = Asset {
    name: "style.css",
    media_type: "text/css; charset=utf-8",
    text: include_str!("../assets/style.css"),
};
const SCRIPT: Asset = Asset {
    name: "enhance.js",
    media_type: "text/javascript; charset=utf-8",
    text: include_str!("../assets/enhance.js"),
};
const ICON: Asset = Asset {
    name: "icon.svg",
    media_type: "image/svg+xml",
    text: include_str!("../assets/icon.svg"),
};

/// Where they stand.
pub(crate) struct Addresses {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

/// Worked out once.
pub(crate) static ADDRESSES: LazyLock<Addresses> = LazyLock::new(|| Addresses {
    style: address(&STYLE),
    script: address(&SCRIPT),
    icon: address(&ICON),
});

/// One path for all of them.
pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/assets/{name}", Needs::Nothing, show)]
}

fn address(asset: &Asset) -> String {
    let hash = Sha256::digest(asset.text.as_bytes());
    let hex: String = hash.iter().map(|b| format!("{b:02x}")).collect();
    let hash = hex.get(..HASH_CHARS).unwrap_or_default();
    format!("/assets/{hash}-{}", asset.name)
}

async fn show(Path(name): Path<String>) -> Response {
    // An older hash is answered with what stands now, and not kept.
    let plain = name.split_once('-').map_or(&*name, |(_, plain)| plain);
    let Some(asset) = [STYLE, SCRIPT, ICON].into_iter().find(|a| a.name == plain) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_current = address(&asset) == format!("/assets/{name}");
    let keep = if is_current { FOREVER } else { "no-store" };
    let headers = [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, keep)];
    (headers, asset.text).into_response()
}
