//! A protocol under Bulkhead on a machine: council, breaker, vault, evacuation route, ledger, votes. Its host is a
//! keypair that signs for the vault, and a program id that owns forged positions. So tests can play any host, honest or
//! broken.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    decision::EncodedDecision,
    instructions::{
        AmountConfig, ByteFilterConfig, OpenBreakerArgs, OpenDomainArgs, OpenVaultArgs, RegisterEvacuationRouteArgs,
        RegisterLedgerArgs, ScaleConfig, TotalConfig,
    },
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, length_rule, total_unit},
    layout::{Council, Domain, Incident, PauseBoard, Proposal},
};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    council::{DELAY_SECONDS, VOTE_SECONDS, council_config},
    expect::must,
    keys::keypair,
    machine::{Failure, Machine, Outcome},
};

/// First bytes of a forged position.
pub const POSITION_DISCRIMINATOR: [u8; 8] = *b"position";
/// Size of a forged position: discriminator, owner, amount.
pub const POSITION_LEN: usize = 8 + 32 + 8;

/// The parameters of a protocol.
#[derive(Clone, Debug)]
pub struct Setup {
    /// All keys are derived from this name, so that two protocols on one machine differ.
    pub name: &'static str,
    /// T of the breaker, native units.
    pub limit: u64,
    /// Maximum outflow in one slot, native units.
    pub slot_limit: u64,
    /// Amount above which it latches. A value below `limit` becomes `limit`, so that anything that does not fit the
    /// window latches.
    pub trip_limit: u64,
    /// W of the breaker.
    pub window_seconds: i64,
    /// k of the breaker.
    pub sub_windows: u8,
    /// Tokens in the vault.
    pub funds: u64,
    /// Registers ledger 0, unless a test needs another ledger of the same positions.
    pub ledger: bool,
    /// Ends with `activate_domain`, unless a test continues configuring.
    pub activate: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            name: "protocol",
            limit: 100_000,
            slot_limit: 60_000,
            trip_limit: 0,
            window_seconds: 3_600,
            sub_windows: 12,
            funds: 1_000_000,
            ledger: true,
            activate: true,
        }
    }
}

/// A protocol that was set up.
pub struct Protocol {
    /// Setup authority of the domain.
    pub setup_authority: Keypair,
    /// Members 0, 1 and 2 are guardians, approvers and attesters; 3 is a vetoer; 4 is an approver.
    pub members: Vec<Keypair>,
    /// Signs for the vault, as a host's PDA would.
    pub operator: Keypair,
    /// Owner program of forged positions.
    pub host_program: Pubkey,
    /// The domain.
    pub domain: Pubkey,
    /// Token in custody.
    pub mint: Pubkey,
    /// Governance token.
    pub governance_mint: Pubkey,
    /// The vault and the addresses derived from it.
    pub vault: ix::VaultKeys,
    /// The vault's evacuation route: a token account of the domain itself.
    pub recovery_account: Pubkey,
    /// Host account that stores the sum of the forged positions, as a `u64` at 0.
    pub total_account: Pubkey,
}

