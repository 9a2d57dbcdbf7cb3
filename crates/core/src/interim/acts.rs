//! Interim claims, from the rule agreed in peace to the last claim before a state is chosen.

use bulkhead_interface::{
    Pubkey,
    constants::{
        INTERIM_STOPS, MAX_INTERIM_AGE_SECONDS, MAX_INTERIM_BPS, NO_LEDGER, VERSION, interim_state, phase, proved,
        role, snapshot_source, snapshot_state, step,
    },
    layout::{CheckpointLog, Council, Domain, Incident, Interim, Ledger, ProvedLeaf, Snapshot, Vault},
};

use crate::{
    CoreError,
    acts::{At, book_drawn_of, decide, require_frozen, require_settled},
    checkpoints::checkpoint::{canopy_height, newest_usable, verify_to_root},
    custody::queue_ledger,
    domain::council::{burn, member_index},
    interim::share,
    restoration::claims::{ClaimPlace, locate, shard_of},
    snapshots::merkle,
    words::same_key,
};

/// What is agreed in peace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterimRule {
    /// Share of what custody holds. Basis points; 0 for none.
    pub bps: u16,
    /// The most that one position is paid. Native units.
    pub cap: u64,
    /// Minimum age, at the breach, of the checkpoint. Seconds.
    pub age_seconds: i64,
}

