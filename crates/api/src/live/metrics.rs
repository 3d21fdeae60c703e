//! Figures for Prometheus, counted anew at each scrape.

use app::figures::{Figures, figures};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::kernel::Instant;
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::guard::{authenticate, with_expiration};
use crate::problem::Problem;
use crate::state::{Api, MetricsAccess};

type Labels = Vec<(&'static str, String)>;
type Gauges = Family<Labels, Gauge<f64, std::sync::atomic::AtomicU64>>;

/// `GET /metrics`
pub async fn show(State(api): State<Api>, request: Request) -> Response {
    let end = match admit(&api, &request) {
        Ok(end) => end,
        Err(problem) => return problem.into_response(),
    };
    let figures = figures(&api.ctx).await.map_err(Problem::from);
    let response = match figures.map(|figures| text(&api, &figures)) {
        Ok(text) => {
            let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, media_type)], text).into_response()
        }
        Err(problem) => problem.into_response(),
    };
    with_expiration(response, end)
}

fn admit(api: &Api, request: &Request) -> Result<Option<Instant>, Problem> {
    if api.options.metrics == MetricsAccess::Open {
        return Ok(None);
    }
    let caller = authenticate(api, request.headers(), request.extensions())?;
    match caller.grant.holds("metrics:read") {
        true => Ok(caller.expires_at),
        false => Err(Problem::lacks("metrics:read")),
    }
}

fn text(api: &Api, figures: &Figures) -> String {
    let mut registry = Registry::with_prefix("forewarn");
    credentials(&mut registry, figures);
    alerts(&mut registry, figures);
    notices(&mut registry, api);
    verifications(&mut registry, api);
    sources(&mut registry, figures);
    signs_of_life(&mut registry, api, figures);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = encode(&mut text, &registry);
    text
}

fn credentials(registry: &mut Registry, figures: &Figures) {
    let ends = Gauges::default();
    for end in &figures.ends {
        let labels = vec![
            ("id", end.id.to_string()),
            ("source", end.source.clone()),
            ("kind", end.kind.clone()),
            ("team", end.team.clone()),
        ];
        ends.get_or_create(&labels).set(seconds(end.at));
    }
    let help = "When an active credential ends; only the soonest are named";
    registry.register("credential_expiry_timestamp_seconds", help, ends);
    let cut = Gauge::<i64>::default();
    cut.set(i64::from(figures.ends_are_cut));
    registry.register(
        "credential_expiry_cut",
        "1 when more credentials have an end than are named",
        cut,
    );
}

fn alerts(registry: &mut Registry, figures: &Figures) {
    let alerts = Gauges::default();
    for ((state, step), count) in &figures.alerts {
        let labels = vec![("state", (*state).to_owned()), ("step", step.clone())];
        alerts.get_or_create(&labels).set(*count as f64);
    }
    registry.register(
        "alerts",
        "Unresolved alerts by state and deepest step",
        alerts,
    );
    let kinds = Gauges::default();
    for ((kind, state), count) in &figures.kinds {
        let labels = vec![("kind", (*kind).to_owned()), ("state", (*state).to_owned())];
        kinds.get_or_create(&labels).set(*count as f64);
    }
    let help = "Unresolved alerts by kind and state: refused, silent, blind, …";
    registry.register("alerts_of_kind", help, kinds);
    let monitors = Gauges::default();
    for (state, count) in &figures.monitors {
        let labels = vec![("state", (*state).to_owned())];
        monitors.get_or_create(&labels).set(*count as f64);
    }
    let help = "Integrations that report in, by how they do";
    registry.register("monitors", help, monitors);
}

fn notices(registry: &mut Registry, api: &Api) {
    let notices = Family::<Labels, Counter>::default();
    for ((channel, outcome), count) in api.ctx.signals.notices() {
        let labels = vec![
            ("channel", channel.to_string()),
            ("outcome", outcome.as_str().to_owned()),
        ];
        notices.get_or_create(&labels).inc_by(count);
    }
    registry.register(
        "notices",
        "Notices handed to a channel since the start",
        notices,
    );
}

fn verifications(registry: &mut Registry, api: &Api) {
    let asked = Family::<Labels, Counter>::default();
    for (call, answer, count) in api.asked.all() {
        let labels = vec![("call", call.to_owned()), ("answer", answer.to_owned())];
        asked.get_or_create(&labels).inc_by(count);
    }
    let help = "How often was asked whether a token is good since the start, and what was answered";
    registry.register("verifications", help, asked);
}

fn sources(registry: &mut Registry, figures: &Figures) {
    let (up, complete) = (Gauges::default(), Gauges::default());
    let unreadable = Family::<Labels, Counter>::default();
    for source in &figures.sources {
        let labels = vec![("source", source.id.to_string())];
        let works = source.failing.is_none();
        up.get_or_create(&labels).set(if works { 1.0 } else { 0.0 });
        if let Some(at) = source.complete_at {
            complete.get_or_create(&labels).set(seconds(at));
        }
        unreadable.get_or_create(&labels).inc_by(source.unreadable);
    }
    registry.register("source_up", "1 while the source can be read", up);
    let help = "When a read last saw everything the source has";
    registry.register("source_last_complete_timestamp_seconds", help, complete);
    registry.register(
        "source_unreadable",
        "Lines or items that could not be read",
        unreadable,
    );
}

fn signs_of_life(registry: &mut Registry, api: &Api, figures: &Figures) {
    let oldest = Gauge::<f64, std::sync::atomic::AtomicU64>::default();
    oldest.set(figures.outbox_oldest.as_micros() as f64 / 1e6);
    let help = "How long the oldest message has waited past its turn";
    registry.register_with_unit("outbox_oldest", help, Unit::Seconds, oldest);
    if let Some(at) = api.ctx.signals.last_complete_sweep_at() {
        let last = Gauge::<f64, std::sync::atomic::AtomicU64>::default();
        last.set(seconds(at));
        let help = "When a sweep last looked at everything that was due";
        registry.register("last_sweep_timestamp_seconds", help, last);
    }
    let degraded = Gauges::default();
    for why in api.ctx.signals.degraded() {
        degraded
            .get_or_create(&vec![("reason", why.as_str().to_owned())])
            .set(1.0);
    }
    registry.register(
        "degraded",
        "1 for everything that works only in part",
        degraded,
    );
    let labels: Labels = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    let family = Family::<Labels, Gauge>::default();
    family.get_or_create(&labels).set(1);
    registry.register("build_info", "Which version runs", family);
}

/// Prometheus counts in seconds.
fn seconds(at: Instant) -> f64 {
    at.as_micros() as f64 / 1e6
}