impl Protocol {
    /// Sets up a protocol.
    ///
    /// # Panics
    /// When the program refuses a step: a bug in a test or a drill.
    #[must_use]
    pub fn set_up(machine: &mut Machine, setup: &Setup) -> Self {
        let key = |what: &str| keypair(&format!("{}/{what}", setup.name));
        let setup_authority = key("setup");
        let members: Vec<_> = (0..5).map(|i| key(&format!("member {i}"))).collect();
        let operator = key("operator");
        let domain = pda::domain(&setup_authority.pubkey());
        let mint = key("mint").pubkey();
        let governance_mint = key("governance mint").pubkey();
        let host_program = key("host program").pubkey();
        let total_account = key("total account").pubkey();
        let breaker = pda::outflow_breaker(&domain, 0, &mint, 0);
        let vault = pda::vault(&domain, &mint, 0);
        let recovery_account = key("recovery_account").pubkey();
        let payer = machine.payer.pubkey();
        let authority = ix::Authority {
            signer: setup_authority.pubkey(),
            domain,
            proposal: None,
        };

        machine.create_mint(&mint, &key("issuer").pubkey(), 6);
        machine.create_mint(&governance_mint, &key("issuer").pubkey(), 6);
        machine.create_token_account(&recovery_account, &mint, &domain, 0);
        let protocol = Self {
            members,
            operator,
            host_program,
            domain,
            mint,
            governance_mint,
            vault: ix::VaultKeys {
                vault,
                domain,
                breaker,
                mint,
                token_program: TOKEN_PROGRAM,
            },
            recovery_account,
            total_account,
            setup_authority,
        };
        protocol.write_total(machine, 0);

        let steps = [
            ix::open_domain(
                protocol.setup_authority.pubkey(),
                payer,
                governance_mint,
                OpenDomainArgs {
                    council: council_config(&protocol.members),
                    host_program,
                    vote_seconds: VOTE_SECONDS,
                    quorum_bps: 1_000,
                },
            ),
            ix::open_vote_custody(domain, payer, governance_mint, TOKEN_PROGRAM),
            ix::open_breaker(
                authority,
                payer,
                OpenBreakerArgs {
                    compartment: 0,
                    shard: 0,
                    mint,
                    authority: vault,
                    sub_windows: setup.sub_windows,
                    trip_scope: SCOPE_DOMAIN,
                    window_seconds: setup.window_seconds,
                    limit: setup.limit,
                    slot_limit: setup.slot_limit,
                    trip_limit: setup.trip_limit.max(setup.limit),
                    latch_seconds: 72 * 3_600,
                    shards: 1,
                    ..OpenBreakerArgs::default()
                },
            ),
            ix::open_vault(
                authority,
                payer,
                TOKEN_PROGRAM,
                OpenVaultArgs {
                    index: 0,
                    compartment: 0,
                    operator: protocol.operator.pubkey(),
                    breaker,
                    mint,
                    queue_seconds: 24 * 3_600,
                    ledger: 0,
                },
            ),
            ix::register_evacuation_route(
                authority,
                RegisterEvacuationRouteArgs {
                    vault,
                    destination: recovery_account,
                },
            ),
        ];
        let ledger = ix::register_ledger(authority, payer, protocol.ledger_args(0), &[]);
        for step in steps.into_iter().chain(setup.ledger.then_some(ledger)) {
            protocol.must(machine, &[step], &[&protocol.setup_authority]);
        }
        machine.mint_to(&mint, &pda::custody(&vault), setup.funds);
        if setup.activate {
            let activate = ix::activate_domain(protocol.setup_authority.pubkey());
            protocol.must(machine, &[activate], &[&protocol.setup_authority]);
        }
        protocol
    }

    /// The ledger layout of forged positions.
    #[must_use]
    pub fn ledger_args(&self, index: u8) -> RegisterLedgerArgs {
        RegisterLedgerArgs {
            index,
            program: self.host_program,
            mint: self.mint,
            total: TotalConfig {
                account: self.total_account,
                program: self.host_program,
                offset: 0,
                width: 8,
                unit: total_unit::HOST,
                shortfall_bps: 0,
                excess_bps: 0,
            },
            length_rule: length_rule::EXACT,
            data_len: u32::try_from(POSITION_LEN).unwrap_or(u32::MAX),
            filters: vec![ByteFilterConfig {
                offset: 0,
                bytes: POSITION_DISCRIMINATOR.to_vec(),
            }],
            owner_offset: 8,
            amounts: vec![AmountConfig {
                offset: 40,
                width: 8,
                flags: 0,
            }],
            scale: ScaleConfig {
                multiplier: 1,
                divisor: 1,
                shift: 0,
            },
            slots: None,
            export: None,
            link: None,
        }
    }

    /// Writes a forged position of the host.
    pub fn write_position(&self, machine: &mut Machine, key: &Pubkey, owner: &Pubkey, amount: u64) {
        let mut data = POSITION_DISCRIMINATOR.to_vec();
        data.extend_from_slice(owner.as_ref());
        data.extend_from_slice(&amount.to_le_bytes());
        self.write_host_account(machine, key, data);
    }

    /// Writes the sum that the host reports.
    pub fn write_total(&self, machine: &mut Machine, total: u64) {
        self.write_host_account(machine, &self.total_account, total.to_le_bytes().to_vec());
    }

    /// Writes any account of the host.
    pub fn write_host_account(&self, machine: &mut Machine, key: &Pubkey, data: Vec<u8>) {
        machine.write_account(
            key,
            Account {
                lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
                data,
                owner: self.host_program,
                executable: false,
                rent_epoch: u64::MAX,
            },
        );
    }

    /// The same protocol once more, for whoever wants to own it.
    #[must_use]
    pub fn twin(&self) -> Self {
        Self {
            setup_authority: self.setup_authority.insecure_clone(),
            members: self.members.iter().map(Keypair::insecure_clone).collect(),
            operator: self.operator.insecure_clone(),
            ..*self
        }
    }

    /// The vault's token account.
    #[must_use]
    pub fn custody(&self) -> Pubkey {
        pda::custody(&self.vault.vault)
    }

    /// A release signed by the operator.
    ///
    /// # Errors
    /// The program's error.
    pub fn release(
        &self,
        machine: &mut Machine,
        destination: Pubkey,
        amount: u64,
        index: u64,
    ) -> Result<Outcome, Failure> {
        let release = ix::release(
            self.vault,
            self.operator.pubkey(),
            machine.payer.pubkey(),
            destination,
            amount,
            index,
        );
        machine.send(&[release], &[&self.operator])
    }

