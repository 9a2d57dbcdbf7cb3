//! What Rust says of every account and every part.

use super::*;

/// What Rust says of a layout.
pub struct Layout {
    pub name: &'static str,
    /// As Anchor has it, as the interface crate has it, and the name of the PDA's seed.
    pub account: Option<(&'static [u8], [u8; 8], &'static str)>,
    pub size: usize,
    pub fields: Vec<(&'static str, usize)>,
}

macro_rules! layout {
    ($layout:ident $(, $discriminator:ident, $seed:literal)?: $($field:ident)*) => {
        Layout {
            name: stringify!($layout),
            account: [$(($layout::DISCRIMINATOR, discriminator::$discriminator, $seed))?].first().copied(),
            size: size_of::<$layout>(),
            fields: vec![$((stringify!($field), core::mem::offset_of!($layout, $field))),*],
        }
    };
}

/// Every account, in the order an emergency needs them.
#[rustfmt::skip]
pub fn accounts() -> Vec<Layout> {
    vec![
        layout!(Domain, DOMAIN, "SEED_DOMAIN": version bump state flags quorum_bps proof_rules_bump padding setup_authority council board
            host_program governance_mint open_incident confirmed_slot incident_count vote_seconds activated_ts
            restoration spent_slot closed_slot escape_seconds restart_check_seconds rules_decided_slot frozen_ts
            refrozen_ts watches padding1 reserved),
        layout!(PauseBoard, PAUSE_BOARD, "SEED_BOARD": version bump state flags padding epoch grace_until domain_row
            rows domain council unpaused_slot linked_slot guardian_pause_slot frozen_slot closed_until
            open_seconds reserved),
        layout!(Council, COUNCIL, "SEED_COUNCIL": version bump state flags member_count freeze_threshold pause_rights
            veto_rights config_epoch domain board guardian_pause_seconds trip_seconds default_mask guardian_pauses_per_day
            guardian_pauses_in_a_row padding2 heartbeat_seconds fallback_seconds fallback policies members vetoes
            reserved),
        layout!(Proposal, PROPOSAL, "SEED_PROPOSAL": version bump state flags kind class approvals index config_epoch
            created_slot created_ts approved_ts approved_slot expires_ts domain proposer payer payload_hash payload_len removes
            vetoes place padding),
        layout!(EmergencyAction, EMERGENCY_ACTION, "SEED_EMERGENCY_ACTION": version bump state flags index steps instruction_len domain
            instruction_hash registered_ts decided_slot registered_steps reserved),
        layout!(DirectVault, DIRECT_VAULT, "SEED_DIRECT_VAULT": version bump state flags ledger decimals least_bps
            instruction_len padding evacuations domain source mint token_program route route_holder instruction_hash
            evacuation registered_ts decided_slot reserved),
        layout!(HostProgram, HOST_PROGRAM, "SEED_HOST_PROGRAM": version bump state flags padding confirmations
            config_epoch domain program incident build_hash build_spill build_decided_slot confirmed_slot decided_slot
            deployed_hash deployed_slot reserved),
        layout!(EmergencyRun, EMERGENCY_RUN, "SEED_EMERGENCY_RUN": version bump state flags next_step padding next_offset
            domain emergency_action guardian incident instruction_hash started_ts started_slot last_slot number padding2
            reserved),
        layout!(OutflowBreaker, OUTFLOW_BREAKER, "SEED_OUTFLOW": version bump state flags compartment shard sub_windows
            shards domain board latch mint authority window_seconds limit slot_limit inflow_credit last_slot
            slot_outflow bucket buckets inflows samples outflow inflow reference_min reference limit_bps slot_bps
            trip_bps padding lowered_slot trip_limit queued queues opened_slot turn_ts turn_bucket lowered_until
            base_limit base_slot_limit base_inflow_credit base_limit_bps base_slot_bps evacuations opened decided_slot
            reserved),
        layout!(PriceBreaker, PRICE_BREAKER, "SEED_PRICE": version bump state flags compartment kind width restarted domain
            board latch source account program price_offset time_offset confidence_offset noted padding2 exponent rules
            statistics looked_slot looked_ts still_ts still_slot lost_slot noted_seen decided_slot),
        layout!(SolvencyBreaker, SOLVENCY_BREAKER, "SEED_SOLVENCY": version bump state flags compartment reserve_count
            width padding domain board latch liabilities program offset tolerance_bps tolerance min_age_seconds
            suspect_ts latched_low latched_high reserves suspect_slot grown_ts grown_slot least_low least_high
            decided_slot reserved),
        layout!(AuthorityWatch, AUTHORITY_WATCH, "SEED_WATCH": version bump state flags compartment kind padding domain
            board latch account offset padding2 expected latched decided_slot reserved),
        layout!(Vault, VAULT, "SEED_VAULT": version bump state flags compartment index decimals route_fault domain board
            latch mint custody token_program operator breaker route route_holder route_ts queue_seconds evacuated_slot
            evacuations latched_fault ledger queue_ledger padding evacuation cancel_root
            cancel_decided_slot route_decided_slot queued),
        layout!(Release, RELEASE, "SEED_RELEASE": version bump state flags evacuations index amount paid requested_ts
            payable_ts requested_slot vault destination owner payer),
        layout!(DepositNote, DEPOSIT_NOTE, "SEED_DEPOSIT": version bump state flags evacuations vault owner payer entries
            opened_slot reserved),
        layout!(Ledger, LEDGER, "SEED_LEDGER": version bump state flags index mode length_rule amount_count owner_offset
            data_len total_offset total_width total_unit shortfall_bps domain program mint total_account total_program
            filters amounts scale slots export excess_bps interim_bps padding interim_cap interim_age_seconds
            interim_decided_slot queue_reserve queue_from queue_until reserved),
        layout!(CancelList, CANCEL_LIST, "SEED_CANCEL_LIST": version bump state flags padding vault incident guardian root
            slot ts reserved),
        layout!(MintLedgers, MINT_LEDGERS, "SEED_MINT_LEDGERS": version bump state flags padding domain mint ledgers
            reserved),
        layout!(Link, LINK, "SEED_LINK": version bump state flags upstream_scope padding domain board upstream
            upstream_board compartments upstream_mask mask decided_slot reserved),
        layout!(Peer, PEER, "SEED_PEER": version bump state flags chain finality pause_finality remote_scope transports
            padding domain board emitter sender bridge compartments remote_mask mask max_age_seconds rotation_seconds
            sequence window epoch pause_epoch request_epoch request_council_epoch request_ts request_slot council_epoch
            council_hash rights decided_slot attesters next_attesters next_from_ts checkpoints reserved),
        layout!(Incident, INCIDENT, "SEED_INCIDENT": version bump state flags cause padding0 confirmations index
config_epoch domain source breach_amount limit evacuated steps alarm_slot interim_slot restored reserved),
        layout!(Migration, MIGRATION, "SEED_MIGRATION": version bump state flags padding confirmations
            config_epoch domain incident),
        layout!(Snapshot, SNAPSHOT, "SEED_SNAPSHOT": version bump state flags ledger_index source shards_sealed
            domain incident ledger mint tag root total count opened_slot sealed_slot sealed_ts shards excess
            shortfall first_sealed_ts seals padding host_sum decided_slot checkpoint_slot),
        layout!(ProofRules, PROOF_RULES, "SEED_PROOF_RULES": version bump state flags padding domain key ledgers reopened
            reopened_ledgers key_slot decided_slot),
        layout!(ProofKey, PROOF_KEY, "SEED_PROOF_KEY": version bump state flags set_up padding page_size domain id points),
        layout!(SealedLedger, SEALED_LEDGER, "SEED_SEALED_LEDGER": version bump state flags role ledger_index padding domain incident
            snapshot payer tag total sealed_slot shards),
        layout!(StateProof, STATE_PROOF, "SEED_STATE_PROOF": version bump state flags ended ledger_index padding domain incident
            restoration payer key snapshots tags commitments pools totals sums paid products gamma beta),
        layout!(ProofRun, PROOF_RUN, "SEED_PROOF_RUN": version bump state flags role shard padding context reached proof prover),
        layout!(ProofCheck, PROOF_CHECK, "SEED_PROOF_CHECK": version bump state flags ledger_index padding domain incident
            restoration key successor pool slot decided_slot),
        layout!(SnapshotShard, SNAPSHOT_SHARD, "SEED_SHARD": version bump state flags shard canopy_height canopy_count
            padding sum count seen domain incident snapshot ledger tag cranker last_key frontier canopy
            host_sum seal padding1 accumulator),
        layout!(CheckpointLog, CHECKPOINT_LOG, "SEED_CHECKPOINTS": version bump state flags ledger_index threshold
            tolerance_bps domain ledger min_interval_slots keep_seconds posted entries restored_slot
            decided_slot reserved),
        layout!(LeafEvidence, LEAF_EVIDENCE, "SEED_EVIDENCE": version bump state flags index amount slot log checkpoint
            key owner payer levels is_last reserved),
        layout!(PositionSample, POSITION_SAMPLE, "SEED_SAMPLE": version bump state flags padding slot amount ts log key
            owner payer),
        layout!(Ballot, BALLOT, "SEED_BALLOT": version bump state flags ledger_index candidate_count round
            domain incident nominating_ts starts_ts ends_ts quorum none_votes candidates elected elected_root
            weight_program weight_realm weight_mint max_weight_record vetoed_root changed_ts first_ts
            cool_off_seconds dispute_seconds max_weight late_votes vetoes padding),
        layout!(BallotRules, BALLOT_RULES, "SEED_BALLOT_RULES": version bump state flags padding domain weight_program
            weight_realm max_weight_record cool_off_seconds dispute_seconds decided_slot reserved),
        layout!(VoterEscrow, VOTER_ESCROW, "SEED_ESCROW": version bump state flags padding amount locked_until domain
            voter recent),
        layout!(VoteRecord, VOTE_RECORD, "SEED_VOTE": version bump state flags choice padding round weight ballot
            voter),
        layout!(Restoration, RESTORATION, "SEED_RESTORATION": version bump state flags ledger_index decimals
claim_days domain incident snapshot mint pool token_program total count shared paid chosen_slot book rest_owner counted_ts counted_shared terms_slot reserved),
        layout!(ClaimPage, CLAIM_PAGE, "SEED_CLAIMS": version bump state flags page padding count padding1 restoration
            payer),
        layout!(ClaimRedirect, CLAIM_REDIRECT, "SEED_CLAIM_REDIRECT": version bump state flags padding domain restoration owner
            destination holder proposed_slot),
        layout!(Interim, INTERIM, "SEED_INTERIM": version bump state flags ledger_index decimals bps domain incident
            snapshot checkpoint snapshot_root restoration mint pool token_program snapshot_total checkpoint_total
            snapshot_count checkpoint_count cap shared paid opened_slot opened_ts snapshot_firsts sources
            restoration_bump stop_count padding stops reserved),
        layout!(InterimProof, INTERIM_PROOF, "SEED_INTERIM_PROOF": version bump state flags padding interim prover
            leaves),
        layout!(ClaimTerms, CLAIM_TERMS, "SEED_CLAIM_TERMS": version bump state flags ledger_index padding claim_days
            domain rest_owner decided_slot successor),
        layout!(RestartCheck, RESTART_CHECK, "SEED_RESTART_CHECK": version bump state flags ledger_index padding domain
            incident owed held slot ts decided_slot reserved),
        layout!(InsurancePool, INSURANCE_POOL, "SEED_INSURANCE": version bump state flags ledger_index order decimals
            padding domain mint tokens token_program incident next_incident assets shares reserve premium premium_ts
            premium_end_ts freeze_start_ts freeze_end_ts freeze_last_ts terms_ts decided_slot slashed terms next_terms
            reserved),
        layout!(InsuranceStake, INSURANCE_STAKE, "SEED_STAKE": version bump state flags padding pool owner shares cooling
            cooldown_end_ts window_end_ts reserved),
        layout!(InsuranceCover, INSURANCE_COVER, "SEED_COVER": version bump state flags order padding pool restoration
            shortfall before limit reserve slashed returned custody due_ts end_ts reserved),
    ]
}

/// What accounts are made of.
#[rustfmt::skip]
pub fn parts() -> Vec<Layout> {
    vec![
        layout!(BoardRow: freeze guardian_pause trip linked ramp_bps trip_slot guardian_pause_until trip_until linked_until),
        layout!(Latch: state scope begun_slot seconds ts until slot seen allowed),
        layout!(NoteEntry: bucket amount),
        layout!(PriceRules: deviation variance_floor variance_cap max_age_seconds max_ahead_seconds min_interval_seconds
            stale_seconds max_confidence_bps warmup twap_seconds tau_seconds z_milli cusum_h_milli cusum_k_milli
            cusum_clip_milli),
        layout!(PriceState: oldest count padding observations first_ts last_ts seen_ts stale_ts log_price sum variance
            rise fall points),
        layout!(PricePoint: ts sum),
        layout!(Reserve: account mint),
        layout!(Authorities: reading padding slot program keys),
        layout!(Policy: threshold padding delay_seconds expiry_seconds),
        layout!(StandingVetoes: ts by padding),
        layout!(Member: key roles pause_rights guardian_pauses_today guardian_pauses_in_a_row guardian_pause_day last_active_ts active_from_ts
            last_guardian_pause_ts),
        layout!(ByteFilter: offset len bytes),
        layout!(AmountField: offset width flags padding),
        layout!(Scale: multiplier divisor shift padding),
        layout!(SlotTable: offset stride used_offset count used_width padding filter),
        layout!(Export: program accounts data data_len account_count position_accounts padding),
        layout!(Step: slot ts),
        layout!(Evacuation: incident destination before moved fee after slot ts drawn),
        layout!(ShardRoot: root count first),
        layout!(Pair: padding prefix left right),
        layout!(Node: hash sum),
        layout!(Checkpoint: slot total posted_slot posted_ts count config_epoch slot_hash root shards_hash previous hash
            attesters disputes threshold state published host_total agreed differed poster tolerance_bps flags padding),
        layout!(Candidate: snapshot root nominator votes),
        layout!(VoteDeposit: ts amount),
        layout!(InterimSource: vault drawn),
        layout!(ProvedLeaf: of padding index amount key owner),
        layout!(SealedShard: accumulator count),
        layout!(AttesterSet: epoch threshold count padding keys),
        layout!(PeerCheckpoint: slot sent_ts count total slot_hash root ledger padding),
        layout!(InsuranceTerms: cooldown_seconds window_seconds freeze_seconds funding_seconds minimum_assets cap_bps
            padding vaults detectors),
    ]
}
