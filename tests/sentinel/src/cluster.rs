//! A cluster with one domain. What is sent to it goes through the acts of `bulkhead-core`, as in the program. It keeps
//! every write, so that nodes can be behind, and streams can be fed. Whatever happens has a slot of its own, so what is
//! read of a slot is all of it, as on a real cluster at the commitment of the reads.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use async_trait::async_trait;
use bulkhead_client::{
    chain::{CLOCK, Chain, ChainError, Filter, OwnedAt, Receipt, Simulated},
    decode, pda,
};
use bulkhead_core::{
    CoreError,
    acts::{self, At},
};
use bulkhead_guard::action::{DEFAULT_EMERGENCY, WITHDRAW};
use bulkhead_interface::{
    ID,
    constants::{VERSION, phase, role},
    layout::{Council, Domain, Member, PauseBoard},
};
use bulkhead_sentinel::{act::Priced, source::program::Heads};
use bytemuck::Zeroable;
use solana_account::Account;
use solana_instruction::Instruction;

/// When the cluster begins, in unix seconds.
pub const BEGIN: i64 = 1_700_000_000;
/// Milliseconds of a slot.
pub const SLOT_MS: u64 = 400;
/// Lamports of the treasury.
pub const FUNDS: u64 = 1_000_000_000;
/// Pauses that the guardian may make.
pub const RIGHTS: u8 = 3;
/// Fee of a transaction.
pub const FEE: u64 = 5_000;

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// The domain.
pub const DOMAIN: Pubkey = key(10);
/// A guardian that is nothing else.
pub const GUARDIAN: Pubkey = key(11);
/// Pays fees.
pub const PAYER: Pubkey = key(12);
/// An account of the host, whose lamports a rule watches.
pub const TREASURY: Pubkey = key(13);

/// A write.
#[derive(Clone, Debug)]
pub struct Write {
    /// In which slot.
    pub slot: u64,
    /// Its number.
    pub number: u64,
    /// The account.
    pub key: Pubkey,
    /// As it is since.
    pub account: Option<Account>,
}

#[derive(Default)]
struct State {
    slot: u64,
    millis: u64,
    writes: Vec<Write>,
    landed: Vec<Vec<Instruction>>,
}

impl State {
    fn now(&self) -> i64 {
        BEGIN.saturating_add_unsigned(self.millis / 1_000)
    }

    fn write(&mut self, key: Pubkey, account: Option<Account>) {
        let number = self.writes.len() as u64 + 1;
        self.writes.push(Write {
            slot: self.slot,
            number,
            key,
            account,
        });
    }

    fn tick(&mut self) {
        self.jump(1);
    }

    fn jump(&mut self, slots: u64) {
        self.slot += slots;
        self.millis += slots * SLOT_MS;
        let mut data = vec![0; 40];
        data[..8].copy_from_slice(&self.slot.to_le_bytes());
        data[32..].copy_from_slice(&self.now().to_le_bytes());
        self.write(CLOCK, Some(account(Pubkey::default(), 1, data)));
    }

    fn at(&self, key: &Pubkey, slot: u64) -> Option<Account> {
        let mut writes = self.writes.iter().rev();
        let last = writes.find(|write| write.key == *key && write.slot <= slot);
        last?.account.clone()
    }

    fn load<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> T {
        let account = self.at(key, self.slot).expect("it exists");
        decode::owned(&account.owner, &account.data).expect("it is whole")
    }

    fn store<T: ZeroCopy + Discriminator>(&mut self, key: Pubkey, value: &T) {
        let data = [T::DISCRIMINATOR, bytemuck::bytes_of(value)].concat();
        self.write(key, Some(account(ID, 1_000_000, data)));
    }

    /// A transaction: all of it, or nothing.
    fn run(&mut self, instructions: &[Instruction]) -> Result<(), CoreError> {
        self.tick();
        let at = At {
            slot: self.slot,
            now: self.now(),
        };
        let mut council: Council = self.load(&pda::council(&DOMAIN));
        let mut board: PauseBoard = self.load(&pda::board(&DOMAIN));
        for each in instructions {
            let signer = each.accounts[0].pubkey;
            let (name, arguments) = each.data.split_at(8);
            if name == bulkhead::instruction::Heartbeat::DISCRIMINATOR {
                let last = i64::from_le_bytes(arguments.try_into().expect("one number"));
                acts::heartbeat(&mut council, &signer, last, at.now)?;
            } else if name == bulkhead::instruction::Pause::DISCRIMINATOR {
                let mask = u32::from_le_bytes(arguments[1..].try_into().expect("a mask"));
                acts::pause(&mut council, &mut board, &signer, arguments[0], mask, at)?;
            } else {
                panic!("this cluster knows heartbeats and pauses");
            }
        }
        self.store(pda::council(&DOMAIN), &council);
        self.store(pda::board(&DOMAIN), &board);
        self.landed.push(instructions.to_vec());
        Ok(())
    }
}

fn account(owner: Pubkey, lamports: u64, data: Vec<u8>) -> Account {
    Account {
        lamports,
        data,
        owner,
        ..Account::default()
    }
}

/// The cluster.
pub struct Cluster(Mutex<State>);

