//! What a file must say besides having the right keys.

use std::collections::BTreeSet;

use super::{
    ConfigError, EndpointEntry, File, Response, RuleEntry, RuleKind, Secret, Span, WebhookEntry, WebhookKind,
    rule::unhex,
};

/// Longest time between two searches for new accounts: a proposal may run an hour after it was made.
const LONGEST_DISCOVERY_SECONDS: i64 = 1_800;

/// Checks everything that needs no network and no key.
pub(super) fn check(file: &File) -> Result<(), ConfigError> {
    if file.domains.is_empty() {
        return Err(ConfigError::NoDomains);
    }
    once("domain", file.domains.iter().map(|domain| domain.0.to_string()))?;
    check_endpoints(file)?;
    check_reading(file)?;
    check_fees(file)?;
    once("rule", file.rules.iter().map(|rule| rule.name.clone()))?;
    for rule in &file.rules {
        check_rule(file, rule)?;
    }
    once("webhook", file.webhooks.iter().map(|webhook| webhook.name.clone()))?;
    file.webhooks.iter().try_for_each(check_webhook)
}

fn once(what: &'static str, names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if seen.contains(&name) {
            return Err(ConfigError::NamedTwice { what, name });
        }
        seen.insert(name);
    }
    Ok(())
}

fn check_endpoints(file: &File) -> Result<(), ConfigError> {
    if file.endpoints.is_empty() {
        return Err(ConfigError::NoEndpoints);
    }
    once("endpoint", file.endpoints.iter().map(|endpoint| endpoint.name.clone()))?;
    for endpoint in &file.endpoints {
        let http = (
            Some(&endpoint.http),
            "http",
            ["http://", "https://"],
            "http:// or https://",
        );
        let ws = (endpoint.ws.as_ref(), "ws", ["ws://", "wss://"], "ws:// or wss://");
        let geyser = (endpoint.geyser.as_ref(), "geyser", http.2, http.3);
        for (url, key, prefixes, schemes) in [http, ws, geyser] {
            // What is elsewhere is checked when it is read.
            let Some(Secret::Plain(url)) = url else { continue };
            if !prefixes.iter().any(|prefix| url.starts_with(prefix)) {
                return Err(ConfigError::UrlUnusable {
                    endpoint: endpoint.name.clone(),
                    key,
                    schemes,
                });
            }
        }
        check_stream(endpoint)?;
    }
    let (quorum, endpoints) = (file.quorum(), file.endpoints.len());
    if !(1..=endpoints).contains(&quorum) {
        return Err(ConfigError::QuorumImpossible { quorum, endpoints });
    }
    Ok(())
}

/// At most one source of changes, and one that this build has.
fn check_stream(entry: &EndpointEntry) -> Result<(), ConfigError> {
    let endpoint = || entry.name.clone();
    if entry.geyser.is_some() && !cfg!(feature = "geyser") {
        return Err(ConfigError::GeyserNotBuilt { endpoint: endpoint() });
    }
    let unusable = |reason: &str| {
        Err(ConfigError::GeyserUnusable {
            endpoint: endpoint(),
            reason: reason.into(),
        })
    };
    if entry.geyser.is_some() && entry.ws.is_some() {
        return unusable("`ws` is given too; keep one of the two");
    }
    if entry.geyser.is_none() && entry.geyser_token.is_some() {
        return unusable("`geyser_token` is given without `geyser`; add the URL, or remove the token");
    }
    Ok(())
}

fn at_least(place: &str, span: Span, least: i64, most: i64) -> Result<(), ConfigError> {
    let millis = i64::try_from(span.0.as_millis()).unwrap_or(i64::MAX);
    if (least..=most.saturating_mul(1_000)).contains(&millis) {
        return Ok(());
    }
    Err(ConfigError::OutOfRange {
        place: place.into(),
        value: humantime::format_duration(span.0).to_string(),
        range: format!("{least} ms to {most} s"),
    })
}

fn check_reading(file: &File) -> Result<(), ConfigError> {
    let reading = &file.reading;
    at_least("reading.poll", reading.poll, 100, 60)?;
    at_least("reading.poll_with_ws", reading.poll_with_ws, 100, 600)?;
    at_least("reading.discover", reading.discover, 1_000, LONGEST_DISCOVERY_SECONDS)?;
    at_least("reading.patience", reading.patience, 1_000, 600)?;
    let slowest = if file.endpoints.iter().all(EndpointEntry::is_streamed) {
        reading.poll_with_ws
    } else {
        reading.poll.max(reading.poll_with_ws)
    };
    if reading.patience <= slowest {
        return Err(ConfigError::OutOfRange {
            place: "reading.patience".into(),
            value: humantime::format_duration(reading.patience.0).to_string(),
            range:
                "more than reading.poll and reading.poll_with_ws, or every endpoint counts as down between two polls"
                    .into(),
        });
    }
    let schedule = &file.schedule;
    let spans = [
        ("schedule.price", schedule.price, 86_400),
        // A suspicion that nobody confirms within an hour is forgotten.
        ("schedule.solvency", schedule.solvency, 3_000),
        ("schedule.authority", schedule.authority, 86_400),
        ("schedule.route", schedule.route, 86_400),
        ("schedule.settle", schedule.settle, 86_400),
        ("schedule.checkpoint", schedule.checkpoint, 7 * 86_400),
        ("schedule.heartbeat", schedule.heartbeat, 365 * 86_400),
    ];
    for (place, span, most) in spans {
        if let Some(span) = span {
            at_least(place, span, 1_000, most)?;
        }
    }
    at_least("pausing.escalate", file.pausing.escalate, 200, 60)?;
    at_least("pausing.margin", file.pausing.margin, 0, 86_400)?;
    at_least("pausing.clear_after", file.pausing.clear_after, 1_000, 7 * 86_400)
}

