//! Webhooks: each notice goes to each of them that wants it, is kept until it was taken, and is tried again with longer
//! and longer pauses.

mod payload;
mod post;

use std::sync::Arc;

use async_trait::async_trait;

pub use payload::{Request, request, signature};
pub use post::Http;

use crate::{
    config::{ConfigError, File, Severity, WebhookEntry, WebhookKind},
    metrics as names,
    notice::{Notice, NoticeKind},
    state::{StateError, Store},
};

/// PagerDuty's Events API v2.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
/// Attempts before a notice is dropped: about two days.
const ATTEMPTS: u32 = 60;
/// First wait between two attempts in seconds. It doubles, up to the longest.
const FIRST_WAIT: i64 = 5;
const LONGEST_WAIT: i64 = 3_600;

/// A webhook, with its secrets.
#[derive(Clone)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// What it understands.
    pub kind: WebhookKind,
    /// Where it is.
    pub url: String,
    /// The secret that signs, or PagerDuty's routing key.
    pub secret: String,
    /// Least severity that it gets.
    pub least: Severity,
    /// Whether it gets changes of domains.
    pub changes: bool,
}

impl Hook {
    /// The webhooks of a file, with their secrets read.
    ///
    /// # Errors
    /// [`ConfigError::SecretMissing`]
    pub fn all(file: &File) -> Result<Vec<Self>, ConfigError> {
        file.webhooks.iter().map(Self::of).collect()
    }

    fn of(entry: &WebhookEntry) -> Result<Self, ConfigError> {
        let place = |key: &str| format!("webhook {}.{key}", entry.name);
        let read = |key: &str, secret: &Option<crate::config::Secret>| {
            secret
                .as_ref()
                .map_or_else(|| Ok(String::new()), |secret| secret.read(&place(key)))
        };
        let is_pagerduty = entry.kind == WebhookKind::Pagerduty;
        let url = read("url", &entry.url)?;
        Ok(Self {
            name: entry.name.clone(),
            kind: entry.kind,
            url: if is_pagerduty && url.is_empty() {
                PAGERDUTY.into()
            } else {
                url
            },
            secret: if is_pagerduty {
                read("routing_key", &entry.routing_key)?
            } else {
                read("secret", &entry.secret)?
            },
            least: entry.least,
            changes: entry.changes,
        })
    }

    /// Whether it gets a notice.
    #[must_use]
    pub fn wants(&self, notice: &Notice) -> bool {
        if notice.kind == NoticeKind::Changed {
            return self.changes;
        }
        notice.severity >= self.least
    }
}

/// A notice, once for each webhook that wants it.
#[must_use]
pub fn address(hooks: &[Hook], notice: &Notice) -> Vec<(String, Notice)> {
    let wanting = hooks.iter().filter(|hook| hook.wants(notice));
    wanting.map(|hook| (hook.name.clone(), notice.clone())).collect()
}

/// Sends requests.
#[async_trait]
pub trait Post: Send + Sync {
    /// Sends a request and returns the HTTP status, or why there is none.
    async fn post(&self, request: Request) -> Result<u16, String>;
}

/// Sends every notice for one webhook that is due at `now`. Returns how many are still waiting because they were not taken.
/// A webhook that does not answer is not asked again in the same round: each time takes as long as it is waited for.
///
/// # Errors
/// [`StateError`]
pub async fn deliver(store: &Store, hook: &Hook, post: &Arc<dyn Post>, now: i64) -> Result<usize, StateError> {
    let due = store.due_notices(&hook.name, now).await?;
    let mut left = due.len();
    for (notice, attempts) in due {
        let answer = post.post(request(hook, &notice, now)).await;
        let is_silent = answer.is_err();
        let failure = match answer {
            Ok(200..=299) => None,
            Ok(status) => Some((format!("HTTP status {status}"), is_final(status))),
            Err(reason) => Some((reason, false)),
        };
        let (result, is_over) = match &failure {
            None => ("taken", true),
            Some((reason, is_final)) => {
                let is_over = *is_final || attempts.saturating_add(1) >= ATTEMPTS;
                tracing::warn!(
                    hook = hook.name,
                    notice = notice.id,
                    reason,
                    is_over,
                    "a webhook did not take a notice"
                );
                (if is_over { "dropped" } else { "put_off" }, is_over)
            }
        };
        metrics::counter!(names::NOTICES, "hook" => hook.name.clone(), "result" => result).increment(1);
        if is_over {
            left = left.saturating_sub(1);
            store.drop_notice(&notice.id, &hook.name).await?;
        } else {
            let attempts = attempts.saturating_add(1);
            let due = now.saturating_add(wait(attempts));
            store.put_off_notice(&notice.id, &hook.name, attempts, due).await?;
        }
        if is_silent {
            break;
        }
    }
    Ok(left)
}

/// Whether the same request would never be taken.
const fn is_final(status: u16) -> bool {
    matches!(status, 400..=499) && !matches!(status, 401 | 403 | 404 | 408 | 409 | 425 | 429)
}

/// Seconds to wait after so many attempts.
fn wait(attempts: u32) -> i64 {
    let doubled = FIRST_WAIT.saturating_mul(1_i64.checked_shl(attempts.saturating_sub(1)).unwrap_or(i64::MAX));
    doubled.clamp(FIRST_WAIT, LONGEST_WAIT)
}
