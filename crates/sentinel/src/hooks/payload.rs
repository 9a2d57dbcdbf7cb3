//! What each kind of webhook is sent.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Hook;
use crate::{
    config::{Severity, WebhookKind},
    notice::{Notice, NoticeKind},
};

/// A request to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where it goes.
    pub url: String,
    /// Headers besides the content type.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

/// The request for a notice at `now`.
#[must_use]
pub fn request(hook: &Hook, notice: &Notice, now: i64) -> Request {
    let (body, headers) = match hook.kind {
        WebhookKind::Generic => {
            let body = json!(notice).to_string();
            let headers = vec![
                ("x-bulkhead-notice", notice.id.clone()),
                ("x-bulkhead-signature", signature(&hook.secret, now, &body)),
            ];
            (body, headers)
        }
        WebhookKind::Slack => (slack(notice).to_string(), vec![]),
        WebhookKind::Pagerduty => (pagerduty(&hook.secret, notice).to_string(), vec![]),
    };
    Request {
        url: hook.url.clone(),
        headers,
        body,
    }
}

/// `t=<unix seconds>,v1=<HMAC-SHA256 over "<unix seconds>.<body>" in hex>`. The receiver computes the same with the
/// shared secret, compares in constant time, and refuses what is older than a few minutes.
#[must_use]
pub fn signature(secret: &str, now: i64, body: &str) -> String {
    let signed = format!("{now}.{body}");
    // HMAC takes keys of any length.
    let code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut mac| {
        mac.update(signed.as_bytes());
        mac.finalize().into_bytes()
    });
    let hex: String = code
        .map(|code| code.iter().map(|byte| format!("{byte:02x}")).collect())
        .unwrap_or_default();
    format!("t={now},v1={hex}")
}

fn slack(notice: &Notice) -> Value {
    let sign = match (notice.kind, notice.severity) {
        (NoticeKind::Cleared | NoticeKind::Paused, _) => ":white_check_mark:",
        (_, Severity::Critical) => ":rotating_light:",
        (_, Severity::Warning) => ":warning:",
        (_, Severity::Info) => ":information_source:",
    };
    let about = if notice.domain.is_empty() {
        "the sentinel".to_owned()
    } else {
        format!("domain `{}`", notice.domain)
    };
    let eyes = if notice.kind == NoticeKind::Reported {
        format!(" ({} of {} endpoints)", notice.eyes, notice.quorum)
    } else {
        String::new()
    };
    json!({
        "text": format!(
            "{sign} *{}* {} on {about}{eyes}\n{}\nslot {}, `{}`",
            escaped(&notice.rule), notice.kind.name(), escaped(&notice.text), notice.slot, escaped(&notice.subject)
        ),
    })
}

/// Slack's three control characters.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn pagerduty(routing_key: &str, notice: &Notice) -> Value {
    let action = if notice.kind == NoticeKind::Cleared {
        "resolve"
    } else {
        "trigger"
    };
    let severity = match notice.severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let summary: String = format!("{} {}: {}", notice.rule, notice.kind.name(), notice.text)
        .chars()
        .take(1_000)
        .collect();
    json!({
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": notice.cause.chars().take(255).collect::<String>(),
        "payload": {
            "summary": summary,
            "source": if notice.domain.is_empty() { "bulkhead-sentinel" } else { notice.domain.as_str() },
            "severity": severity,
            "component": notice.subject,
            "class": notice.rule,
            "custom_details": notice,
        },
    })
}
