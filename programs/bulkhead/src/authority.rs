//! Who may do what: members by role, and matured proposals.

use anchor_lang::{Discriminator, prelude::*};
use bulkhead_core::{
    CoreError,
    acts::{self, Asked, At, NewDetector, Shown},
    domain::council,
    proposals::nonce,
    transaction,
    words::same_key,
};
use bulkhead_interface::layout::{Council, Domain, Proposal};

use crate::{
    current::Current,
    decision::{Judge, Scene},
    error::BulkheadError,
    instruction,
};

/// The sysvar that holds the transaction's instructions.
pub const INSTRUCTIONS_SYSVAR: Pubkey = pubkey!("Sysvar1nstructions1111111111111111111111111");

/// Length of a proposal account before its payload, in bytes.
pub const PROPOSAL_HEADER: usize = bulkhead_interface::layout::space::<Proposal>();

/// The accounts of every instruction that loosens or configures.
///
/// During set-up the setup authority signs and no proposal is passed. Afterwards anyone may sign (executing is a
/// crank), and a matured proposal of the right kind and payload is consumed.
#[derive(Accounts)]
pub struct ConfigAuthority<'info> {
    /// The setup authority during set-up; anyone afterwards.
    pub authority: Signer<'info>,
    /// The domain to configure.
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    /// Its council. Writable only for the one proposal kind that changes it.
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    /// The matured proposal; none during set-up.
    #[account(mut)]
    pub proposal: Option<AccountLoader<'info, Proposal>>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

impl ConfigAuthority<'_> {
    /// Accepts the setup authority's signature, or consumes a matured proposal with exactly these arguments.
    pub fn authorize<A: Judge>(&self, args: &A) -> Result<()> {
        let is_set_up =
            acts::is_set_up_by(&*self.domain.current()?, self.authority.key, A::KIND).map_err(core_error)?;
        if is_set_up {
            return Ok(());
        }
        let mut payload = Vec::new();
        args.serialize(&mut payload)?;
        let council = self.council.current()?;
        let scene = Scene {
            domain: self.domain.key(),
            council: &council,
        };
        args.judge(&scene, &mut |asked| self.consume(&council, asked, &payload))
    }

    /// Consumes a matured proposal with exactly this payload.
    fn consume(&self, council: &Council, asked: &Asked, payload: &[u8]) -> Result<()> {
        let proposal = self.proposal.as_ref().ok_or(BulkheadError::ProposalRequired)?;
        refuse_durable_nonce(&self.instructions)?;
        let at = clock()?;
        let mut proposal = proposal.current_mut()?;
        require_keys_eq!(proposal.domain, self.domain.key(), BulkheadError::ForeignAccount);
        acts::consume(&*self.domain.current()?, council, &mut proposal, asked, payload, at).map_err(core_error)
    }

    /// Returns the proposal's own payload, for a kind that runs what the proposal stores.
    pub fn payload(&self) -> Result<Vec<u8>> {
        let proposal = self.proposal.as_ref().ok_or(BulkheadError::ProposalRequired)?;
        proposal.current()?;
        let data = proposal.as_ref().try_borrow_data()?;
        Ok(data.get(PROPOSAL_HEADER..).unwrap_or_default().to_vec())
    }

    /// The configuration that every detector is opened with.
    pub fn new_detector(&self, bump: u8, compartment: u8, trip_scope: u8, latch_seconds: i64) -> Result<NewDetector> {
        Ok(NewDetector {
            bump,
            domain: self.domain.key(),
            board: self.domain.current()?.board,
            compartment,
            trip_scope,
            latch_seconds,
            proposed_slot: self.proposal_slot()?,
        })
    }

    /// Slot in which the consumed proposal was created; none during set-up.
    pub fn proposal_slot(&self) -> Result<Option<u64>> {
        let slot = |proposal: &AccountLoader<Proposal>| Ok(proposal.current()?.created_slot);
        self.proposal.as_ref().map(slot).transpose()
    }
}

/// The clock in the type the acts take.
pub fn clock() -> Result<At> {
    let clock = Clock::get()?;
    Ok(At {
        slot: clock.slot,
        now: clock.unix_timestamp,
    })
}

/// The index of `key` on the council, if it has `role`.
pub fn require_member(council: &Council, key: &Pubkey, role: u8) -> Result<usize> {
    council::member_index(council, key, role).map_err(core_error)
}

/// A durable-nonce transaction can be signed days before it lands, so it is no consent to the current state. An advance
/// instruction is refused at any index; the runtime honours it only at the first.
pub fn refuse_durable_nonce(instructions: &AccountInfo) -> Result<()> {
    let data = instructions.try_borrow_data()?;
    match nonce::advances_nonce(&data) {
        Some(false) => Ok(()),
        Some(true) | None => err!(BulkheadError::DurableNonce),
    }
}

/// Permissionless observations must be standalone in their transaction: then nothing in the same transaction can have
/// manipulated what is observed, and no host can be halfway through its own instruction. An instruction of another
/// program that the domain's PDA runs also breaks this rule.
pub fn require_standalone(instructions: &AccountInfo) -> Result<()> {
    require_standalone_in(instructions.key, &instructions.try_borrow_data()?)
}

/// The same, from the sysvar's address and data.
#[inline(always)]
pub fn require_standalone_in(key: &Pubkey, data: &[u8]) -> Result<()> {
    if !same_key(key.as_array(), INSTRUCTIONS_SYSVAR.as_array()) {
        return err!(BulkheadError::NotStandalone);
    }
    const OUTWARD: [[u8; 8]; 4] = [
        name(instruction::RunInstruction::DISCRIMINATOR),
        name(instruction::RunEmergencyAction::DISCRIMINATOR),
        name(instruction::RunEmergencyStep::DISCRIMINATOR),
        name(instruction::EvacuateDirect::DISCRIMINATOR),
    ];
    match transaction::is_standalone(data, crate::ID.as_array(), &OUTWARD) {
        Some(true) => Ok(()),
        Some(false) | None => err!(BulkheadError::NotStandalone),
    }
}

/// The discriminator of an instruction of this program.
const fn name(discriminator: &[u8]) -> [u8; 8] {
    match discriminator.first_chunk() {
        Some(name) => *name,
        None => [0; 8],
    }
}

/// The program's error for what a rule refuses: the same name and number.
#[inline(always)]
pub fn core_error(error: impl Into<CoreError>) -> Error {
    refusal(error.into())
}

// A call of its own: the path of reading positions pays for every register that refusing takes.
#[cold]
#[inline(never)]
fn refusal(error: CoreError) -> Error {
    BulkheadError::from(error).into()
}

/// An account in the type the acts take.
pub fn shown<'a>(account: &'a AccountInfo, data: &'a [u8]) -> Shown<'a> {
    Shown {
        key: account.key,
        owner: account.owner,
        data,
    }
}
