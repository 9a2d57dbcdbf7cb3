//! A sentinel over an embedded machine: endpoints that are honest, lie, lag or never answer, and a clock that moves only
//! when somebody waits.
#![allow(dead_code, reason = "each test target uses a part")]

mod manners;

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::{chain::Chain, pda};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::{Council, Member, PauseBoard};
use bulkhead_sentinel::{
    act::{Endpoint, is_closed},
    clock::Clock,
    config::{self, File},
    hooks::Hook,
    sentinel::{Sentinel, Tools},
    serve::Shared,
    setup::{Setup, Who},
    source::{Event, Nudge, Order, Pace, Poller, Report, program::Whole},
    state::Store,
    view::CLOCK,
};
use bulkhead_testbed::{Machine, OnMachine, Protocol};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use manners::Offers;
#[allow(unused_imports, reason = "each test target uses a part")]
pub use manners::{Behaving, Fuse, Manner};

/// Milliseconds of a slot.
pub const SLOT_MS: u64 = 400;

/// A clock that moves with the machine: whoever waits moves it.
pub struct MachineClock {
    pub chain: Arc<OnMachine>,
    millis: AtomicU64,
}

impl MachineClock {
    pub fn new(chain: Arc<OnMachine>) -> Self {
        Self {
            chain,
            millis: AtomicU64::new(1),
        }
    }

    /// Moves to the next slot.
    pub fn slot(&self) {
        self.chain.machine().next_slot();
        self.millis.fetch_add(SLOT_MS, Ordering::SeqCst);
    }