impl Default for Cluster {
    fn default() -> Self {
        let mut state = State {
            slot: 1_000,
            ..State::default()
        };
        state.tick();
        let (council, board) = (pda::council(&DOMAIN), pda::board(&DOMAIN));
        let mut members = Council::zeroed().members;
        members[0] = Member {
            key: GUARDIAN,
            roles: role::GUARDIAN,
            pause_rights: RIGHTS,
            last_active_ts: BEGIN - 100,
            ..Member::zeroed()
        };
        state.store(
            DOMAIN,
            &Domain {
                version: VERSION,
                state: phase::OPERATING,
                council,
                board,
                activated_ts: BEGIN - 1_000,
                ..Domain::zeroed()
            },
        );
        state.store(
            council,
            &Council {
                version: VERSION,
                member_count: 1,
                freeze_threshold: 1,
                pause_rights: RIGHTS,
                domain: DOMAIN,
                board,
                guardian_pause_seconds: 3_600,
                trip_seconds: 3_600,
                default_mask: DEFAULT_EMERGENCY,
                guardian_pauses_per_day: RIGHTS,
                guardian_pauses_in_a_row: RIGHTS,
                heartbeat_seconds: 30 * 86_400,
                members,
                ..Council::zeroed()
            },
        );
        state.store(
            board,
            &PauseBoard {
                version: VERSION,
                domain: DOMAIN,
                council,
                ..PauseBoard::zeroed()
            },
        );
        state.write(PAYER, Some(account(Pubkey::default(), FUNDS, vec![])));
        state.write(TREASURY, Some(account(Pubkey::default(), FUNDS, vec![])));
        Self(Mutex::new(state))
    }
}

impl Cluster {
    /// The next slot.
    pub fn tick(&self) {
        self.0.lock().unwrap().tick();
    }

    /// Slots until so much time has passed.
    pub fn pass(&self, millis: u64) {
        self.0.lock().unwrap().jump(millis.div_ceil(SLOT_MS));
    }

    /// Milliseconds since the beginning.
    pub fn millis(&self) -> u64 {
        self.0.lock().unwrap().millis
    }

    /// The clock.
    pub fn at(&self) -> At {
        let state = self.0.lock().unwrap();
        At {
            slot: state.slot,
            now: state.now(),
        }
    }

    /// An account as it is, or as it was at the end of a slot.
    pub fn account(&self, key: &Pubkey, slot: u64) -> Option<Account> {
        self.0.lock().unwrap().at(key, slot)
    }

    /// Leaves so many lamports in the treasury.
    pub fn leave(&self, lamports: u64) {
        let treasury = (lamports > 0).then(|| account(Pubkey::default(), lamports, vec![]));
        let mut state = self.0.lock().unwrap();
        state.tick();
        state.write(TREASURY, treasury);
    }

    /// The writes after this number.
    pub fn writes_after(&self, number: u64) -> Vec<Write> {
        let state = self.0.lock().unwrap();
        let new = state.writes.iter().filter(|write| write.number > number);
        new.cloned().collect()
    }

    /// Transactions that landed.
    pub fn landed(&self) -> usize {
        self.0.lock().unwrap().landed.len()
    }

    /// Pauses that the guardian may still make.
    pub fn rights(&self) -> u8 {
        let council: Council = self.0.lock().unwrap().load(&pda::council(&DOMAIN));
        council.members[0].pause_rights
    }

    /// Whether withdrawals are closed.
    pub fn is_paused(&self) -> bool {
        let at = self.at();
        let board = self.account(&pda::board(&DOMAIN), at.slot).expect("it exists");
        bulkhead_sentinel::act::is_closed(&board.data, 0, WITHDRAW, at.now)
    }
}

/// A node of the cluster.
pub struct Node {
    /// The cluster.
    pub cluster: Arc<Cluster>,
    /// Slots that it is behind.
    pub behind: AtomicU64,
    /// Whether nothing that is sent to it gets an answer, or lands.
    pub swallows: AtomicBool,
    /// How many transactions it was given.
    pub given: AtomicU64,
}

impl Node {
    /// A node that is up to date.
    pub fn of(cluster: &Arc<Cluster>) -> Arc<Self> {
        Arc::new(Self {
            cluster: Arc::clone(cluster),
            behind: AtomicU64::new(0),
            swallows: AtomicBool::new(false),
            given: AtomicU64::new(0),
        })
    }

    fn slot(&self) -> u64 {
        self.cluster.at().slot - self.behind.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Chain for Node {
    fn payer(&self) -> Pubkey {
        PAYER
    }

    async fn now(&self) -> Result<At, ChainError> {
        Ok(self.cluster.at())
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let slot = self.slot();
        Ok(keys.iter().map(|key| self.cluster.account(key, slot)).collect())
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        let keys = [DOMAIN, pda::council(&DOMAIN), pda::board(&DOMAIN)];
        let slot = self.slot();
        let accounts = keys
            .into_iter()
            .filter_map(|key| Some((key, self.cluster.account(&key, slot)?)));
        let is_meant =
            |account: &Account| account.owner == *program && filters.iter().all(|filter| filter.matches(&account.data));
        Ok(OwnedAt {
            slot,
            accounts: accounts.filter(|(_, account)| is_meant(account)).collect(),
        })
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        self.given.fetch_add(1, Ordering::SeqCst);
        if self.swallows.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let ran = self.cluster.0.lock().unwrap().run(instructions);
        ran.map_err(|error| ChainError::program(error as u32, &[]))?;
        Ok(Receipt {
            signature: "landed".into(),
            fee: Some(FEE),
            ..Receipt::default()
        })
    }

    async fn simulate(&self, _: &[Instruction], _: &[Pubkey]) -> Result<Simulated, ChainError> {
        Ok(Simulated::default())
    }

    async fn wait(&self, _: std::time::Duration) {}
}

#[async_trait]
impl Heads for Node {
    async fn heads(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.accounts(keys).await
    }
}

/// A node without a fee market.
pub struct Free(pub Arc<Node>);

impl Priced for Free {
    fn at(&self, _: u64) -> Arc<dyn Chain> {
        Arc::<Node>::clone(&self.0)
    }
}