    /// Creates a proposal on chain and returns its address.
    ///
    /// # Panics
    /// When the program refuses it: a bug in a test or a drill.
    pub fn propose(&self, machine: &mut Machine, decision: impl Into<EncodedDecision>) -> Pubkey {
        let (propose, proposal) = self.proposing(machine, decision);
        self.must(machine, &[propose], &[&self.members[0]]);
        proposal
    }

    /// The instruction with which member 0 proposes, and the address of the proposal.
    #[must_use]
    pub fn proposing(
        &self,
        machine: &Machine,
        decision: impl Into<EncodedDecision>,
    ) -> (solana_instruction::Instruction, Pubkey) {
        let proposer = self.members[0].pubkey();
        let index = machine.free_proposal(&self.domain, &proposer);
        let payer = machine.payer.pubkey();
        let propose = ix::propose(self.domain, proposer, payer, index, decision);
        (propose, pda::proposal(&self.domain, &proposer, index))
    }

    /// One member's approval of a proposal in its current state.
    #[must_use]
    pub fn approve(&self, machine: &Machine, proposal: &Pubkey, member: usize) -> solana_instruction::Instruction {
        let state: Proposal = machine.load(proposal);
        ix::approve(
            self.domain,
            self.members[member].pubkey(),
            *proposal,
            state.payload_hash,
            state.created_slot,
        )
    }

    /// Proposes, approves with two members and waits out the delay, so that the proposal is ready to execute.
    ///
    /// # Panics
    /// When the program refuses a step: a bug in a test or a drill.
    pub fn mature(&self, machine: &mut Machine, decision: impl Into<EncodedDecision>) -> ix::Authority {
        // A proposal does not know of anything that happens in its own slot.
        machine.next_slot();
        match self.try_mature(machine, decision) {
            Ok(authority) => authority,
            Err(failure) => panic!("{failure:?}"),
        }
    }

    /// The same for a proposal that may be refused when it is made.
    ///
    /// # Errors
    /// The reason for the refusal.
    ///
    /// # Panics
    /// When the program refuses another step.
    pub fn try_mature(
        &self,
        machine: &mut Machine,
        decision: impl Into<EncodedDecision>,
    ) -> Result<ix::Authority, Failure> {
        let (propose, proposal) = self.proposing(machine, decision);
        machine.send(&[propose], &[&self.members[0]])?;
        for member in 0..2 {
            let approve = self.approve(machine, &proposal, member);
            self.must(machine, &[approve], &[&self.members[member]]);
        }
        machine.warp_seconds(DELAY_SECONDS);
        Ok(ix::Authority {
            signer: machine.payer.pubkey(),
            domain: self.domain,
            proposal: Some(proposal),
        })
    }

    /// Guardian 0 opens an incident, and guardians 0 and 1 confirm it: the domain is frozen.
    ///
    /// # Panics
    /// When the program refuses a step: a bug in a test or a drill.
    pub fn freeze(&self, machine: &mut Machine) -> Pubkey {
        let index = machine.load::<Domain>(&self.domain).incident_count;
        let payer = machine.payer.pubkey();
        let incident = pda::incident(&self.domain, index);
        let open = ix::open_incident(self.domain, self.members[0].pubkey(), payer, index);
        self.must(machine, &[open], &[&self.members[0]]);
        self.confirm(machine, incident);
        incident
    }

    /// Guardians 0 and 1 confirm an incident.
    ///
    /// # Panics
    /// When the program refuses a step: a bug in a test or a drill.
    pub fn confirm(&self, machine: &mut Machine, incident: Pubkey) {
        for member in &self.members[..2] {
            let confirm = ix::confirm_incident(self.domain, member.pubkey(), incident);
            self.must(machine, &[confirm], &[member]);
        }
    }

    /// The domain's current state.
    #[must_use]
    pub fn state(&self, machine: &Machine) -> Domain {
        machine.load(&self.domain)
    }

    /// The board's current state.
    #[must_use]
    pub fn board(&self, machine: &Machine) -> PauseBoard {
        machine.load(&pda::board(&self.domain))
    }

    /// The council's current state.
    #[must_use]
    pub fn council(&self, machine: &Machine) -> Council {
        machine.load(&pda::council(&self.domain))
    }

    /// The open incident.
    ///
    /// # Panics
    /// When there is none: a bug in a test or a drill.
    #[must_use]
    pub fn incident(&self, machine: &Machine) -> Incident {
        machine.load(&self.state(machine).open_incident)
    }

    /// Sends a transaction that must succeed.
    ///
    /// # Panics
    /// When it fails: a bug in a test or a drill.
    pub fn must(
        &self,
        machine: &mut Machine,
        instructions: &[solana_instruction::Instruction],
        signers: &[&Keypair],
    ) -> Outcome {
        must(machine.send(instructions, signers))
    }
}
