//! Accounts to the byte: discriminators, offsets and sizes in Rust, in the IDL, and in
//! `docs/layouts.md`, which this writes when it is run with `BULKHEAD_WRITE_DOCS=1`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::PathBuf,
};

use anchor_lang::Discriminator;
use bulkhead_interface::{constants::VERSION, discriminator, layout::*};
use serde_json::Value;

/// What Rust says of a layout.
struct Layout {
    name: &'static str,
    /// As Anchor has it, as the interface crate has it, and the name of the PDA's seed.
    account: Option<(&'static [u8], [u8; 8], &'static str)>,
    size: usize,
    fields: Vec<(&'static str, usize)>,
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
fn accounts() -> Vec<Layout> {
    vec![
        layout!(Domain, DOMAIN, "SEED_DOMAIN": version bump state flags quorum_bps padding setup_authority council board
            host_program governance_mint open_incident confirmed_slot incident_count vote_seconds activated_ts
            restoration spent_slot closed_slot escape_seconds restart_check_seconds rules_decided_slot frozen_ts
            refrozen_ts unfrozen_ts watches padding1 reserved),
        layout!(PauseBoard, PAUSE_BOARD, "SEED_BOARD": version bump state flags padding epoch grace_until domain_row
            rows domain council unpaused_slot linked_slot guardian_pause_slot frozen_slot reserved),
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
        layout!(Incident, INCIDENT, "SEED_INCIDENT": version bump state flags cause padding0 confirmations index
config_epoch domain source breach_amount limit evacuated steps alarm_slot interim_slot restored reserved),
        layout!(Migration, MIGRATION, "SEED_MIGRATION": version bump state flags padding confirmations
            config_epoch domain incident),
        layout!(Snapshot, SNAPSHOT, "SEED_SNAPSHOT": version bump state flags ledger_index source shards_sealed
            domain incident ledger mint tag root total count opened_slot sealed_slot sealed_ts shards excess
            shortfall first_sealed_ts seals padding host_sum decided_slot checkpoint_slot),
        layout!(SnapshotShard, SNAPSHOT_SHARD, "SEED_SHARD": version bump state flags shard canopy_height canopy_count
            padding sum count seen domain incident snapshot ledger tag cranker last_key frontier canopy
            host_sum seal padding1),
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
fn parts() -> Vec<Layout> {
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
        layout!(Export: program accounts data data_len account_count padding),
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
        layout!(InsuranceTerms: cooldown_seconds window_seconds freeze_seconds funding_seconds minimum_assets cap_bps
            padding vaults detectors),
    ]
}

/// The IDL, by name.
struct Idl {
    accounts: BTreeMap<String, Vec<u8>>,
    types: BTreeMap<String, Value>,
}

/// A field as the IDL has it.
struct Field {
    name: String,
    size: usize,
    kind: String,
    docs: String,
}

impl Idl {
    fn read() -> Self {
        let idl: Value = serde_json::from_str(include_str!("../../../idl/bulkhead.json")).expect("JSON");
        let named = |list: &str| -> Vec<(String, Value)> {
            let rows = idl[list].as_array().expect("a list");
            rows.iter().map(|row| (text(&row["name"]), row.clone())).collect()
        };
        let bytes = |row: &Value| serde_json::from_value(row["discriminator"].clone()).expect("bytes");
        Self {
            accounts: named("accounts")
                .into_iter()
                .map(|(name, row)| (name, bytes(&row)))
                .collect(),
            types: named("types").into_iter().collect(),
        }
    }

    fn docs(&self, layout: &str) -> String {
        docs(&self.types[layout])
    }

    fn fields(&self, layout: &str) -> Vec<Field> {
        let layout = &self.types[layout];
        assert_eq!(
            (&layout["serialization"], &layout["repr"]["kind"]),
            (&"bytemuck".into(), &"c".into())
        );
        let fields = layout["type"]["fields"].as_array().expect("a struct");
        let field = |field: &Value| {
            let (size, kind) = self.measure(&field["type"]);
            Field {
                name: text(&field["name"]),
                size,
                kind,
                docs: docs(field),
            }
        };
        fields.iter().map(field).collect()
    }

    /// Bytes of a type, and its name.
    fn measure(&self, kind: &Value) -> (usize, String) {
        if let Some(of) = kind["array"].as_array() {
            let (size, name) = self.measure(&of[0]);
            let count = of[1].as_u64().expect("a number");
            return (
                size * usize::try_from(count).expect("small"),
                format!("[{name}; {count}]"),
            );
        }
        if let Some(name) = kind["defined"]["name"].as_str() {
            let size = self.fields(name).iter().map(|field| field.size).sum();
            return (size, name.to_owned());
        }
        let name = text(kind);
        let size = match name.as_str() {
            "u8" => 1,
            "u16" => 2,
            "u32" => 4,
            "u64" | "i64" => 8,
            "pubkey" => 32,
            other => panic!("{other} has no place in an account"),
        };
        (size, name)
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn docs(value: &Value) -> String {
    let lines = value["docs"].as_array().expect("every layout and field is explained");
    lines.iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn discriminators_are_the_interfaces_and_unique() {
    let idl = Idl::read();
    let mut seen = BTreeSet::new();
    for layout in accounts() {
        let (anchor, interface, _) = layout.account.expect("an account");
        assert_eq!(anchor, interface, "{}", layout.name);
        assert_eq!(idl.accounts[layout.name], interface, "{}", layout.name);
        assert!(interface.starts_with(b"bh") && interface.is_ascii(), "{}", layout.name);
        assert!(seen.insert(interface), "{} is taken for another account", layout.name);
    }
}

#[test]
fn no_account_of_the_idl_is_forgotten() {
    let idl = Idl::read();
    let names: BTreeSet<_> = accounts().iter().map(|layout| layout.name.to_owned()).collect();
    assert_eq!(names, idl.accounts.keys().cloned().collect());
    let names: BTreeSet<_> = accounts()
        .iter()
        .chain(&parts())
        .map(|layout| layout.name.to_owned())
        .collect();
    let plain = idl
        .types
        .iter()
        .filter(|(_, layout)| layout["serialization"] == "bytemuck");
    assert_eq!(names, plain.map(|(name, _)| name.clone()).collect());
}

#[test]
fn fields_lie_where_the_idl_says_without_gaps() {
    let idl = Idl::read();
    for layout in accounts().iter().chain(&parts()) {
        let mut end = 0;
        let mut wanted = Vec::new();
        let fields = idl.fields(layout.name);
        for field in &fields {
            wanted.push((field.name.as_str(), end));
            end += field.size;
        }
        assert_eq!(layout.fields, wanted, "{}", layout.name);
        assert_eq!(layout.size, end, "{}", layout.name);
    }
}

#[test]
fn every_account_begins_alike() {
    for layout in accounts() {
        let head = [("version", 0), ("bump", 1), ("state", 2), ("flags", 3)];
        assert_eq!(layout.fields[..4], head, "{}", layout.name);
        assert_eq!(layout.size % 4, 0, "{}", layout.name);
    }
}

/// An account byte for byte, once: what a reader without any of our code sees.
#[test]
fn a_release_byte_for_byte() {
    let release = Release {
        version: VERSION,
        bump: 254,
        state: 1,
        flags: 0,
        evacuations: 3,
        index: 0x0102_0304_0506_0708,
        amount: 1_000_000,
        paid: 999,
        requested_ts: -2,
        payable_ts: 1_770_000_000,
        requested_slot: 400_000_000,
        vault: [0xAA; 32].into(),
        destination: [0xBB; 32].into(),
        owner: [0xCC; 32].into(),
        payer: [0xDD; 32].into(),
    };
    let mut image = b"bhReleas\x01\xFE\x01\x00\x03\x00\x00\x00".to_vec();
    image.extend_from_slice(&[8, 7, 6, 5, 4, 3, 2, 1]);
    image.extend_from_slice(&[0x40, 0x42, 0x0F, 0, 0, 0, 0, 0]);
    image.extend_from_slice(&[0xE7, 3, 0, 0, 0, 0, 0, 0]);
    image.extend_from_slice(&[0xFE, 255, 255, 255, 255, 255, 255, 255]);
    image.extend_from_slice(&[0x80, 0x0E, 0x80, 0x69, 0, 0, 0, 0]);
    image.extend_from_slice(&[0, 0x84, 0xD7, 0x17, 0, 0, 0, 0]);
    for key in [0xAA, 0xBB, 0xCC, 0xDD] {
        image.extend_from_slice(&[key; 32]);
    }
    let mut bytes = Release::DISCRIMINATOR.to_vec();
    bytes.extend_from_slice(bytemuck::bytes_of(&release));
    assert_eq!(bytes, image);
    let back: Release = bulkhead_client::decode::account(&image).expect("a release");
    assert_eq!(bytemuck::bytes_of(&back), bytemuck::bytes_of(&release));
}

/// The page that tells by hand where fields lie says the same.
#[test]
fn the_snapshot_format_has_these_offsets() {
    let page = include_str!("../../../docs/snapshot-format.md");
    let mut found_layouts = 0;
    for layout in accounts() {
        let Some((_, section)) = page.split_once(&format!("\n`{}`, ", layout.name)) else {
            continue;
        };
        found_layouts += 1;
        let (size, section) = section.split_once(" bytes").expect("a size");
        assert_eq!(size.replace(',', ""), space_of(&layout).to_string(), "{}", layout.name);
        let rows = section.lines().skip(4).map_while(|line| line.strip_prefix("| "));
        let printed: Vec<_> = rows.filter_map(|row| row.split_once(" | `")).collect();
        assert!(printed.len() > 10, "{}", layout.name);
        for (offset, rest) in printed {
            let name = rest.split('`').next().expect("a name");
            let field = layout.fields.iter().find(|(field, _)| *field == name);
            let start = space_of(&layout) - layout.size;
            let found = field.map(|(_, offset)| (start + offset).to_string());
            assert_eq!(found.as_deref(), Some(offset), "{}.{name}", layout.name);
        }
    }
    assert_eq!(found_layouts, 3, "ledger, snapshot and shard");
}

#[test]
fn the_page_is_up_to_date() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/layouts.md");
    let page = page();
    if std::env::var_os("BULKHEAD_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/layouts.md is stale: run BULKHEAD_WRITE_DOCS=1 cargo test --workspace --test layouts"
    );
}

/// The seeds of `interface::seeds`: the prefix and what its comment says follows.
fn seeds() -> BTreeMap<String, String> {
    let source = include_str!("../../../crates/interface/src/seeds.rs");
    let lines: Vec<_> = source.lines().collect();
    let mut seeds = BTreeMap::new();
    for pair in lines.windows(2) {
        let Some((name, value)) = pair[1]
            .strip_prefix("pub const ")
            .and_then(|line| line.split_once(": &[u8] = b"))
        else {
            continue;
        };
        let rest = pair[0].split('`').nth(1).expect("a comment with the seeds that follow");
        seeds.insert(name.to_owned(), format!("`{}, {rest}`", value.trim_end_matches(';')));
    }
    seeds
}

fn page() -> String {
    let (idl, mut seeds) = (Idl::read(), seeds());
    let mut page = String::from(
        "# Account layouts\n\n\
         Written by `tests/integration/tests/layouts.rs` from the compiled layouts and the IDL; \
         `BULKHEAD_WRITE_DOCS=1 cargo test --workspace --test layouts` writes it again.\n\n\
         Offsets and sizes are in bytes, from the start of the account's data: the discriminator's eight bytes \
         are 0 to 7. Integers are little endian. There are no gaps. Addresses are PDAs of the Bulkhead program; \
         in seeds, text in quotes is ASCII, integers are little endian and names are 32-byte addresses.\n\n",
    );
    let accounts = accounts();
    for layout in &accounts {
        let (_, discriminator, seed) = layout.account.expect("an account");
        let mut seed = seeds.remove(seed).expect("a seed of the interface");
        for (name, other, of) in [
            ("Snapshot", "SEED_CHECKPOINT", "of a checkpoint"),
            ("SnapshotShard", "SEED_PUBLICATION", "of leaves that are published"),
            ("LeafEvidence", "SEED_DISPUTE", "of a dispute"),
        ] {
            if layout.name == name {
                let other = seeds.remove(other).expect("a seed of the interface");
                seed = format!("{seed}, or {of} {other}");
            }
        }
        let discriminator = String::from_utf8_lossy(&discriminator).into_owned();
        let size = space_of(layout);
        let docs = idl.docs(layout.name);
        let _ = writeln!(
            page,
            "## {}\n{docs}\n\nSeeds {seed}, discriminator `{discriminator}`, {size} bytes.\n",
            layout.name
        );
        table(&mut page, &idl, layout, size - layout.size);
    }
    page.push_str("## Parts\nWhat fields above are made of. Offsets are from the start of the part.\n\n");
    for layout in parts() {
        let (name, size) = (layout.name, layout.size);
        let _ = writeln!(page, "### {name}\n{} {size} bytes.\n", idl.docs(name));
        table(&mut page, &idl, &layout, 0);
    }
    page.push_str("## Token accounts\nAt PDAs, too, and owned by the token program.\n\n| seeds | what |\n|---|---|\n");
    for (seed, what) in [
        ("SEED_CUSTODY", "the funds of a vault; its authority is the vault"),
        ("SEED_VOTES", "escrowed governance tokens; its authority is the domain"),
        (
            "SEED_POOL",
            "what claims are paid from; its authority is the restoration",
        ),
        (
            "SEED_INSURANCE_TOKENS",
            "what is staked; its authority is the insurance pool",
        ),
    ] {
        let _ = writeln!(
            page,
            "| {} | {what} |",
            seeds.remove(seed).expect("a seed of the interface")
        );
    }
    assert!(seeds.is_empty(), "seeds of no account: {seeds:?}");
    page
}

/// Bytes of an account, discriminator included.
fn space_of(layout: &Layout) -> usize {
    layout.size + layout.account.map_or(0, |(discriminator, ..)| discriminator.len())
}

fn table(page: &mut String, idl: &Idl, layout: &Layout, start: usize) {
    page.push_str("| offset | size | type | field | |\n|---:|---:|---|---|---|\n");
    for (field, (_, offset)) in idl.fields(layout.name).iter().zip(&layout.fields) {
        let Field { name, size, kind, docs } = field;
        let _ = writeln!(page, "| {} | {size} | {kind} | `{name}` | {docs} |", offset + start);
    }
    page.push('\n');
}
