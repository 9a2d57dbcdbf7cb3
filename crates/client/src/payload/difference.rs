//! What a proposal would change against the current state: the present value, the next value, and the direction.
//! Approvers read this first. A swapped member or a threshold of 1 stands out here instead of hiding among thirty other
//! lines.

mod council;
mod detectors;
mod escape;
mod instructions;
mod insurance;
mod messages;
mod proofs;
mod recovery;
mod unpauses;
mod voting;

use std::fmt;

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use anchor_spl::{token, token_2022};
use bulkhead::{decision::Decision, instructions::*};
use bulkhead_core::domain::council::members;
use bulkhead_interface::layout::Council;

use super::{Payload, unpause::When, words::hex};
use crate::{decode, pda};

/// Number of characters at each end of an address that people compare.
const COMPARED: usize = 3;

/// The direction of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More can leave, be opened or be decided than before, or by fewer members.
    Looser,
    /// The opposite of looser.
    Tighter,
    /// Neither, or it depends on the context.
    Other,
}

impl Direction {
    /// The direction as one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Looser => "LOOSER",
            Self::Tighter => "tighter",
            Self::Other => "changed",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What changes.
    pub what: String,
    /// The present value.
    pub from: String,
    /// The next value.
    pub to: String,
    /// The direction.
    pub direction: Direction,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self {
            what,
            from,
            to,
            direction,
        } = self;
        write!(f, "{}: {what}: {from} -> {to}", direction.name())
    }
}

/// Reads an account's owner and data. `None` if the account does not exist.
pub type ReadAccount<'a> = &'a dyn Fn(&Pubkey) -> Option<(Pubkey, Vec<u8>)>;

/// What `payload` would change in `domain`, gravest first. A new entry is marked as new.
#[must_use]
pub fn changes(payload: &Payload, domain: &Pubkey, when: When, read: ReadAccount) -> Vec<Change> {
    let mut found = Changes {
        all: Vec::new(),
        when,
        read,
    };
    found.of(payload, domain);
    found.all.sort_by_key(|change| match change.direction {
        Direction::Looser => 0,
        Direction::Other => 1,
        Direction::Tighter => 2,
    });
    found.all
}

struct Changes<'a> {
    all: Vec<Change>,
    when: When,
    read: ReadAccount<'a>,
}

/// Whether a larger value is looser, tighter, or neither.
#[derive(Clone, Copy)]
enum More {
    Looser,
    Tighter,
}

impl More {
    fn direction<T: PartialOrd>(self, from: &T, to: &T) -> Direction {
        match (self, to > from) {
            (Self::Looser, true) | (Self::Tighter, false) => Direction::Looser,
            _ => Direction::Tighter,
        }
    }
}

