//! A domain with its council, board, breakers, proposals and incident as one value, and a step made of nothing but
//! [`crate::acts`]. The exhaustive check walks it, and the lockstep test runs it next to the built program.
//!
//! One file a mechanism: its actions' steps are methods of [`State`] there, and [`State::step`] picks them by action.
//!
//! Not for programs: it allocates, and exists under the feature `machine` only.

mod breakers;
pub mod checkpoints;
mod contagion;
mod custody;
mod decision;
mod detectors;
mod host;
mod incident;
pub mod insurance;
mod messages;
pub mod proofs;
mod proposals;
mod queue;
pub mod recovery;

use alloc::{rc::Rc, vec, vec::Vec};

use bulkhead_interface::{
    Pubkey, discriminator,
    layout::{Council, Domain, Incident, Link, OutflowBreaker, PauseBoard, Peer, Proposal},
};

use self::decision::join;
use crate::{
    CoreError,
    acts::{self, At},
    breakers::window::Limits,
    domain::council,
    permissiveness::{AnyDetector, Safety},
};

pub use self::{
    breakers::BreakerPlan,
    contagion::Upstream,
    custody::{Custody, CustodyAction, Token},
    decision::Decision,
    detectors::Which,
    host::{Host, HostAction},
    messages::{PeerAction, PeerPlan},
};

/// Where accounts are. Incidents and proposals come with their bumps, by number; there are as many as are listed.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// The domain.
    pub domain: Pubkey,
    /// The breakers, in order.
    pub breakers: Vec<Pubkey>,
    /// Other detectors, in order.
    pub detectors: Vec<Pubkey>,
    /// Domains that it can depend on.
    pub upstreams: Vec<Upstream>,
    /// Peers that it can hear, with the bumps of their PDAs, by number.
    pub peers: Vec<(Pubkey, u8)>,
    /// The incidents.
    pub incidents: Vec<(Pubkey, u8)>,
    /// The releases.
    pub releases: Vec<(Pubkey, u8)>,
    /// Bumps of guardians' lists of releases to cancel: by guardian, then by incident.
    pub cancel_lists: Vec<(Pubkey, Vec<u8>)>,
    /// The migrations, as many as incidents.
    pub migrations: Vec<(Pubkey, u8)>,
    /// The proposals: by proposer, then by number. Numbers are counted over all proposers here.
    pub proposals: Vec<(Pubkey, Vec<(Pubkey, u8)>)>,
    /// Who pays for proposals.
    pub payer: Pubkey,
}

/// What somebody does. Breakers and proposals are named by their numbers.
#[derive(Clone, Debug)]
pub enum Action {
    /// Time passes; nobody does anything.
    Wait {
        /// Slots.
        slots: u64,
        /// Seconds.
        seconds: i64,
    },
    /// `heartbeat`.
    Heartbeat,
    /// `pause`.
    Pause {
        /// A compartment or the domain.
        scope: u8,
        /// Actions; 0 for the default.
        mask: u32,
    },
    /// `open_incident`.
    OpenIncident,
    /// `confirm_incident`.
    Confirm,
    /// `close_lapsed_incident`.
    Lapse,
    /// `meter_outflow`.
    Meter(usize, u64),
    /// `lower_limit`.
    LowerLimit(usize, Limits),
    /// `propagate_trip`.
    Propagate(Which),
    /// `observe_authority` of a watch: the authority it finds.
    ObserveAuthority(usize, Pubkey),
    /// `observe_solvency`: liabilities and reserves as they are.
    ObserveSolvency(usize, u128, u128),
    /// `observe_price` of the one account a breaker reads, which its program owns and which holds this.
    ObservePrice(usize, Vec<u8>),
    /// `propagate_contagion` along a link whose upstream closes this mask for so many seconds.
    Carry(usize, u32, i64),
    /// Something about a peer.
    Peer(PeerAction),
    /// `propose`.
    Propose(Decision),
    /// `edit_proposal`.
    Edit(usize, Decision),
    /// `approve`, naming the payload and the slot as they stand.
    Approve(usize),
    /// `withdraw_approval`.
    Withdraw(usize),
    /// `veto`.
    Veto(usize),
    /// Whatever executes the proposal.
    Execute(usize),
    /// Something about custody.
    Custody(CustodyAction),
    /// Something the host is made to do.
    Host(HostAction),
}