fn check_fees(file: &File) -> Result<(), ConfigError> {
    let fees = &file.fees;
    let out_of_range = |place: &str, value: u64, range: &str| {
        Err(ConfigError::OutOfRange {
            place: place.into(),
            value: value.to_string(),
            range: range.into(),
        })
    };
    if fees.pause_most < fees.pause_start {
        return out_of_range("fees.pause_most", fees.pause_most, "at least fees.pause_start");
    }
    if fees.pause_rise_percent == 0 {
        return out_of_range(
            "fees.pause_rise_percent",
            0,
            "at least 1: each attempt has to pay more than the last",
        );
    }
    Ok(())
}

fn check_rule(file: &File, rule: &RuleEntry) -> Result<(), ConfigError> {
    rule.check_keys()?;
    let named = rule.domains.iter().flatten();
    if let Some(foreign) = named.into_iter().find(|domain| !file.domains.contains(domain)) {
        return Err(ConfigError::RuleForeign {
            rule: rule.name.clone(),
            domain: foreign.0,
        });
    }
    let place = |key: &str| format!("rule {}.{key}", rule.name);
    let out_of_range = |key: &str, value: String, range: &str| {
        Err(ConfigError::OutOfRange {
            place: place(key),
            value,
            range: range.into(),
        })
    };
    if rule.name.is_empty() || rule.name.contains(['/', ' ']) {
        return out_of_range("name", format!("{:?}", rule.name), "a name without spaces and slashes");
    }
    if let Some(window) = rule.window {
        at_least(&place("window"), window, 10_000, 30 * 86_400)?;
    }
    if let Some(every) = rule.every {
        at_least(&place("every"), every, 1_000, 86_400)?;
    }
    if let Some(bps) = rule.share_bps.filter(|bps| !(1..=10_000).contains(bps)) {
        return out_of_range("share_bps", bps.to_string(), "1 to 10000");
    }
    if rule.mask == Some(0) {
        return out_of_range(
            "mask",
            "0".into(),
            "the bits of the actions, or leave it out for the council's default",
        );
    }
    if rule.act == Response::Incident && (rule.scope.is_some() || rule.mask.is_some()) {
        return out_of_range(
            "scope",
            "given".into(),
            "no scope and no mask: an incident pauses the domain by its default",
        );
    }
    if rule.after == Some(0) {
        return out_of_range("after", "0".into(), "at least 1");
    }
    let lists = [("accounts", &rule.accounts), ("programs", &rule.programs)];
    if let Some((key, _)) = lists
        .into_iter()
        .find(|(_, list)| list.as_ref().is_some_and(Vec::is_empty))
    {
        return out_of_range(key, "[]".into(), "at least one address");
    }
    if let Some(hash) = rule.hash.as_ref().filter(|hash| unhex(hash).is_none()) {
        return out_of_range("hash", hash.clone(), "32 bytes in hex");
    }
    let more_than_one = |list: &Option<Vec<_>>| list.as_ref().is_some_and(|list| list.len() > 1);
    if rule.kind == RuleKind::Upgraded && rule.hash.is_some() && more_than_one(&rule.programs) {
        return out_of_range(
            "hash",
            "one".into(),
            "one rule for each program, for each has its own hash",
        );
    }
    for (key, price) in [("price", &rule.price), ("other", &rule.other)] {
        if let Some(price) = price {
            price.source(&place(key))?;
        }
    }
    Ok(())
}

fn check_webhook(webhook: &WebhookEntry) -> Result<(), ConfigError> {
    let incomplete = |reason: &str| {
        Err(ConfigError::WebhookIncomplete {
            name: webhook.name.clone(),
            reason: reason.into(),
        })
    };
    match webhook.kind {
        WebhookKind::Pagerduty if webhook.routing_key.is_none() => {
            incomplete("a webhook of kind pagerduty needs `routing_key`; add the integration key of the service")
        }
        WebhookKind::Generic if webhook.secret.is_none() => {
            incomplete("a webhook of kind generic needs `secret`, with which its body is signed; add one")
        }
        WebhookKind::Generic | WebhookKind::Slack if webhook.url.is_none() => incomplete("it needs `url`; add it"),
        WebhookKind::Slack | WebhookKind::Pagerduty if webhook.secret.is_some() => {
            incomplete("only the generic kind is signed; remove `secret`")
        }
        _ => Ok(()),
    }
}
