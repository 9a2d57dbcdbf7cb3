//! The tables of the file. `docs/sentinel.md` describes the same keys.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::Deserialize;

use super::{Address, RuleEntry, Secret, Severity, Span};

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The domains to watch: one or a hundred.
    pub domains: Vec<Address>,
    /// Where the state is kept: `sqlite:///path`, or `postgres://…` for fleets.
    pub state: Secret,
    /// Where `/health`, `/ready` and `/metrics` are served. Without it, nowhere.
    #[serde(default)]
    pub listen: Option<SocketAddr>,
    /// How many endpoints have to report the same before it counts. More than half of them if it is not given.
    #[serde(default)]
    pub quorum: Option<usize>,
    /// Least level of the messages that are logged.
    #[serde(default)]
    pub log: LogLevel,
    /// Format of the log.
    #[serde(default)]
    pub log_format: LogFormat,
    /// Where traces are sent: the URL of an OpenTelemetry collector that takes protobuf over HTTP. Needs a build with
    /// the feature `otel`.
    #[serde(default)]
    pub otlp: Option<Secret>,
    /// The RPC nodes.
    #[serde(default, rename = "endpoint")]
    pub endpoints: Vec<EndpointEntry>,
    /// The keys.
    #[serde(default)]
    pub keys: Keys,
    /// How often the cluster is read.
    #[serde(default)]
    pub reading: Reading,
    /// What transactions may cost.
    #[serde(default)]
    pub fees: Fees,
    /// How it pauses.
    #[serde(default)]
    pub pausing: Pausing,
    /// Which of the duties it performs.
    #[serde(default)]
    pub duties: Duties,
    /// How often the duties are due.
    #[serde(default)]
    pub schedule: Schedule,
    /// The rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleEntry>,
    /// Who is notified.
    #[serde(default, rename = "webhook")]
    pub webhooks: Vec<WebhookEntry>,
}

impl File {
    /// How many endpoints have to report the same.
    #[must_use]
    pub fn quorum(&self) -> usize {
        self.quorum.unwrap_or(self.endpoints.len() / 2 + 1)
    }
}

/// Level of a log message.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// Format of the log.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// For people.
    Text,
}

/// An RPC node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointEntry {
    /// Its name in metrics and messages. Its URL is never shown: it may contain a key.
    pub name: String,
    /// `http://…` or `https://…`.
    pub http: Secret,
    /// `ws://…` or `wss://…`. With it, changes are seen when they happen; without it, at the next poll.
    #[serde(default)]
    pub ws: Option<Secret>,
    /// `http://…` or `https://…` of a server of Yellowstone's gRPC protocol, instead of `ws`. Needs a build with the
    /// feature `geyser`.
    #[serde(default)]
    pub geyser: Option<Secret>,
    /// What that server expects in the header `x-token`.
    #[serde(default)]
    pub geyser_token: Option<Secret>,
}

impl EndpointEntry {
    /// Whether changes are seen when they happen.
    #[must_use]
    pub const fn is_streamed(&self) -> bool {
        self.ws.is_some() || self.geyser.is_some()
    }
}

/// Key files, as `solana-keygen` writes them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Pays for transactions. Without it, nothing is sent at all.
    #[serde(default)]
    pub payer: Option<PathBuf>,
    /// A guardian's key that has no other role. Without it, the rules raise alarms and pause nothing.
    #[serde(default)]
    pub guardian: Option<PathBuf>,
    /// An attester's key, for checkpoints.
    #[serde(default)]
    pub attester: Option<PathBuf>,
}

/// How often the cluster is read.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// Time between two reads of every watched account from an endpoint without a websocket and without a stream.
    pub poll: Span,
    /// The same from an endpoint with one.
    pub poll_with_ws: Span,
    /// Time between two searches for accounts that are new. Less than an hour: a proposal may run after one.
    pub discover: Span,
    /// How long an endpoint may be silent before it counts as down.
    pub patience: Span,
    /// Slots by which an endpoint may be behind the others without an alarm.
    pub max_lag_slots: u64,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            poll: Span(Duration::from_secs(1)),
            poll_with_ws: Span(Duration::from_secs(10)),
            discover: Span(Duration::from_secs(300)),
            patience: Span(Duration::from_secs(15)),
            max_lag_slots: 50,
        }
    }
}

/// What transactions may cost.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fees {
    /// Price of a compute unit for the first attempt to pause, in micro-lamports.
    pub pause_start: u64,
    /// The most that a pause pays for a compute unit, in micro-lamports.
    pub pause_most: u64,
    /// By how many percent each attempt pays more than the one before.
    pub pause_rise_percent: u64,
    /// Assumed price of a compute unit of routine transactions, in micro-lamports, for the estimate of `--check`.
    pub routine: u64,
    /// The most that routine transactions may cost in a day (UTC), in lamports. Pauses are not counted.
    pub lamports_a_day: u64,
    /// An alarm is raised when the payer has fewer lamports than this.
    pub payer_low: u64,
}

