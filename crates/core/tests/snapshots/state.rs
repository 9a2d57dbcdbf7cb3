//! What each action does to a state.

use super::*;

impl State {
    pub(super) fn new(broken: Broken) -> Self {
        let mut state = Self {
            broken,
            domain: Domain::zeroed(),
            incident: Incident::zeroed(),
            ledger: Ledger {
                domain: DOMAIN,
                mode: ledger_mode::BYTES,
                scale: identity(),
                // One of 40, 41 or 42.
                shortfall_bps: 100,
                excess_bps: 100,
                ..Ledger::zeroed()
            },
            snapshot: Snapshot::zeroed(),
            shards: [None; 3],
            total: ALL.into(),
            matured: [None; 2],
            is_restored: false,
            at: At { slot: 10, now: 1_000 },
        };
        state.domain.state = phase::FROZEN;
        state.domain.open_incident = INCIDENT;
        mark(&mut state.incident, step::BREACH, 9, 999);
        let keys = SnapshotKeys {
            domain: &DOMAIN,
            incident: &INCIDENT,
            ledger: &LEDGER,
            snapshot: &SNAPSHOT,
            bump: 255,
        };
        acts::open_snapshot(&state.domain, &state.ledger, &mut state.snapshot, &keys, &[], state.at).expect("held");
        state
    }

    pub(super) fn is_frozen(&self) -> bool {
        matches!(self.domain.state, phase::FROZEN | phase::RECOVERING)
    }

    pub(super) fn step(&mut self, action: Action) -> Result<(), CoreError> {
        match action {
            Action::Open(cranker) => {
                if self.shards[cranker].is_some() {
                    return Err(CoreError::ForeignAccount);
                }
                let mut shard = SnapshotShard::zeroed();
                let by = key(u8::try_from(cranker).expect("few"));
                acts::open_shard(&self.domain, (&SNAPSHOT, &self.snapshot), &mut shard, 0, &by, 255)?;
                self.shards[cranker] = Some(shard);
            }
            Action::Close(cranker) => {
                let shard = self.shards[cranker].ok_or(CoreError::ForeignAccount)?;
                let by = key(u8::try_from(cranker).expect("few"));
                acts::close_shard(Some((&SNAPSHOT, &self.snapshot)), &shard, &by)?;
                self.shards[cranker] = None;
            }
            Action::Ingest(cranker, position) => {
                let by = key(u8::try_from(cranker).expect("few"));
                let shard = self.shards[cranker].as_mut().ok_or(CoreError::ForeignAccount)?;
                let keys = ReaderKeys {
                    cranker: &by,
                    domain: &DOMAIN,
                    ledger: &LEDGER,
                };
                acts::require_reader(&self.domain, shard, &keys)?;
                let own = key(1 + u8::try_from(position).expect("few"));
                let mut intake = Intake::new(shard).map_err(CoreError::from)?;
                intake
                    .append(own.as_array(), &[7; 32], AMOUNTS[position % MOVED])
                    .map_err(CoreError::from)?;
            }
            Action::Seal(cranker) | Action::SealOf(cranker) => {
                let is_signed = matches!(action, Action::Seal(_)) || self.broken == Broken::HalfRead;
                let gathered = self.gather(cranker, is_signed)?;
                match self.broken {
                    Broken::CrankOverOverride => self.snapshot.flags = 0,
                    Broken::AnyTime if self.snapshot.seals > 0 => self.snapshot.first_sealed_ts = self.at.now,
                    Broken::ExcessIsFinal => self.snapshot.excess = 0,
                    Broken::ExactIsNone => self.snapshot.excess = u64::MAX,
                    _ => {}
                }
                let (domain, ledger) = (self.seen_domain(), self.ledger);
                let sum = self.shards[cranker].map_or(0, |shard| shard.sum);
                let sealing = Sealing {
                    domain: &domain,
                    ledger: &ledger,
                    host_total: Some(if self.broken == Broken::AnyTotal {
                        sum.into()
                    } else {
                        self.total
                    }),
                    factors: Factors::default(),
                    is_restored: self.is_restored && self.broken != Broken::Restored,
                    at: self.at,
                };
                acts::seal_snapshot(&mut self.snapshot, &mut self.incident, gathered, &sealing)?;
            }
            Action::Mature(cranker) => {
                let shard = self.shards[cranker].ok_or(CoreError::ForeignAccount)?;
                // A number of its own for each cranker.
                self.matured[cranker].get_or_insert((stated(&shard), self.at.slot));
            }
            Action::Override(cranker) => {
                let (stated, proposed) = self.matured[cranker].take().ok_or(CoreError::OverrideMismatch)?;
                self.run_override(cranker, &stated, proposed)?;
            }
            Action::Total(total) => self.total = total,
            Action::Slot => self.at.slot += 1,
            Action::Day => self.at.now += RESEAL_SECONDS,
            Action::Restore => {
                if self.snapshot.state != snapshot_state::SEALED || !self.is_frozen() {
                    return Err(CoreError::WrongPhase);
                }
                self.is_restored = true;
                self.domain.state = phase::RECOVERING;
            }
            Action::Reopen => {
                self.domain.state = phase::OPERATING;
                self.domain.open_incident = Pubkey::default();
            }
        }
        Ok(())
    }

