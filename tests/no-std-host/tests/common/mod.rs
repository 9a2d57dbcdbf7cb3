//! The host on a machine with Bulkhead: a breaker for its lamports, a vault for its tokens.
#![allow(dead_code)]

use bulkhead::instructions::{OpenBreakerArgs, OpenVaultArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::layout::OutflowBreaker;
use bulkhead_no_std_host::{KIND, SEED_OPERATOR, State, op};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, deploy_dir, keypair, must};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::{instruction::create_account, program as system_program};

/// Row of the board that both of the host's pools have.
pub const COMPARTMENT: u8 = 7;
/// T of both breakers, and the most in one slot.
pub const LIMIT: u64 = 100_000;
pub const SLOT_LIMIT: u64 = 60_000;
/// Most that what came in adds to the window.
pub const INFLOW_CREDIT: u64 = 5_000;
/// Lamports that the owner has put in, and tokens.
pub const FUNDS: u64 = 1_000_000;

/// What a breaker of lamports names as its mint: any key will do, this is that of wrapped SOL.
const SOL: Pubkey = Pubkey::from_str_const("So11111111111111111111111111111111111111112");

pub struct World {
    pub machine: Machine,
    pub protocol: Protocol,
    pub owner: Keypair,
    pub program: Pubkey,
    pub vault: Keypair,
    pub operator: Pubkey,
    /// The breaker of the lamports.
    pub breaker: Pubkey,
    /// Bulkhead's vault with the tokens.
    pub custody: ix::VaultKeys,
    /// Where tokens are paid to.
    pub wallet: Pubkey,
}

impl World {
    /// An open vault with [`FUNDS`] of both kinds in it.
    pub fn new() -> Self {
        let mut world = Self::bare();
        let open = world.open();
        world.must(&open);
        let deposit = world.deposit(FUNDS);
        world.must(&[deposit]);
        world
    }

    /// Everything but the host's own account.
    pub fn bare() -> Self {
        let program = keypair("no-std host").pubkey();
        let programs = [(bulkhead::ID, "bulkhead"), (program, "bulkhead_no_std_host")];
        let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
        let setup = Setup {
            activate: false,
            ..Setup::default()
        };
        let protocol = Protocol::set_up(&mut machine, &setup);
        let (owner, vault) = (keypair("owner"), keypair("vault"));
        machine.fund(&owner.pubkey(), 10_000_000_000);
        let operator = Pubkey::find_program_address(&[SEED_OPERATOR, vault.pubkey().as_ref()], &program).0;
        let custody_vault = pda::vault(&protocol.domain, &protocol.mint, 1);
        let custody = ix::VaultKeys {
            vault: custody_vault,
            breaker: pda::outflow_breaker(&protocol.domain, COMPARTMENT, &protocol.mint, 0),
            ..protocol.vault
        };
        let mut world = Self {
            breaker: pda::outflow_breaker(&protocol.domain, COMPARTMENT, &SOL, 0),
            wallet: machine.create_associated(&protocol.mint, &owner.pubkey(), 0),
            machine,
            protocol,
            owner,
            program,
            vault,
            operator,
            custody,
        };
        world.protect();
        world
    }

    fn protect(&mut self) {
        let authority = ix::Authority {
            signer: self.protocol.setup_authority.pubkey(),
            domain: self.protocol.domain,
            proposal: None,
        };
        let payer = self.machine.payer.pubkey();
        let open_vault = OpenVaultArgs {
            index: 1,
            compartment: COMPARTMENT,
            operator: self.operator,
            breaker: self.custody.breaker,
            mint: self.protocol.mint,
            queue_seconds: 24 * 3_600,
            ledger: 0,
        };
        let steps = [
            ix::open_breaker(authority, payer, breaker_args(SOL, self.operator)),
            ix::open_breaker(authority, payer, breaker_args(self.protocol.mint, self.custody.vault)),
            ix::open_vault(authority, payer, self.custody.token_program, open_vault),
            ix::activate_domain(authority.signer),
        ];
        let Self { machine, protocol, .. } = self;
        for step in steps {
            protocol.must(machine, &[step], &[&protocol.setup_authority]);
        }
        machine.mint_to(&protocol.mint, &pda::custody(&self.custody.vault), FUNDS);
    }

    pub fn board(&self) -> Pubkey {
        pda::board(&self.protocol.domain)
    }

    pub fn new_state(&self) -> State {
        let bump = Pubkey::find_program_address(&[SEED_OPERATOR, self.vault.pubkey().as_ref()], &self.program).1;
        State {
            kind: KIND,
            owner: self.owner.pubkey().to_bytes(),
            board: self.board().to_bytes(),
            breaker: self.breaker.to_bytes(),
            custody_vault: self.custody.vault.to_bytes(),
            lamports: 0,
            tokens: FUNDS,
            compartment: COMPARTMENT,
            operator_bump: bump,
            padding: [0; 6],
        }
    }

    /// Creates the account and opens the vault in it.
    pub fn open(&self) -> [Instruction; 2] {
        let state = self.new_state();
        let space = size_of::<State>();
        let rent = self.machine.svm.minimum_balance_for_rent_exemption(space);
        let vault = self.vault.pubkey();
        [
            create_account(&self.owner.pubkey(), &vault, rent, space as u64, &self.program),
            self.call(
                op::OPEN,
                bytemuck::bytes_of(&state),
                vec![AccountMeta::new(vault, true)],
            ),
        ]
    }