impl Default for Fees {
    fn default() -> Self {
        Self {
            pause_start: 20_000,
            pause_most: 20_000_000,
            pause_rise_percent: 200,
            routine: 1_000,
            lamports_a_day: 100_000_000,
            payer_low: 200_000_000,
        }
    }
}

/// How it pauses.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pausing {
    /// Pause rights of the key that are left unused.
    pub keep_rights: u8,
    /// How long a pause that is in force already has to last for no other to be made.
    pub margin: Span,
    /// Time between two attempts.
    pub escalate: Span,
    /// Pause although the key has roles besides the guardian's.
    pub allow_other_roles: bool,
    /// How long nothing must be found for a cause to be over.
    pub clear_after: Span,
}

impl Default for Pausing {
    fn default() -> Self {
        Self {
            keep_rights: 0,
            margin: Span(Duration::from_secs(60)),
            escalate: Span(Duration::from_secs(2)),
            allow_other_roles: false,
            clear_after: Span(Duration::from_secs(600)),
        }
    }
}

/// Which of the duties it performs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Duties {
    /// Samples the references of outflow breakers.
    pub reference: bool,
    /// Passes prices to price breakers.
    pub price: bool,
    /// Compares reserves with liabilities.
    pub solvency: bool,
    /// Compares authorities.
    pub authority: bool,
    /// Observes evacuation routes.
    pub route: bool,
    /// Propagates trips and links.
    pub propagate: bool,
    /// Settles matured releases.
    pub settle: bool,
    /// Evacuates vaults, once guardians have confirmed that.
    pub evacuate: bool,
    /// Opens, cranks and seals the snapshots of a frozen domain.
    pub snapshot: bool,
    /// Pays the claims of a restoration.
    pub claim: bool,
    /// Posts checkpoints. Needs the attester's key.
    pub checkpoint: bool,
    /// Attests the checkpoints of others, if they are what it reads itself. Needs the attester's key.
    pub attest: bool,
    /// Sends heartbeats for its keys that have no role besides guardian and attester.
    pub heartbeat: bool,
    /// Which leftovers it closes.
    pub close: Close,
}

impl Default for Duties {
    fn default() -> Self {
        Self {
            reference: true,
            price: true,
            solvency: true,
            authority: true,
            route: true,
            propagate: true,
            settle: true,
            evacuate: true,
            snapshot: true,
            claim: false,
            checkpoint: false,
            attest: false,
            heartbeat: false,
            close: Close::default(),
        }
    }
}

/// Which leftovers are closed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Close {
    /// Incidents that nobody confirmed, once every timed pause has lapsed.
    pub incidents: bool,
    /// Records of releases that are paid or cancelled. The rent goes to whoever paid it.
    pub releases: bool,
    /// Proposals that can never run again. The rent goes to whoever paid it.
    pub proposals: bool,
}

impl Default for Close {
    fn default() -> Self {
        Self {
            incidents: true,
            releases: false,
            proposals: false,
        }
    }
}

/// How often the duties are due. What is not given follows from the detectors themselves.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// Price breakers.
    pub price: Option<Span>,
    /// Solvency breakers.
    pub solvency: Option<Span>,
    /// Authority watches.
    pub authority: Option<Span>,
    /// Evacuation routes.
    pub route: Option<Span>,
    /// Attempts to settle a release, at most one per sub-window of its breaker.
    pub settle: Option<Span>,
    /// Checkpoints of each ledger.
    pub checkpoint: Option<Span>,
    /// Heartbeats.
    pub heartbeat: Option<Span>,
}

/// Where notices go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookEntry {
    /// Its name in metrics and messages.
    pub name: String,
    /// What it understands.
    pub kind: WebhookKind,
    /// The URL. Not for PagerDuty.
    #[serde(default)]
    pub url: Option<Secret>,
    /// Signs the body, for the generic kind.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// Integration key of PagerDuty.
    #[serde(default)]
    pub routing_key: Option<Secret>,
    /// Least severity that is sent.
    #[serde(default)]
    pub least: Severity,
    /// Also sends changes of the domain: proposals, limits, members.
    #[serde(default)]
    pub changes: bool,
}

/// What a webhook understands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum WebhookKind {
    /// JSON, signed.
    Generic,
    /// An incoming webhook of Slack.
    Slack,
    /// Events API v2 of PagerDuty.
    Pagerduty,
}