    fn gather(&mut self, cranker: usize, is_signed: bool) -> Result<Gathered, CoreError> {
        let mut gathered = Gathered::default();
        let shard = self.shards[cranker].as_mut().ok_or(CoreError::ForeignAccount)?;
        gathered.take((&SNAPSHOT, &self.snapshot), shard, is_signed)?;
        if self.broken == Broken::Unmarked {
            shard.seal = 0;
        }
        Ok(gathered)
    }

    /// The domain as the acts see it.
    fn seen_domain(&self) -> Domain {
        let mut domain = self.domain;
        if self.broken == Broken::Thawed {
            (domain.state, domain.open_incident) = (phase::FROZEN, INCIDENT);
        }
        domain
    }

    pub(super) fn run_override(&mut self, cranker: usize, stated: &Stated, proposed: u64) -> Result<(), CoreError> {
        let gathered = self.gather(cranker, false)?;
        let mut stated = *stated;
        let proposed = match self.broken {
            Broken::FirstIsLast if self.snapshot.seals > 0 => return Err(CoreError::SnapshotSealed),
            Broken::TotalStopsOverride => {
                (stated.max_excess, stated.max_shortfall) = (0, 0);
                proposed
            }
            Broken::AnyOverride => u64::MAX,
            Broken::LastExecuted if self.snapshot.seals > 0 => {
                self.snapshot.decided_slot = self.snapshot.sealed_slot;
                proposed
            }
            _ => proposed,
        };
        let (domain, ledger) = (self.seen_domain(), self.ledger);
        let sealing = Sealing {
            domain: &domain,
            ledger: &ledger,
            host_total: Some(self.total),
            factors: Factors::default(),
            is_restored: self.is_restored && self.broken != Broken::Restored,
            at: self.at,
        };
        let incident = &mut self.incident;
        acts::override_seal(&mut self.snapshot, incident, gathered, &stated, proposed, &sealing).map(|_| ())
    }

    /// What an honest newcomer does, whatever was done before: reads everything into a shard of its own.
    pub(super) fn read_everything(&mut self) {
        self.shards[HONEST] = None;
        self.step(Action::Open(HONEST)).expect("a newcomer reads");
        for position in 0..AMOUNTS.len() {
            self.step(Action::Ingest(HONEST, position)).expect("a newcomer reads");
        }
    }

    /// How far this is from what the host says now.
    pub(super) fn distance(&self, total: u64) -> u128 {
        self.total.abs_diff(total.into())
    }

    pub(super) fn is_overridden(&self) -> bool {
        self.snapshot.flags & snapshot_flag::OVERRIDDEN != 0
    }

    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        bytemuck::bytes_of(&self.domain).hash(&mut hasher);
        bytemuck::bytes_of(&self.snapshot).hash(&mut hasher);
        for shard in &self.shards {
            shard.as_ref().map(bytemuck::bytes_of).hash(&mut hasher);
        }
        (self.total, self.is_restored, self.at.slot, self.at.now).hash(&mut hasher);
        let matured = self
            .matured
            .map(|one| one.map(|(stated, slot)| (stated.root, stated.total, slot)));
        matured.hash(&mut hasher);
        hasher.finish()
    }
}
