//! Random arguments for what configures or loosens, as somebody might want them now.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{self, instruction as spl};
use bulkhead::{decision::Decision, instructions::*};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    custody::release_list,
    snapshots::{frontier, root},
};
use bulkhead_guard::action::{BORROW, DEFAULT_EMERGENCY, TRADE, WITHDRAW};
use bulkhead_interface::{
    constants::{
        MIN_CHECKPOINT_INTERVAL, MIN_ESCAPE_SECONDS, MIN_KEEP_SECONDS, SCOPE_DOMAIN, SHARDS, phase, role,
        snapshot_state,
    },
    layout::{Ballot, Snapshot, SnapshotShard},
};
use bulkhead_testbed::{VOTE_SECONDS, associated_token, fallback};
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

use crate::{
    args::{Args, Seal},
    moves::Table,
    said,
    site::{COMPARTMENTS, EMERGENCY_ACTIONS, LEDGERS, VAULTS},
};

const HOUR: i64 = 3_600;

impl Table<'_> {
    pub fn args(&mut self) -> Option<Args> {
        let rights: u32 = (self
            .now
            .council
            .members
            .iter()
            .take(self.now.council.member_count.into()))
        .filter(|member| member.roles & role::GUARDIAN != 0)
        .map(|member| u32::from(member.pause_rights))
        .sum();
        if rights < 2 && self.rng.percent(60) {
            return self.council();
        }
        if rights < 5 && self.rng.percent(20) {
            return self.grant();
        }
        if self.rng.percent(65)
            && let Some(args) = self.way_out()
        {
            return Some(args);
        }
        match self.rng.below(27) {
            0 => self.resume(),
            1 => self.reopen(),
            2 => self.restoration(),
            3 | 4 => self.route(),
            5 | 6 => self.breaker_args(),
            7 | 8 => self.vault_args(),
            9 => self.ledger(),
            10 | 11 => self.limit(),
            12 => self.council(),
            13 | 14 => self.detector_args(),
            15 if self.rng.percent(50) => Some(Decision::RegisterPeer(said::terms(self.rng)).into()),
            15 => self.link(),
            16 | 17 => self.emergency_action(),
            18 | 19 => self.checkpoint_rules(),
            20 => self.redirect_claims(),
            21 | 22 => self.run_instruction(),
            23 => self.cancel_releases(),
            24 => self.recovery_rules(),
            25 => self.ballot_rules(),
            _ => self.override_seal(),
        }
    }

    /// What leads out of an incident, or sets right what the last one left behind.
    fn way_out(&mut self) -> Option<Args> {
        match (self.now.domain.state, self.rng.below(10)) {
            (phase::ALERT, _) | (phase::FROZEN, 0) => self.resume(),
            (phase::FROZEN, 1..5) => self.override_seal(),
            (phase::FROZEN, _) => self.restoration(),
            (phase::RECOVERING, 0..5) => self.reopen(),
            (phase::RECOVERING, 5..7) => self.restoration(),
            (phase::RECOVERING, 7) => self.override_seal(),
            (phase::RECOVERING, _) => self.redirect_claims(),
            // A ledger that is asked for, and what is in the recovery accounts.
            (phase::OPERATING, 0) if self.now.ledgers.len() < usize::from(LEDGERS) => self.ledger(),
            (phase::OPERATING, 1..3) => self.run_instruction(),
            (phase::OPERATING, 3) if self.now.logs.len() < 2 => self.checkpoint_rules(),
            (phase::OPERATING, 4) => self.detector_args(),
            (phase::OPERATING, 5) => self.grant(),
            _ => None,
        }
    }

    /// Without a restart check: whether the host is covered is not this model's to say.
    fn recovery_rules(&mut self) -> Option<Args> {
        Some(
            Decision::SetRecoveryRules(SetRecoveryRulesArgs {
                escape_seconds: self.rng.pick(&[0, MIN_ESCAPE_SECONDS, 2 * MIN_ESCAPE_SECONDS]),
                restart_check_seconds: 0,
            })
            .into(),
        )
    }

    /// Without a plug-in and a dispute window: `recovery_lockstep.rs` has those in random order, and core's
    /// `recovery_scope` in every order.
    fn ballot_rules(&mut self) -> Option<Args> {
        let none = Pubkey::default();
        Some(
            Decision::SetBallotRules(SetBallotRulesArgs {
                weight_program: none,
                weight_realm: none,
                max_weight_record: none,
                is_targeted: false,
                cool_off_seconds: self.rng.pick(&[0, 3_600, VOTE_SECONDS / 2]),
                dispute_seconds: 0,
            })
            .into(),
        )
    }

    fn grant(&mut self) -> Option<Args> {
        let members = self.site.model.members(role::ALL);
        Some(
            Decision::GrantRights(GrantRightsArgs {
                member: self.rng.pick(&members),
                pause_rights: self.rng.byte(4),
            })
            .into(),
        )
    }

    /// A call of the token program that changes nothing, and one that an emergency action must not make.
    fn emergency_action(&mut self) -> Option<Args> {
        let protocol = &self.site.protocol;
        let (domain, recovery_account) = (protocol.domain, protocol.recovery_account);
        let take = spl::transfer(&spl_token::ID, &recovery_account, &self.site.users[0], &domain, &[], 0)
            .expect("well formed");
        let look = Instruction {
            program_id: spl_token::ID,
            accounts: vec![AccountMeta::new_readonly(protocol.mint, false)],
            data: vec![21],
        };
        let call = if self.rng.percent(25) { take } else { look };
        Some(
            Decision::RegisterEmergencyAction(RegisterEmergencyActionArgs {
                index: self.rng.byte(u64::from(EMERGENCY_ACTIONS)),
                instruction: ix::stored(&call),
            })
            .into(),
        )
    }

    fn resume(&mut self) -> Option<Args> {
        let incident = self.last_incident()?;
        Some(Decision::Resume(ResumeArgs { incident }).into())
    }

    fn reopen(&mut self) -> Option<Args> {
        let incident = self.last_incident()?;
        Some(
            Decision::Reopen(ReopenArgs {
                incident,
                ramp_bps: self.rng.pick(&[2_500, 5_000, 5_000, 10_000, 10_000, 0, 10_001]),
                grace_seconds: self.rng.pick(&[0, HOUR, 24 * HOUR, -1]),
            })
            .into(),
        )
    }

    fn restoration(&mut self) -> Option<Args> {
        let incident = self.last_incident()?;
        let mut elected: Vec<_> = (0..LEDGERS).filter(|number| self.is_elected(*number)).collect();
        // Often enough somebody asks before the vote is over.
        if elected.is_empty() && self.rng.percent(20) {
            elected.push(self.a_ledger());
        }
        let number = (!elected.is_empty()).then(|| self.rng.pick(&elected))?;
        let snapshot = self.leading(&incident, number);
        let sealed = self.machine.try_load::<Snapshot>(&snapshot);
        Some(
            Decision::ChooseRestoration(ChooseRestorationArgs {
                incident,
                snapshot,
                root: sealed.map(|snapshot| snapshot.root).unwrap_or_default(),
                ledger_index: number,
            })
            .into(),
        )
    }

    /// The snapshot that most have voted for, or that of the incident itself.
    fn leading(&self, incident: &Pubkey, number: u8) -> Pubkey {
        let ballot = self.machine.try_load::<Ballot>(&pda::ballot(incident, number));
        let most = ballot.and_then(|ballot| {
            let voted = ballot.candidates.into_iter().filter(|candidate| candidate.votes > 0);
            voted.max_by_key(|candidate| candidate.votes)
        });
        most.map_or(pda::snapshot(incident, number), |candidate| candidate.snapshot)
    }

    /// By what a shard gives now, if it has been read, or by something else.
    fn override_seal(&mut self) -> Option<Args> {
        let (incident, number) = (self.last_incident()?, self.a_ledger());
        let held = &self.site.holdings[usize::from(number)];
        let (total_account, said) = (held.total, held.said);
        let snapshot = pda::snapshot(&incident, number);
        let crankers = self.site.crankers();
        let shard = pda::shard(&snapshot, held.shard, &self.rng.pick(&crankers));
        let place = usize::from(held.shard);
        let mut state = self.machine.try_load::<SnapshotShard>(&shard)?;
        let mut roots = [root::empty_shard(); SHARDS];
        roots[place] = match state.state {
            snapshot_state::OPEN => frontier::finish(&mut state).ok()?,
            _ => frontier::finished(&state).ok()?,
        };
        let (node, count) = root::seal(&mut roots).ok()?;
        let seal = Seal {
            incident,
            snapshot,
            ledger: number,
            total_account,
            shard,
        };
        // Mostly a bound that holds.
        let missing = said.saturating_sub(node.sum);
        let args = OverrideSealArgs {
            snapshot,
            root: node.hash,
            total: node.sum,
            count: count.into(),
            max_excess: 0,
            max_shortfall: missing.saturating_sub(u64::from(self.rng.percent(20))),
        };
        Some(Args::override_seal(args, seal))
    }

    /// Where an owner's claims go while its own account cannot take them.
    fn redirect_claims(&mut self) -> Option<Args> {
        let restoration = self.site.plans.last()?.key;
        let rows = &self.site.holdings[0].positions;
        let mut owners: Vec<_> = rows.iter().map(|row| row.owner).collect();
        if self.rng.percent(90) {
            // Who can sign names an account itself.
            owners.retain(|owner| !owner.is_on_curve());
        }
        let owner = self.rng.pick(&owners);
        let user = self.rng.index(self.site.users.len());
        let holder = self.site.user(usize::from(self.rng.percent(10)) ^ user).pubkey();
        Some(
            Decision::RedirectClaims(RedirectClaimsArgs {
                restoration,
                owner,
                destination: self.site.users[user],
                holder,
            })
            .into(),
        )
    }

    /// A list of one or two queued releases.
    fn cancel_releases(&mut self) -> Option<Args> {
        let (key, release) = self.a_release()?;
        let (other, second) = self.a_release()?;
        let leaf = release_list::leaf(&key, release.requested_slot);
        let root = if key == other {
            leaf
        } else {
            release_list::node(&leaf, &release_list::leaf(&other, second.requested_slot))
        };
        let vault = release.vault;
        Some(Decision::CancelReleases(CancelReleasesArgs { vault, root }).into())
    }

    /// Tokens of the domain's back into custody, or to a user; votes, now and then, which stay.
    fn run_instruction(&mut self) -> Option<Args> {
        let (domain, mint) = (self.site.protocol.domain, self.site.protocol.mint);
        let home = associated_token(&domain, &mint);
        let purses: Vec<_> = self.site.recovery_accounts.iter().copied().chain([home]).collect();
        let (from, to) = match self.rng.below(12) {
            0 => (pda::votes(&domain), self.site.users[0]),
            1 => (self.rng.pick(&purses), self.rng.pick(&self.site.users)),
            _ => {
                let vault = self.rng.byte(self.now.vaults.len() as u64);
                let custody = pda::custody(&self.site.vault(vault).vault);
                let fullest = purses.iter().max_by_key(|purse| self.machine.balance(purse));
                (*fullest.expect("there are some"), custody)
            }
        };
        let amount = self.machine.balance(&from);
        let transfer = spl::transfer(&spl_token::ID, &from, &to, &domain, &[], amount).expect("well formed");
        Some(Decision::RunInstruction(ix::stored(&transfer)).into())
    }

    fn route(&mut self) -> Option<Args> {
        // The others are seldom open.
        let index = if self.rng.percent(80) {
            0
        } else {
            self.rng.byte(u64::from(VAULTS))
        };
        let keys = self.site.vault(index);
        let destination = match self.rng.below(8) {
            0 => pda::custody(&keys.vault),
            1 => self.site.protocol.mint,
            _ => self.rng.pick(&self.site.recovery_accounts),
        };
        let vault = keys.vault;
        Some(Decision::RegisterEvacuationRoute(RegisterEvacuationRouteArgs { vault, destination }).into())
    }

    fn breaker_args(&mut self) -> Option<Args> {
        // Shard 1 of compartment 1 meters the second vault, everything else the host.
        let (compartment, shard) = (self.rng.byte(u64::from(COMPARTMENTS)), self.rng.byte(2));
        let key = self.site.breaker(compartment, shard);
        if self.now.breakers.iter().any(|(own, _)| *own == key) && !self.rng.percent(10) {
            return self.limit();
        }
        let is_vaults = compartment == 1 && shard == 1;
        let authority = if is_vaults {
            self.site.vault(1).vault
        } else {
            self.site.host.pubkey()
        };
        Some(
            Decision::OpenBreaker(OpenBreakerArgs {
                compartment,
                shard,
                mint: self.site.protocol.mint,
                authority,
                sub_windows: self.rng.pick(&[4, 6, 12, 12, 24, 25]),
                trip_scope: self.rng.pick(&[SCOPE_DOMAIN, compartment]),
                window_seconds: self.rng.pick(&[600, HOUR, 25 * HOUR]),
                limit: 60_000,
                slot_limit: self.rng.pick(&[20_000, 60_000]),
                latch_seconds: self.rng.pick(&[60, HOUR, 24 * HOUR]),
                shards: self.rng.pick(&[1, 2, 2]),
                limit_bps: self.rng.pick(&[0, 500, 2_000]),
                slot_bps: self.rng.pick(&[0, 500]),
                reference: self.site.protocol.custody(),
                inflow_credit: self.rng.pick(&[0, 2_500, 60_000]),
                trip_limit: 0,
                trip_bps: 0,
            })
            .into(),
        )
    }

    fn vault_args(&mut self) -> Option<Args> {
        let keys = self.site.vault(1);
        if self.now.vaults.len() > 1 && !self.rng.percent(10) {
            return self.route();
        }
        Some(
            Decision::OpenVault(OpenVaultArgs {
                index: 1,
                compartment: 1,
                operator: self.site.protocol.operator.pubkey(),
                breaker: keys.breaker,
                mint: keys.mint,
                queue_seconds: self.rng.pick(&[HOUR, 12 * HOUR, 24 * HOUR, 0]),
                ledger: self.rng.byte(u64::from(LEDGERS)),
            })
            .into(),
        )
    }

    fn ledger(&mut self) -> Option<Args> {
        // Two are there from the start.
        let number = if self.rng.percent(70) { 2 } else { self.rng.index(2) };
        let mut args = self.site.holdings[number].args(&self.site.protocol);
        // What counts what another counts is refused.
        if self.rng.percent(20) {
            args.filters = self.site.holdings[0].args(&self.site.protocol).filters;
        }
        Some(Decision::RegisterLedger(args).into())
    }

    fn checkpoint_rules(&mut self) -> Option<Args> {
        Some(
            Decision::OpenCheckpointLog(OpenCheckpointLogArgs {
                ledger_index: self.rng.byte(2),
                threshold: self.rng.pick(&[1, 2, 2, 4]),
                min_interval_slots: self
                    .rng
                    .pick(&[MIN_CHECKPOINT_INTERVAL, 2 * MIN_CHECKPOINT_INTERVAL, 1]),
                keep_seconds: MIN_KEEP_SECONDS - i64::from(self.rng.percent(5)),
                tolerance_bps: self.rng.pick(&[10, 100, 100, 2_000, 1]),
                published_only: self.rng.percent(5),
            })
            .into(),
        )
    }

    fn limit(&mut self) -> Option<Args> {
        let limit = 1 + self.rng.below(200_000);
        let breakers = self.now.breakers.len();
        let index = self.rng.index(breakers);
        let (breaker, state) = *self.now.breakers.get(index)?;
        let is_referred = state.reference != Pubkey::default();
        Some(
            Decision::SetLimit(SetLimitArgs {
                breaker,
                limit,
                slot_limit: limit * self.rng.below(105) / 100,
                limit_bps: if is_referred {
                    self.rng.pick(&[0, 600, 2_000])
                } else {
                    0
                },
                slot_bps: if is_referred { self.rng.pick(&[0, 300]) } else { 0 },
                inflow_credit: limit * self.rng.below(5) / 100,
                trip_limit: 0,
                trip_bps: 0,
            })
            .into(),
        )
    }

    fn link(&mut self) -> Option<Args> {
        let upstream = if self.rng.percent(5) {
            self.site.protocol.domain
        } else {
            self.site.upstream
        };
        Some(
            Decision::SetLink(SetLinkArgs {
                upstream,
                upstream_scope: self.rng.pick(&[SCOPE_DOMAIN, 0, 1, 2, 64]),
                upstream_mask: self.rng.pick(&[u32::MAX, u32::MAX, WITHDRAW, TRADE | BORROW, 0]),
                compartments: self.rng.pick(&[0, 0b1, 0b110, u64::MAX]),
                mask: self.rng.pick(&[0, TRADE, WITHDRAW | BORROW]),
            })
            .into(),
        )
    }

    pub fn council(&mut self) -> Option<Args> {
        let both = role::GUARDIAN | role::APPROVER | role::ATTESTER;
        // Member 2 makes way for the alternate, or the other way round.
        let third = self.rng.pick(&[2, 5]);
        let roles = [
            (0, both),
            (1, both),
            (third, both),
            (3, role::VETOER),
            (4, role::APPROVER),
        ];
        let mut policy = || {
            let delay_seconds = self.rng.within(HOUR, 3 * HOUR);
            PolicyConfig {
                threshold: 1 + self.rng.byte(3),
                delay_seconds,
                expiry_seconds: delay_seconds + self.rng.within(24, 9 * 24) * HOUR,
            }
        };
        let policies = [policy(), policy(), policy(), policy()];
        Some(
            Decision::ChangeCouncil(CouncilConfig {
                members: roles
                    .map(|(index, roles): (usize, u8)| MemberConfig {
                        key: self.site.keys[index].pubkey(),
                        roles,
                    })
                    .to_vec(),
                freeze_threshold: self.rng.pick(&[1, 2, 2, 3, 4]),
                pause_rights: self.rng.pick(&[3, 6, 9]),
                veto_rights: self.rng.pick(&[2, 5, 200]),
                guardian_pause_seconds: self.rng.within(HOUR, 12 * HOUR),
                trip_seconds: self.rng.within(HOUR, 72 * HOUR),
                // Some close withdrawals, and some do not.
                default_mask: self.rng.pick(&[DEFAULT_EMERGENCY, u32::MAX, TRADE | BORROW]),
                policies,
                // Days pass in the model: some fall silent, and come back.
                heartbeat_seconds: self.rng.pick(&[2, 4, 30]) * 24 * HOUR,
                guardian_pauses_per_day: self.rng.pick(&[1, 2, 9]),
                guardian_pauses_in_a_row: self.rng.pick(&[1, 2, 9]),
                fallback: fallback().pubkey(),
                fallback_seconds: 7 * 24 * HOUR,
            })
            .into(),
        )
    }
}