    pub fn deposit(&self, lamports: u64) -> Instruction {
        let accounts = vec![
            AccountMeta::new(self.owner.pubkey(), true),
            AccountMeta::new(self.vault.pubkey(), false),
            AccountMeta::new_readonly(self.board(), false),
            AccountMeta::new(self.breaker, false),
            AccountMeta::new_readonly(self.operator, false),
            AccountMeta::new_readonly(bulkhead::ID, false),
            AccountMeta::new_readonly(system_program::ID, false),
        ];
        self.call(op::DEPOSIT, &lamports.to_le_bytes(), accounts)
    }

    pub fn withdraw(&self, lamports: u64) -> Instruction {
        let accounts = vec![
            AccountMeta::new(self.owner.pubkey(), true),
            AccountMeta::new(self.vault.pubkey(), false),
            AccountMeta::new_readonly(self.board(), false),
            AccountMeta::new(self.breaker, false),
            AccountMeta::new_readonly(self.operator, false),
            AccountMeta::new_readonly(bulkhead::ID, false),
        ];
        self.call(op::WITHDRAW, &lamports.to_le_bytes(), accounts)
    }

    pub fn release(&self, amount: u64, index: u64) -> Instruction {
        /// Without the note.
        const RELEASE_ACCOUNTS: usize = 11;
        let keys = self.custody;
        let owner = self.owner.pubkey();
        let payer = self.machine.payer.pubkey();
        let inner = ix::release(keys, self.operator, payer, self.wallet, amount, index).accounts;
        let mut accounts = vec![
            AccountMeta::new(owner, true),
            AccountMeta::new(self.vault.pubkey(), false),
        ];
        // The PDA signs inside only; nobody's deposit is noted here, so the place of a note stays out.
        accounts.extend(inner.into_iter().take(RELEASE_ACCOUNTS).map(|meta| AccountMeta {
            is_signer: meta.is_signer && meta.pubkey != self.operator,
            ..meta
        }));
        accounts.push(AccountMeta::new_readonly(bulkhead::ID, false));
        let data = [amount.to_le_bytes(), index.to_le_bytes()].concat();
        self.call(op::RELEASE, &data, accounts)
    }

    /// `op::ASK` or `op::NOTHING`.
    pub fn ask(&self, op: u8, action: u32) -> Instruction {
        let accounts = vec![
            AccountMeta::new_readonly(self.owner.pubkey(), true),
            AccountMeta::new_readonly(self.vault.pubkey(), false),
            AccountMeta::new_readonly(self.board(), false),
        ];
        self.call(op, &u64::from(action).to_le_bytes(), accounts)
    }

    fn call(&self, op: u8, data: &[u8], accounts: Vec<AccountMeta>) -> Instruction {
        Instruction {
            program_id: self.program,
            accounts,
            data: [&[op], data].concat(),
        }
    }

    pub fn send(&mut self, instructions: &[Instruction]) -> Result<Outcome, Failure> {
        let keys = [self.owner.insecure_clone(), self.vault.insecure_clone()];
        self.machine.send(instructions, &keys.each_ref())
    }

    pub fn must(&mut self, instructions: &[Instruction]) -> Outcome {
        must(self.send(instructions))
    }

    /// The number of the custom error, if the instruction failed with one; a success is a mistake.
    pub fn refused(&mut self, instruction: Instruction) -> Option<u32> {
        match self.send(&[instruction]) {
            Ok(outcome) => panic!("it passed:\n{}", outcome.logs.join("\n")),
            Err(failure) => failure.code(),
        }
    }

    pub fn state(&self) -> State {
        let account = self.machine.account(&self.vault.pubkey()).expect("a vault");
        bytemuck::pod_read_unaligned(&account.data)
    }

    /// Lamports that the vault says are the owner's, and those that are there on top of the rent.
    pub fn lamports(&self) -> (u64, u64) {
        let account = self.machine.account(&self.vault.pubkey()).expect("a vault");
        let rent = self.machine.svm.minimum_balance_for_rent_exemption(account.data.len());
        (self.state().lamports, account.lamports - rent)
    }

    /// Tokens that the vault says are the owner's, and those that were paid out.
    pub fn tokens(&self) -> (u64, u64) {
        (self.state().tokens, self.machine.balance(&self.wallet))
    }

    pub fn is_latched(&self, breaker: &Pubkey) -> bool {
        self.machine.load::<OutflowBreaker>(breaker).latch.until > self.machine.clock().unix_timestamp
    }
}

pub fn breaker_args(mint: Pubkey, authority: Pubkey) -> OpenBreakerArgs {
    OpenBreakerArgs {
        compartment: COMPARTMENT,
        shard: 0,
        mint,
        authority,
        sub_windows: 12,
        trip_scope: COMPARTMENT,
        window_seconds: 3_600,
        limit: LIMIT,
        slot_limit: SLOT_LIMIT,
        latch_seconds: 72 * 3_600,
        shards: 1,
        limit_bps: 0,
        slot_bps: 0,
        reference: Pubkey::default(),
        inflow_credit: INFLOW_CREDIT,
        trip_limit: LIMIT,
        trip_bps: 0,
    }
}