/// Can a ledger have this rule?
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`]
pub fn check_interim_rule(rule: &InterimRule) -> Result<(), CoreError> {
    let is_sound = rule.bps <= MAX_INTERIM_BPS
        && (0..=MAX_INTERIM_AGE_SECONDS).contains(&rule.age_seconds)
        && (rule.bps == 0) == (rule.cap == 0);
    if is_sound {
        Ok(())
    } else {
        Err(CoreError::ArgumentOutOfRange)
    }
}

/// Sets a ledger's rule, during set-up or by a matured proposal while the domain operates: nobody agrees a share with
/// the theft in view.
///
/// # Errors
/// A named [`CoreError`].
pub fn set_interim_rule(
    domain: &Domain,
    ledger: &mut Ledger,
    rule: &InterimRule,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    if !matches!(domain.state, phase::SETUP | phase::OPERATING) {
        return Err(CoreError::WrongPhase);
    }
    check_interim_rule(rule)?;
    decide(&mut ledger.interim_decided_slot, proposed_slot)?;
    ledger.interim_bps = rule.bps;
    ledger.interim_cap = rule.cap;
    ledger.interim_age_seconds = rule.age_seconds;
    Ok(())
}

/// The accounts of a new interim share-out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewInterim {
    /// Bump of its PDA.
    pub bump: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Where the restoration will be, and the bump of that PDA.
    pub restoration: (Pubkey, u8),
    /// Token that claims are paid in.
    pub mint: Pubkey,
    /// Its decimals.
    pub decimals: u8,
    /// Token account that claims are paid from.
    pub pool: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
}

/// What an interim share-out is opened from. The opener has nothing to choose.
#[derive(Clone, Copy)]
pub struct InterimStates<'a> {
    /// The ledger, with the rule.
    pub ledger: &'a Ledger,
    /// Its checkpoints.
    pub log: &'a CheckpointLog,
    /// The snapshot that was read in the incident.
    pub snapshot: (&'a Pubkey, &'a Snapshot),
    /// The snapshot of the checkpoint.
    pub checkpoint: (&'a Pubkey, &'a Snapshot),
    /// Whether the ledger was already restored in this incident.
    pub is_restored: bool,
}

/// Anyone opens the interim share-out of a ledger: the guardians have confirmed the incident, the ledger's snapshot is
/// sealed and settled, and the checkpoint is the newest that may be used. An unpause that was proposed before no longer
/// runs, because its approvers did not know that claims are paid: once per ledger.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_interim(
    domain: &Domain,
    (incident_key, incident): (&Pubkey, &mut Incident),
    interim: &mut Interim,
    states: &InterimStates,
    new: &NewInterim,
    at: At,
) -> Result<(), CoreError> {
    require_frozen(domain, incident_key)?;
    let InterimStates { ledger, log, .. } = states;
    let ((snapshot_key, snapshot), (checkpoint_key, checkpoint)) = (states.snapshot, states.checkpoint);
    if ledger.interim_bps == 0 {
        return Err(CoreError::InterimNotAgreed);
    }
    if states.is_restored {
        return Err(CoreError::LedgerRestored);
    }
    let is_own = |state: &Snapshot, source: u8| {
        (state.incident, state.domain, state.mint) == (*incident_key, new.domain, new.mint)
            && (state.ledger_index, state.source) == (ledger.index, source)
    };
    if (ledger.domain, log.domain, log.ledger_index) != (new.domain, new.domain, ledger.index)
        || !is_own(snapshot, snapshot_source::FROZEN)
        || !is_own(checkpoint, snapshot_source::CHECKPOINT)
    {
        return Err(CoreError::ForeignAccount);
    }
    if snapshot.state != snapshot_state::SEALED || checkpoint.state != snapshot_state::SEALED {
        return Err(CoreError::SnapshotNotSealed);
    }
    require_settled(snapshot, at.now)?;
    let breach = incident.steps.get(step::BREACH).ok_or(CoreError::IncidentNotOpen)?;
    let latest = breach.ts.saturating_sub(ledger.interim_age_seconds);
    if newest_usable(log, breach.slot, latest) != Some(checkpoint.checkpoint_slot) {
        return Err(CoreError::NotTheNewestCheckpoint);
    }
    incident.interim_slot = at.slot;

    interim.version = VERSION;
    interim.bump = new.bump;
    interim.state = interim_state::OPEN;
    interim.ledger_index = ledger.index;
    interim.decimals = new.decimals;
    interim.bps = ledger.interim_bps;
    interim.cap = ledger.interim_cap;
    interim.domain = new.domain;
    interim.incident = *incident_key;
    interim.snapshot = *snapshot_key;
    interim.checkpoint = *checkpoint_key;
    interim.snapshot_root = snapshot.root;
    (interim.restoration, interim.restoration_bump) = new.restoration;
    interim.mint = new.mint;
    interim.pool = new.pool;
    interim.token_program = new.token_program;
    (interim.snapshot_total, interim.snapshot_count) = (snapshot.total, snapshot.count);
    (interim.checkpoint_total, interim.checkpoint_count) = (checkpoint.total, checkpoint.count);
    (interim.opened_slot, interim.opened_ts) = (at.slot, at.now);
    for (first, shard) in interim.snapshot_firsts.iter_mut().zip(&snapshot.shards) {
        *first = shard.first;
    }
    Ok(())
}

/// Interim claims are paid from the freeze until a state is chosen or the incident is over.
fn require_paying(domain: &Domain, interim: &Interim) -> Result<(), CoreError> {
    if interim.state != interim_state::OPEN {
        return Err(CoreError::InterimEnded);
    }
    require_frozen(domain, &interim.incident)
}

/// A token account of a vault, as it was read: its custody, or the recovery account that this incident moved it to.
#[derive(Clone, Copy)]
pub struct VaultTokens<'a> {
    /// The vault.
    pub vault: (&'a Pubkey, &'a Vault),
    /// The token account.
    pub account: &'a Pubkey,
    /// Its balance.
    pub held: u64,
    /// The ledger of the vault's queue, if it has one.
    pub queue: Option<&'a Ledger>,
}

/// The amount that a vault's token account owes to the pool: the agreed share of what the vault holds there beyond what is
/// kept for its queue, minus what was drawn from the vault before, and at most what the pool lacks. The vault must back
/// this ledger.
///
/// # Errors
/// A named [`CoreError`].
pub fn interim_due(domain: &Domain, interim: &Interim, from: VaultTokens, balance: u64) -> Result<u64, CoreError> {
    require_paying(domain, interim)?;
    let VaultTokens {
        vault: (key, vault),
        account,
        held,
        queue,
    } = from;
    if (vault.domain, vault.mint) != (interim.domain, interim.mint) {
        return Err(CoreError::ForeignAccount);
    }
    if vault.ledger != interim.ledger_index || vault.ledger == NO_LEDGER {
        return Err(CoreError::WrongDestination);
    }
    let available = if vault.custody == *account {
        held
    } else if is_recovery_account(interim, vault, account) {
        let evacuation = &vault.evacuation;
        evacuation.moved.saturating_sub(evacuation.drawn).min(held)
    } else {
        return Err(CoreError::WrongDestination);
    };
    let kept = queue_ledger::kept((key, vault), queue, &interim.incident)?;
    let available = available.saturating_sub(kept);
    let drawn = share::drawn_from(&interim.sources, key);
    let due = share::due_floor(interim.bps, available, drawn);
    match due.min(share::lacking(interim, balance)) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

fn is_recovery_account(interim: &Interim, vault: &Vault, account: &Pubkey) -> bool {
    vault.evacuation.incident == interim.incident && vault.evacuation.destination == *account
}

/// Records what was drawn from a vault. What came from its recovery account is not drawn again by the restoration.
///
/// # Errors
/// A named [`CoreError`].
pub fn book_interim_drawn(
    interim: &mut Interim,
    (key, vault): (&Pubkey, &mut Vault),
    account: &Pubkey,
    amount: u64,
) -> Result<(), CoreError> {
    if vault.custody != *account {
        book_drawn_of(&mut vault.evacuation, amount)?;
    }
    let row = share::row_of(&mut interim.sources, key)?;
    row.vault = *key;
    row.drawn = row.drawn.checked_add(amount).ok_or(CoreError::Overflow)?;
    Ok(())
}

/// Anyone shares out the unshared balance of the pool, up to the agreed share of the greater total. Also what somebody
/// who holds a recovery account elsewhere sent to the pool by hand. Returns the amount.
///
/// # Errors
/// A named [`CoreError`].
pub fn share_out_interim(domain: &Domain, interim: &mut Interim, balance: u64) -> Result<u64, CoreError> {
    require_paying(domain, interim)?;
    share::share_out(interim, balance)
}

/// Number of leaves of one of the two books, and the address that its pages belong to.
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`]
pub fn interim_book((key, interim): (&Pubkey, &Interim), of: u8) -> Result<(Pubkey, u64), CoreError> {
    match of {
        proved::SNAPSHOT => Ok((*key, interim.snapshot_count)),
        proved::CHECKPOINT => Ok((interim.checkpoint, interim.checkpoint_count)),
        _ => Err(CoreError::ArgumentOutOfRange),
    }
}