impl Changes<'_> {
    fn load<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> Option<T> {
        let (owner, data) = (self.read)(key)?;
        decode::owned(&owner, &data)
    }

    /// Reads an account that a payload names, if it is an account of `domain`. Otherwise reports that the program will
    /// refuse it: the address may belong to anyone, and its contents say nothing about the current state.
    fn own<T: ZeroCopy + Discriminator>(
        &mut self,
        what: &str,
        (key, domain): (&Pubkey, &Pubkey),
        domain_of: impl Fn(&T) -> Pubkey,
    ) -> Option<T> {
        let found = self.load::<T>(key);
        let from = match &found {
            Some(found) if domain_of(found) == *domain => None,
            Some(found) => Some(format!("belongs to another domain, {}", domain_of(found))),
            None => Some(format!("does not exist, or is not a {what} of Bulkhead")),
        };
        match from {
            None => found,
            Some(from) => {
                self.push(
                    format!("{what} {key}"),
                    from,
                    "the program refuses it",
                    Direction::Looser,
                );
                None
            }
        }
    }

    fn push(&mut self, what: impl Into<String>, from: impl Into<String>, to: impl Into<String>, direction: Direction) {
        self.all.push(Change {
            what: what.into(),
            from: from.into(),
            to: to.into(),
            direction,
        });
    }

    fn number<T: PartialOrd>(
        &mut self,
        what: impl Into<String>,
        (from, to): (T, T),
        more: More,
        show: impl Fn(&T) -> String,
    ) {
        if from != to {
            let direction = more.direction(&from, &to);
            self.push(what, show(&from), show(&to), direction);
        }
    }

    fn added(&mut self, what: impl Into<String>, to: impl Into<String>, direction: Direction) {
        self.push(what, "none", to, direction);
    }

    fn of(&mut self, payload: &Payload, domain: &Pubkey) {
        match payload {
            Payload::Known(decision) => self.decision(decision, domain),
            Payload::Unknown { kind, .. } => {
                let what = format!("a proposal of kind {kind}");
                self.push(what, "?", "?", Direction::Looser);
            }
        }
    }

    fn decision(&mut self, decision: &Decision, domain: &Pubkey) {
        match decision {
            Decision::ChangeCouncil(council) => self.council(council, domain),
            Decision::SetLimit(args) => self.limits(args, domain),
            Decision::RegisterEvacuationRoute(args) => self.route(args, domain),
            Decision::SetLink(args) => self.link(args, domain),
            Decision::RegisterPeer(args) => self.peer(args, domain),
            Decision::RegisterVerifyingKey(args) => self.verifying_key(args, domain),
            Decision::RequireProofs(args) => self.required_proofs(args, domain),
            Decision::OverrideProof(args) => self.overridden_proof(args, domain),
            Decision::GrantRights(args) => self.rights(args, domain),
            Decision::OpenCheckpointLog(args) => self.checkpoint_log(args, domain),
            Decision::SetInterimRule(args) => self.interim_rule(args, domain),
            Decision::OpenInsurance(args) => self.insurance(args, domain),
            Decision::Resume(args) => self.unpause(domain, args.incident, "ends"),
            Decision::Reopen(args) => self.reopen(args, domain),
            Decision::ChooseRestoration(args) => {
                self.decide(domain, args.incident, &format!("is restored from {}", args.snapshot));
            }
            Decision::OpenBreaker(args) => {
                let at_most = format!("at most {}", self.amount(args.limit, &args.mint));
                self.added("outflow breaker", at_most, Direction::Other);
            }
            Decision::OpenVault(args) => {
                self.added("vault", format!("operated by {}", args.operator), Direction::Other);
            }
            Decision::CloseDetector(args) => self.close(args, domain),
            Decision::RegisterEmergencyAction(args) => self.emergency_action(args, domain),
            Decision::RegisterEmergencySteps(args) => self.emergency_steps(args, domain),
            Decision::RunInstruction(instruction) => self.call(domain, instruction),
            Decision::RegisterDirectVault(args) => self.direct_vault(args, domain),
            Decision::UpgradeHost(args) => self.upgrade(args, domain),
            Decision::RegisterEmergencyBuild(args) => self.emergency_build(args, domain),
            Decision::OverrideSeal(args) => {
                let most = format!(
                    "{} for {} leaves, at most {} above and {} below",
                    args.total, args.count, args.max_excess, args.max_shortfall
                );
                self.push("sealed sum", "the host's own total", most, Direction::Looser);
            }
            Decision::RedirectClaims(args) => self.claims(args),
            Decision::SetRecoveryRules(args) => self.recovery_rules(args, domain),
            Decision::SetBallotRules(args) => self.ballot_rules(args, domain),
            Decision::SetClaimTerms(args) => self.claim_terms(args, domain),
            Decision::ExtendClaims(args) => self.claims_extended(args),
            Decision::OverrideRestartCheck(args) => self.restart_override(args),
            Decision::CancelReleases(args) => {
                let what = format!("queued releases of {}", args.vault);
                self.push(
                    what,
                    "payable",
                    format!("the releases of the list {} are cancelled", hex(&args.root)),
                    Direction::Tighter,
                );
            }
            Decision::RegisterLedger(args) => {
                self.added(
                    format!("ledger {}", args.index),
                    format!("of {}", args.program),
                    Direction::Other,
                );
            }
            Decision::OpenPriceBreaker(_) => self.added("price breaker", "active", Direction::Tighter),
            Decision::OpenSolvencyBreaker(_) => self.added("solvency breaker", "active", Direction::Tighter),
            Decision::OpenAuthorityWatch(_) => self.added("authority watch", "active", Direction::Tighter),
        }
    }

    /// An amount with what is known of its mint.
    fn amount(&self, amount: u64, mint: &Pubkey) -> String {
        let decimals = (self.read)(mint).and_then(|(owner, data)| decimals_of(&owner, &data));
        match decimals.and_then(|decimals| scaled(amount, decimals)) {
            Some(scaled) => format!("{amount} ({scaled} of {mint})"),
            None => format!("{amount} native units of {mint}"),
        }
    }

    fn rights(&mut self, args: &GrantRightsArgs, domain: &Pubkey) {
        let council = self.load::<Council>(&pda::council(domain));
        let place = council
            .as_ref()
            .and_then(|council| members(council).iter().position(|member| member.key == args.member));
        let pauses = council
            .as_ref()
            .zip(place)
            .map(|(council, place)| council.members[place].pause_rights);
        let more = args.pause_rights;
        let from = pauses.map_or_else(|| "?".to_owned(), |left| left.to_string());
        let to = pauses.map_or_else(|| format!("{more} more"), |left| left.saturating_add(more).to_string());
        self.push(format!("pause rights of {}", args.member), from, to, Direction::Tighter);
    }
}

/// `, LOOKS LIKE …` if an address has the same first and last characters as a different one.
fn alike(key: &Pubkey, others: impl IntoIterator<Item = Pubkey>) -> String {
    let ends = |key: &Pubkey| {
        let text = key.to_string();
        let tail = text.len().saturating_sub(COMPARED);
        (
            text.get(..COMPARED).map(str::to_owned),
            text.get(tail..).map(str::to_owned),
        )
    };
    let mut found = others
        .into_iter()
        .filter(|other| other != key && ends(other) == ends(key));
    found
        .next()
        .map_or_else(String::new, |other| format!(", LOOKS LIKE {other}"))
}

/// The decimals of a mint of one of the token programs. Accounts of other programs do not define them.
fn decimals_of(owner: &Pubkey, data: &[u8]) -> Option<u8> {
    /// A mint. In a longer account, the byte after the base account length distinguishes a mint from a token account.
    const MINT: usize = 82;
    const ACCOUNT: usize = 165;
    let is_mint = data.len() == MINT || (*owner == token_2022::ID && data.get(ACCOUNT) == Some(&1));
    let is_ready = data.get(45) == Some(&1);
    let is_token = [token::ID, token_2022::ID].contains(owner);
    // After the authority and the supply.
    (is_token && is_mint && is_ready).then(|| data.get(44).copied())?
}

/// Formats `1234567` with 6 decimals as `1.234567`.
fn scaled(amount: u64, decimals: u8) -> Option<String> {
    let decimals = usize::from(decimals);
    if decimals > 19 {
        return None;
    }
    let digits = format!("{amount:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let part = part.trim_end_matches('0');
    Some(if part.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{part}")
    })
}