    /// Moves by so many seconds.
    pub fn seconds(&self, seconds: i64) {
        self.chain.machine().warp_seconds(seconds);
        self.millis.fetch_add(seconds.unsigned_abs() * 1_000, Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for MachineClock {
    fn now(&self) -> i64 {
        self.chain.machine().clock().unix_timestamp
    }

    fn millis(&self) -> u64 {
        self.millis.load(Ordering::SeqCst)
    }

    /// First lets everybody else do what they can do now. Then time moves, by one slot at least.
    async fn sleep(&self, time: Duration) {
        for _ in 0..512 {
            tokio::task::yield_now().await;
        }
        let slots = u64::try_from(time.as_millis())
            .unwrap_or(u64::MAX)
            .div_ceil(SLOT_MS)
            .max(1);
        for _ in 0..slots {
            self.slot();
        }
    }
}

/// A sentinel and what it runs on.
pub struct Scene {
    pub chain: Arc<OnMachine>,
    pub clock: Arc<MachineClock>,
    pub protocol: Protocol,
    pub sentinel: Sentinel,
    pub endpoints: Vec<Endpoint>,
    pub sent: Vec<Arc<Mutex<Vec<Vec<Instruction>>>>>,
    pub prices: Arc<Mutex<Vec<u64>>>,
    pollers: Vec<Poller>,
    setup: Arc<Setup>,
    hooks: Arc<Vec<Hook>>,
    url: String,
    store: Arc<Store>,
}

/// The rules and switches of a test, in addition to what every test has.
pub fn file(domains: &[Pubkey], endpoints: usize, url: &str, more: &str) -> File {
    let domains: Vec<String> = domains.iter().map(|domain| format!("\"{domain}\"")).collect();
    let domains = domains.join(", ");
    let endpoints: String = (0..endpoints)
        .map(|number| format!("[[endpoint]]\nname = \"e{number}\"\nhttp = \"http://e{number}\"\n"))
        .collect();
    let text = format!("domains = [{domains}]\nstate = \"{url}\"\n{more}\n{endpoints}");
    config::parse(&text, Path::new("test.toml")).unwrap()
}

impl Scene {
    /// A sentinel with guardian 0 of the protocol's council, over endpoints of these manners.
    pub async fn new(
        machine: Machine,
        protocol: Protocol,
        guardian: &Keypair,
        manners: Vec<Manner>,
        folder: &Path,
        more: &str,
    ) -> Self {
        Self::among(machine, protocol, &[], guardian, manners, folder, more).await
    }

    /// The same for further domains.
    pub async fn among(
        machine: Machine,
        protocol: Protocol,
        others: &[Pubkey],
        guardian: &Keypair,
        manners: Vec<Manner>,
        folder: &Path,
        more: &str,
    ) -> Self {
        let keys: Vec<Keypair> = protocol
            .members
            .iter()
            .chain(std::iter::once(guardian))
            .chain(std::iter::once(&protocol.operator))
            .map(Keypair::insecure_clone)
            .collect();
        let chain = Arc::new(OnMachine::new(machine, keys));
        let clock = Arc::new(MachineClock::new(Arc::clone(&chain)));
        let url = format!("sqlite://{}", folder.join("state.db").display());
        let file = file(&[&[protocol.domain], others].concat(), manners.len(), &url, more);
        let who = Who {
            payer: Some(chain.payer()),
            guardian: Some(guardian.pubkey()),
            attester: None,
        };
        let setup = Arc::new(Setup::new(file, who).unwrap());
        let prices = Arc::new(Mutex::new(Vec::new()));
        let (mut endpoints, mut sent) = (Vec::new(), Vec::new());
        for (number, manner) in manners.into_iter().enumerate() {
            let list = Arc::new(Mutex::new(Vec::new()));
            let behaving: Arc<dyn Chain> = Arc::new(Behaving {
                machine: Arc::clone(&chain),
                manner,
                sent: Arc::clone(&list),
            });
            endpoints.push(Endpoint {
                name: format!("e{number}"),
                priced: Arc::new(Offers {
                    chain: Arc::clone(&behaving),
                    prices: Arc::clone(&prices),
                }),
                heads: Arc::new(Whole(Arc::clone(&behaving))),
                chain: behaving,
            });
            sent.push(list);
        }
        let store = Arc::new(Store::open(&url).await.unwrap());
        let hooks = Arc::new(Hook::all(&setup.file).unwrap());
        let sentinel = start(&setup, &endpoints, &store, &clock, &hooks).await;
        let pollers = pollers(&endpoints, &clock);
        Self {
            chain,
            clock,
            protocol,
            sentinel,
            endpoints,
            sent,
            prices,
            pollers,
            setup,
            hooks,
            url,
            store,
        }
    }

    /// As after a kill: whatever was in memory or in flight is gone, and the same state is opened again.
    pub async fn kill(&mut self) {
        self.sentinel.give_up().await;
        self.store.close().await;
        let store = Arc::new(Store::open(&self.url).await.unwrap());
        self.sentinel = start(&self.setup, &self.endpoints, &store, &self.clock, &self.hooks).await;
        self.pollers = pollers(&self.endpoints, &self.clock);
        self.store = store;
    }

    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    pub fn machine(&self) -> MutexGuard<'_, Machine> {
        self.chain.machine()
    }

    /// Every endpoint reports, and the sentinel takes one step.
    pub async fn look(&mut self) {
        self.report().await;
        self.sentinel.step().await;
    }

    /// Every endpoint reports. One that never answers is not waited for.
    pub async fn report(&mut self) {
        let wanted = self.sentinel.wanted();
        for (number, poller) in self.pollers.iter_mut().enumerate() {
            let events = tokio::select! {
                biased;
                events = poller.look(&wanted) => events,
                () = soon() => continue,
            };
            self.sentinel.take(number, events);
        }
    }

    /// Looks, finishes what was begun, and moves to the next slot; so many times.
    pub async fn turns(&mut self, turns: usize) {
        for _ in 0..turns {
            self.look().await;
            self.sentinel.settle().await;
            self.clock.slot();
        }
    }

    /// Looks until the duties of the first looks are done: everything is found and nothing is due.
    pub async fn warm_up(&mut self) {
        self.turns(12).await;
    }

    pub fn slot(&self) -> u64 {
        self.machine().clock().slot
    }

    /// Whether withdrawals are closed in compartment 0.
    pub fn is_paused(&self) -> bool {
        let machine = self.machine();
        let board = machine.account(&pda::board(&self.protocol.domain)).unwrap();
        is_closed(&board.data, 0, WITHDRAW, machine.clock().unix_timestamp)
    }

    pub fn board(&self) -> PauseBoard {
        self.machine().load(&pda::board(&self.protocol.domain))
    }

    /// Pause rights that a member has left.
    pub fn rights(&self, member: &Pubkey) -> u8 {
        self.member(member).pause_rights
    }

    /// When a member was last active.
    pub fn last_active(&self, member: &Pubkey) -> i64 {
        self.member(member).last_active_ts
    }

    fn member(&self, member: &Pubkey) -> Member {
        let council: Council = self.machine().load(&pda::council(&self.protocol.domain));
        *council.members.iter().find(|known| known.key == *member).unwrap()
    }
}

async fn soon() {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

async fn start(
    setup: &Arc<Setup>,
    endpoints: &[Endpoint],
    store: &Arc<Store>,
    clock: &Arc<MachineClock>,
    hooks: &Arc<Vec<Hook>>,
) -> Sentinel {
    let clock: Arc<dyn Clock> = Arc::<MachineClock>::clone(clock);
    let tools = Tools {
        endpoints: endpoints.to_vec(),
        store: Arc::clone(store),
        clock,
        hooks: Arc::clone(hooks),
        status: Shared::default(),
    };
    Sentinel::start(Arc::clone(setup), tools).await.unwrap()
}

fn pollers(endpoints: &[Endpoint], clock: &Arc<MachineClock>) -> Vec<Poller> {
    let pace = Pace {
        poll: Duration::from_millis(SLOT_MS),
        discover_millis: 2_000,
    };
    let poller = |endpoint: &Endpoint| {
        let clock: Arc<dyn Clock> = Arc::<MachineClock>::clone(clock);
        Poller::new(
            Arc::clone(&endpoint.chain),
            Arc::clone(&endpoint.heads),
            clock,
            Order::default(),
            pace,
            Arc::new(Nudge::default()),
        )
    };
    endpoints.iter().map(poller).collect()
}

/// A report of an account, as a read that began at `order`.
pub fn read(order: u64, reports: Vec<(Pubkey, Option<Account>)>) -> Event {
    let report = |(key, account)| Report {
        key,
        account,
        domain: None,
    };
    Event::Read(order, reports.into_iter().map(report).collect())
}

/// The clock sysvar at a slot and a time.
pub fn clock_account(slot: u64, now: i64) -> (Pubkey, Option<Account>) {
    let mut data = vec![0; 40];
    data[..8].copy_from_slice(&slot.to_le_bytes());
    data[32..].copy_from_slice(&now.to_le_bytes());
    let account = Account {
        lamports: 1,
        data,
        ..Account::default()
    };
    (CLOCK, Some(account))
}

/// A guardian's key that has no other role.
pub fn guardian() -> Keypair {
    bulkhead_testbed::keypair("sentinel")
}

/// A protocol whose council has [`guardian`] as an additional member, by a proposal like any other change.
pub fn guarded(machine: &mut Machine, protocol: &Protocol) {
    use bulkhead::instructions::MemberConfig;
    use bulkhead_client::instructions as ix;
    use bulkhead_interface::constants::role;
    let mut council = bulkhead_testbed::council_config(&protocol.members);
    council.members.push(MemberConfig {
        key: guardian().pubkey(),
        roles: role::GUARDIAN,
    });
    let authority = protocol.mature(machine, &council);
    protocol.must(machine, &[ix::change_council(authority, council)], &[]);
    machine.warp_seconds(60);
}

/// A machine with a guarded protocol, and a token account of its host that no vault and no breaker knows of.
pub fn world() -> (Machine, Protocol, Pubkey) {
    let (mut machine, protocol) = bulkhead_tests::world();
    guarded(&mut machine, &protocol);
    let treasury = treasury();
    machine.create_token_account(&treasury, &protocol.mint, &protocol.operator.pubkey(), FUNDS);
    (machine, protocol, treasury)
}

/// Tokens in the treasury.
pub const FUNDS: u64 = 1_000_000;

/// The token account of the host.
pub fn treasury() -> Pubkey {
    bulkhead_testbed::keypair("treasury").pubkey()
}

/// Leaves so much in the treasury: a theft that no breaker meters.
pub fn rob(machine: &mut Machine, protocol: &Protocol, left: u64) {
    machine.create_token_account(&treasury(), &protocol.mint, &protocol.operator.pubkey(), left);
}

/// A rule that pauses when more than a tenth of the treasury leaves within ten minutes.
pub fn drain_rule(act: &str) -> String {
    format!(
        "[[rule]]\nname = \"drain\"\nkind = \"outflow\"\naccounts = [\"{}\"]\nshare_bps = 1000\nwindow = \"10m\"\nact = \
         \"{act}\"\n",
        treasury()
    )
}