/// A domain and everything of it that the acts are about. Parts are shared until they change.
#[derive(Clone)]
pub struct State {
    /// The clock.
    pub at: At,
    /// The domain.
    pub domain: Rc<Domain>,
    /// Its council.
    pub council: Rc<Council>,
    /// Its board.
    pub board: Rc<PauseBoard>,
    /// Its breakers.
    pub breakers: Rc<Vec<(Pubkey, OutflowBreaker)>>,
    /// Its other detectors.
    pub detectors: Rc<Vec<(Pubkey, AnyDetector)>>,
    /// Its links.
    pub links: Rc<Vec<(Pubkey, Link)>>,
    /// Its peers.
    pub peers: Rc<Vec<(Pubkey, Peer)>>,
    /// Its incidents, in order.
    pub incidents: Rc<Vec<Incident>>,
    /// Its proposals, with what they decide.
    pub proposals: Rc<Vec<(Proposal, Decision)>>,
    /// What it holds for others.
    pub custody: Rc<Custody>,
    /// What its host does for it.
    pub host: Rc<Host>,
}

impl State {
    /// The board's account data.
    #[must_use]
    pub fn board_bytes(&self) -> Vec<u8> {
        join(&[&discriminator::PAUSE_BOARD, bytemuck::bytes_of(&*self.board)])
    }

    /// What `core::permissiveness` compares; `board` is [`State::board_bytes`].
    #[must_use]
    pub fn safety<'a>(&'a self, board: &'a [u8]) -> Safety<'a> {
        Safety {
            domain: &self.domain,
            council: &self.council,
            board,
            breakers: &self.breakers,
            vaults: &self.custody.vaults,
            releases: &self.custody.releases,
            ledgers: &self.custody.queue_ledgers,
            links: &self.links,
            detectors: &self.detectors,
            emergency_actions: &[],
        }
    }

    /// The state after `signer` does something.
    ///
    /// # Errors
    /// What the act says; an account that is not there is [`CoreError::ArgumentOutOfRange`].
    pub fn step(&self, keys: &Keys, signer: &Pubkey, action: &Action) -> Result<Self, CoreError> {
        let mut next = self.clone();
        next.act(keys, signer, action)?;
        Ok(next)
    }

    fn act(&mut self, keys: &Keys, signer: &Pubkey, action: &Action) -> Result<(), CoreError> {
        match action {
            Action::Wait { slots, seconds } => self.wait(*slots, *seconds),
            Action::Heartbeat => self.heartbeat(signer),
            Action::Pause { scope, mask } => self.pause(signer, *scope, *mask),
            Action::OpenIncident => self.open_incident(keys, signer),
            Action::Confirm => self.confirm(keys, signer),
            Action::Lapse => self.lapse(keys),
            Action::Meter(number, amount) => self.meter(*number, signer, *amount),
            Action::LowerLimit(number, limits) => self.lower_limit(*number, signer, limits),
            Action::Propagate(which) => self.propagate(keys, *which),
            Action::ObserveAuthority(number, found) => self.observe_authority(keys, *number, found),
            Action::ObserveSolvency(number, liabilities, reserves) => {
                self.observe_solvency(keys, *number, *liabilities, *reserves)
            }
            Action::ObservePrice(number, data) => self.observe_price(keys, *number, data),
            Action::Carry(number, mask, seconds) => self.carry_link(*number, *mask, *seconds),
            Action::Peer(action) => self.about_a_peer(signer, action),
            Action::Propose(decision) => self.propose(keys, signer, decision),
            Action::Edit(number, decision) => self.edit(keys, signer, *number, decision),
            Action::Approve(number) => self.approve(signer, *number),
            Action::Withdraw(number) => self.withdraw(signer, *number),
            Action::Veto(number) => self.veto(signer, *number),
            Action::Execute(number) => self.execute(keys, *number),
            Action::Custody(action) => self.custody(keys, signer, action),
            Action::Host(action) => self.host(keys, signer, *action),
        }
    }

    /// Names the last sign of life as it stands.
    fn heartbeat(&mut self, signer: &Pubkey) -> Result<(), CoreError> {
        let member = council::members(&self.council).iter().find(|m| m.key == *signer);
        let last = member.map_or(0, |member| member.last_active_ts);
        acts::heartbeat(Rc::make_mut(&mut self.council), signer, last, self.at.now).map(|_| ())
    }

    fn wait(&mut self, slots: u64, seconds: i64) -> Result<(), CoreError> {
        self.at.slot = self.at.slot.checked_add(slots).ok_or(CoreError::Overflow)?;
        self.at.now = self.at.now.checked_add(seconds).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    /// A state to start from: nothing has happened yet.
    #[must_use]
    pub fn new(
        at: At,
        domain: Domain,
        council: Council,
        board: PauseBoard,
        breakers: Vec<(Pubkey, OutflowBreaker)>,
    ) -> Self {
        Self {
            at,
            domain: Rc::new(domain),
            council: Rc::new(council),
            board: Rc::new(board),
            breakers: Rc::new(breakers),
            detectors: Rc::new(vec![]),
            links: Rc::new(vec![]),
            peers: Rc::new(vec![]),
            incidents: Rc::new(vec![]),
            proposals: Rc::new(vec![]),
            custody: Rc::default(),
            host: Rc::default(),
        }
    }
}