/// Stores that a leaf is part of one of the two states. `leaf` states index, key, owner and amount; the act fills in
/// the rest. `siblings` lead from the leaf to the root. Works in every phase: a final claim may need it too.
///
/// # Errors
/// A named [`CoreError`].
pub fn prove_interim_leaf(
    interim: &Interim,
    (key, state): (&Pubkey, &Snapshot),
    siblings: &[u8],
    leaf: &mut ProvedLeaf,
) -> Result<(), CoreError> {
    let (of, root, total) = if *key == interim.snapshot {
        // Sealed again since, perhaps. Claims were paid by this root.
        (proved::SNAPSHOT, &interim.snapshot_root, interim.snapshot_total)
    } else if *key == interim.checkpoint {
        require_claimable(state, leaf.index, siblings)?;
        (proved::CHECKPOINT, &state.root, state.total)
    } else {
        return Err(CoreError::ForeignAccount);
    };
    let (position, owner) = (leaf.key.as_array(), leaf.owner.as_array());
    let node = merkle::leaf(&state.tag, leaf.index, position, owner, leaf.amount);
    verify_to_root(&node, leaf.index, siblings, root, total).map_err(|_| CoreError::InvalidProof)?;
    leaf.of = of;
    Ok(())
}

/// A tree that attesters made may have leaves where no claim finds them. Such a leaf has no place in the books.
fn require_claimable(checkpoint: &Snapshot, index: u32, siblings: &[u8]) -> Result<(), CoreError> {
    const UPPER_LEVELS: usize = 8;
    let shard = usize::try_from(shard_of(index)).ok();
    let shard = shard.and_then(|shard| checkpoint.shards.get(shard));
    let height = shard.and_then(|shard| canopy_height(shard.count));
    let levels = height.map(|height| usize::from(height).saturating_add(UPPER_LEVELS));
    if levels.map(|levels| levels.saturating_mul(merkle::NODE_BYTES)) == Some(siblings.len()) {
        Ok(())
    } else {
        Err(CoreError::InvalidProof)
    }
}

