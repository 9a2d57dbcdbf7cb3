use super::*;
use bulkhead::instructions::{ReopenArgs, ResumeArgs};

/// `pause`: signed by one guardian. `scope` 255 is the domain. `mask` 0 is the council's default mask.
#[must_use]
pub fn pause(domain: Pubkey, guardian: Pubkey, scope: u8, mask: u32) -> Instruction {
    build(
        &bulkhead::accounts::Pause {
            guardian,
            council: pda::council(&domain),
            board: pda::board(&domain),
        },
        &bulkhead::instruction::Pause { scope, mask },
    )
}

/// `open_incident`: signed by one guardian. `index` is the domain's `incident_count`.
#[must_use]
pub fn open_incident(domain: Pubkey, guardian: Pubkey, payer: Pubkey, index: u64) -> Instruction {
    build(
        &bulkhead::accounts::OpenIncident {
            guardian,
            payer,
            domain,
            council: pda::council(&domain),
            board: pda::board(&domain),
            incident: pda::incident(&domain, index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenIncident {},
    )
}

/// `confirm_incident`: signed by one guardian.
#[must_use]
pub fn confirm_incident(domain: Pubkey, guardian: Pubkey, incident: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ConfirmIncident {
            guardian,
            domain,
            council: pda::council(&domain),
            board: pda::board(&domain),
            incident,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ConfirmIncident {},
    )
}

/// `close_lapsed_incident`: anyone may crank it.
#[must_use]
pub fn close_lapsed_incident(domain: Pubkey, incident: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseLapsedIncident {
            domain,
            board: pda::board(&domain),
            incident,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseLapsedIncident {},
    )
}

/// `view_mask`: anyone may call it. The answer is a `MaskView` in the return data.
#[must_use]
pub fn view_mask(domain: Pubkey, compartment: u8) -> Instruction {
    build(
        &bulkhead::accounts::ViewMask {
            board: pda::board(&domain),
        },
        &bulkhead::instruction::ViewMask { compartment },
    )
}

/// `resume`: executes a matured proposal.
#[must_use]
pub fn resume(authority: Authority, args: ResumeArgs) -> Instruction {
    build(
        &bulkhead::accounts::Resume {
            config: authority.accounts(),
            board: pda::board(&authority.domain),
            incident: args.incident,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::Resume { args },
    )
}

/// [`resume`] for an open incident that a detector began after the proposal was made, with a latch from before the
/// proposal.
#[must_use]
pub fn resume_later(authority: Authority, open: Pubkey, args: ResumeArgs) -> Instruction {
    let named = args.incident;
    let mut instruction = resume(authority, args);
    for meta in instruction.accounts.iter_mut().filter(|meta| meta.pubkey == named) {
        meta.pubkey = open;
    }
    instruction
}

/// `reopen`: executes a matured proposal.
#[must_use]
pub fn reopen(authority: Authority, args: ReopenArgs) -> Instruction {
    reopen_checked(authority, &RestartChecks::default(), args)
}

/// What a domain's rules require of the ledgers that were restored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestartChecks {
    /// Ledgers with a restart check.
    pub covered: Vec<u8>,
    /// Ledgers with a proof check, and the incident that it is of: the one that is named, or for a ramp the one that the
    /// domain last reopened after.
    pub proved: Vec<(Pubkey, u8)>,
}

impl RestartChecks {
    /// These ledgers have a restart check, and nothing has to be proved.
    #[must_use]
    pub fn covered(ledgers: &[u8]) -> Self {
        Self {
            covered: ledgers.to_vec(),
            proved: vec![],
        }
    }
}

/// [`reopen`] with the checks that the domain's rules require.
#[must_use]
pub fn reopen_checked(authority: Authority, checks: &RestartChecks, args: ReopenArgs) -> Instruction {
    let covered = checks
        .covered
        .iter()
        .map(|index| pda::restart_check(&args.incident, *index));
    let proved = checks.proved.iter().flat_map(|(incident, index)| {
        let plan = (*incident == args.incident).then(|| pda::restoration(incident, *index));
        [Some(pda::proof_check(incident, *index)), plan]
    });
    let checks = covered.chain(proved.flatten());
    build_with(
        &bulkhead::accounts::Reopen {
            config: authority.accounts(),
            board: pda::board(&authority.domain),
            incident: (args.incident != Pubkey::default()).then_some(args.incident),
            proof_rules: pda::proof_rules(&authority.domain),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::Reopen { args: args.clone() },
        checks.map(|key| AccountMeta::new_readonly(key, false)),
    )
}