/// The snapshot's leaf of a position, proved by the caller, and the stored proof of the checkpoint's.
#[derive(Clone, Copy)]
pub struct InterimClaim<'a> {
    /// Key of the position.
    pub key: &'a Pubkey,
    /// Owner of the leaf.
    pub owner: &'a Pubkey,
    /// Amount of the snapshot's leaf.
    pub amount: u64,
    /// The checkpoint's leaf.
    pub proved: &'a ProvedLeaf,
}

/// The place of the checkpoint's leaf in its books.
///
/// # Errors
/// [`CoreError::InterimProofMissing`], [`CoreError::InvalidProof`]
pub fn interim_place(checkpoint: &Snapshot, proved: &ProvedLeaf) -> Result<ClaimPlace, CoreError> {
    if proved.of != proved::CHECKPOINT {
        return Err(CoreError::InterimProofMissing);
    }
    locate(&checkpoint.shards, proved.index).ok_or(CoreError::InvalidProof)
}

/// Records the payment that a position receives now, in both books, and returns it. Both states must stand as they did
/// when the share-out was opened: a checkpoint that was contested since pays nothing more.
///
/// What was paid is the greater of the two entries. A tree that attesters made may name a position twice; it is paid
/// once.
///
/// # Errors
/// A named [`CoreError`].
pub fn claim_interim(
    domain: &Domain,
    interim: &mut Interim,
    (snapshot, checkpoint): (&Snapshot, &Snapshot),
    claim: &InterimClaim,
    (in_snapshot, in_checkpoint): (&mut u64, &mut u64),
) -> Result<u64, CoreError> {
    require_paying(domain, interim)?;
    let stands = snapshot.state == snapshot_state::SEALED
        && snapshot.root == interim.snapshot_root
        && checkpoint.state == snapshot_state::SEALED;
    if !stands {
        return Err(CoreError::InterimEnded);
    }
    let InterimClaim {
        key,
        owner,
        amount,
        proved,
    } = *claim;
    if proved.of != proved::CHECKPOINT || !same_key(proved.key.as_array(), key.as_array()) {
        return Err(CoreError::InterimProofMissing);
    }
    if proved.owner != *owner {
        return Err(CoreError::InterimOwnersDiffer);
    }
    if stopped(interim).contains(key) {
        return Err(CoreError::InterimStopped);
    }
    let share = share::entitled_floor(interim, amount, proved.amount);
    let due = share.saturating_sub((*in_snapshot).max(*in_checkpoint));
    if due == 0 {
        return Err(if share == 0 {
            CoreError::NothingToClaim
        } else {
            CoreError::AlreadyClaimed
        });
    }
    let paid = interim.paid.checked_add(due).ok_or(CoreError::Overflow)?;
    if paid > interim.shared {
        return Err(CoreError::Overflow);
    }
    interim.paid = paid;
    *in_snapshot = in_snapshot.checked_add(due).ok_or(CoreError::Overflow)?;
    *in_checkpoint = in_checkpoint.checked_add(due).ok_or(CoreError::Overflow)?;
    Ok(due)
}

/// The positions that guardians stopped.
#[must_use]
pub fn stopped(interim: &Interim) -> &[Pubkey] {
    let count = usize::from(interim.stop_count);
    interim.stops.get(..count).unwrap_or_default()
}

/// A guardian stops the interim claims of one position. It costs a right and ends with the vote, whose claims no
/// guardian can stop. Returns the rights that the guardian has left.
///
/// # Errors
/// A named [`CoreError`].
pub fn stop_interim_claim(
    domain: &Domain,
    council: &mut Council,
    interim: &mut Interim,
    guardian: &Pubkey,
    position: &Pubkey,
) -> Result<u8, CoreError> {
    let index = member_index(council, guardian, role::GUARDIAN)?;
    require_paying(domain, interim)?;
    if stopped(interim).contains(position) {
        return Err(CoreError::InterimStopped);
    }
    let count = usize::from(interim.stop_count);
    let row = interim.stops.get_mut(count).filter(|_| count < INTERIM_STOPS);
    *row.ok_or(CoreError::InterimListFull)? = *position;
    interim.stop_count = interim.stop_count.checked_add(1).ok_or(CoreError::Overflow)?;
    burn(council, index)
}
