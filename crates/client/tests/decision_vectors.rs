//! `tests/vectors/decisions.json`: a decision of every kind, encoded, and what approvals of it sign. The first 21 were
//! written before decisions were an enum, and stay as they are: what was approved then is approved now.
//! Two have got more to say since, before any release: `register_ledger` (linked ledgers) and `set_claim_terms` (the
//! successor). `UPDATE_VECTORS=1` appends kinds that are missing and changes nothing else.

use std::{fs, path::PathBuf};

use anchor_lang::{AnchorDeserialize, prelude::Pubkey};
use bulkhead::{
    call::{StoredAccount, StoredInstruction},
    decision::{Decision, EncodedDecision},
    instructions::*,
};
use bulkhead_client::payload::hex;
use bulkhead_core::proposals::proposal::payload_hash;
use bulkhead_interface::ProposalKind;
use serde_json::{Value, json};

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn stored(program: u8) -> StoredInstruction {
    StoredInstruction {
        program_id: key(program),
        accounts: vec![
            StoredAccount {
                pubkey: key(41),
                is_signer: true,
                is_writable: false,
            },
            StoredAccount {
                pubkey: key(42),
                is_signer: false,
                is_writable: true,
            },
        ],
        data: vec![1, 2, 3, 4, 5],
    }
}

fn council() -> CouncilConfig {
    let policy = |threshold: u8| PolicyConfig {
        threshold,
        delay_seconds: 3_600 * i64::from(threshold),
        expiry_seconds: 86_400 * i64::from(threshold),
    };
    CouncilConfig {
        members: vec![
            MemberConfig { key: key(1), roles: 15 },
            MemberConfig { key: key(2), roles: 3 },
        ],
        freeze_threshold: 2,
        pause_rights: 3,
        veto_rights: 4,
        guardian_pause_seconds: 21_600,
        trip_seconds: 259_200,
        default_mask: 0xffff_fed6,
        policies: [policy(1), policy(2), policy(3), policy(4)],
        heartbeat_seconds: 2_592_000,
        guardian_pauses_per_day: 5,
        guardian_pauses_in_a_row: 6,
        fallback: key(3),
        fallback_seconds: 604_800,
    }
}

fn ledger() -> RegisterLedgerArgs {
    let filter = ByteFilterConfig {
        offset: 8,
        bytes: vec![9, 8, 7],
    };
    RegisterLedgerArgs {
        index: 2,
        program: key(4),
        mint: key(5),
        total: TotalConfig {
            account: key(6),
            program: key(7),
            offset: 16,
            width: 8,
            unit: 1,
            shortfall_bps: 10,
            excess_bps: 20,
        },
        length_rule: 1,
        data_len: 300,
        filters: vec![filter.clone()],
        owner_offset: 40,
        amounts: vec![AmountConfig {
            offset: 72,
            width: 16,
            flags: 5,
        }],
        scale: ScaleConfig {
            multiplier: 3,
            divisor: 7,
            shift: 64,
        },
        slots: Some(SlotTableConfig {
            offset: 100,
            stride: 20,
            count: 10,
            used_offset: 96,
            used_width: 4,
            filter: Some(filter),
        }),
        export: Some(ExportConfig {
            program: key(8),
            data: vec![6, 6],
            accounts: vec![key(9)],
            position_accounts: 2,
        }),
        link: Some(LinkConfig {
            flags: 1,
            program: key(28),
            factors: vec![FactorConfig {
                account: key(29),
                offset: 80,
                width: 16,
                flags: 1,
            }],
        }),
    }
}

fn breaker() -> OpenBreakerArgs {
    OpenBreakerArgs {
        compartment: 1,
        shard: 2,
        mint: key(10),
        authority: key(11),
        sub_windows: 12,
        trip_scope: 255,
        window_seconds: 3_600,
        limit: 1_000_000,
        slot_limit: 500_000,
        latch_seconds: 7_200,
        shards: 4,
        limit_bps: 100,
        slot_bps: 50,
        reference: key(12),
        inflow_credit: 25_000,
        trip_limit: 3_000_000,
        trip_bps: 300,
    }
}

fn price_breaker() -> OpenPriceBreakerArgs {
    OpenPriceBreakerArgs {
        compartment: 3,
        trip_scope: 3,
        latch_seconds: 600,
        source: PriceSource::Host {
            account: key(13),
            program: key(14),
            price_offset: 24,
            width: 8,
            is_signed: true,
            exponent: -8,
            time_offset: 32,
            confidence_offset: Some(40),
        },
        rules: PriceRulesConfig {
            max_age_seconds: 60,
            max_ahead_seconds: 5,
            min_interval_seconds: 1,
            stale_seconds: 120,
            max_confidence_bps: 200,
            warmup: 30,
            deviation_bps: 500,
            twap_seconds: 900,
            tau_seconds: 3_600,
            floor_ppm: 100,
            cap_ppm: 50_000,
            z_milli: 8_000,
            cusum_h_milli: 9_000,
            cusum_k_milli: 500,
            cusum_clip_milli: 4_000,
        },
    }
}

/// One of every kind, by number.
fn decisions() -> Vec<Decision> {
    vec![
        ResumeArgs { incident: key(15) }.into(),
        council().into(),
        RegisterEvacuationRouteArgs {
            vault: key(16),
            destination: key(17),
        }
        .into(),
        ChooseRestorationArgs {
            incident: key(18),
            snapshot: key(19),
            ledger_index: 4,
            root: [20; 32],
        }
        .into(),
        ReopenArgs {
            incident: key(21),
            ramp_bps: 2_500,
            grace_seconds: 86_400,
        }
        .into(),
        breaker().into(),
        OpenVaultArgs {
            index: 1,
            compartment: 2,
            operator: key(22),
            breaker: key(23),
            mint: key(24),
            queue_seconds: 7_200,
            ledger: 3,
        }
        .into(),
        ledger().into(),
        SetLimitArgs {
            breaker: key(25),
            limit: 900,
            slot_limit: 300,
            limit_bps: 90,
            slot_bps: 30,
            inflow_credit: 45,
            trip_limit: 2_000,
            trip_bps: 200,
        }
        .into(),
        price_breaker().into(),
        OpenSolvencyBreakerArgs {
            compartment: 5,
            trip_scope: 255,
            latch_seconds: 900,
            liabilities: key(26),
            program: key(27),
            offset: 64,
            width: 16,
            tolerance_bps: 25,
            tolerance: 1_000,
            min_age_seconds: 30,
            reserves: vec![key(28), key(29)],
        }
        .into(),
        OpenAuthorityWatchArgs {
            compartment: 6,
            trip_scope: 6,
            latch_seconds: 1_200,
            kind: 1,
            account: key(30),
            program: key(31),
            offset: 0,
            watches_upgrades: true,
            expected: [key(32), key(33), key(34)],
        }
        .into(),
        CloseDetectorArgs {
            detector: key(35),
            receiver: key(36),
        }
        .into(),
        SetLinkArgs {
            upstream: key(37),
            upstream_scope: 255,
            upstream_mask: 7,
            compartments: 0b110,
            mask: 3,
        }
        .into(),
        GrantRightsArgs {
            member: key(38),
            pause_rights: 2,
        }
        .into(),
        RegisterEmergencyActionArgs {
            index: 3,
            instruction: stored(39),
        }
        .into(),
        stored(40).into(),
        OverrideSealArgs {
            snapshot: key(43),
            root: [44; 32],
            total: 1_000,
            count: 10,
            max_excess: 5,
            max_shortfall: 6,
        }
        .into(),
        OpenCheckpointLogArgs {
            ledger_index: 1,
            threshold: 2,
            min_interval_slots: 512,
            keep_seconds: 604_800,
            tolerance_bps: 100,
            published_only: true,
        }
        .into(),
        RedirectClaimsArgs {
            restoration: key(45),
            owner: key(46),
            destination: key(47),
            holder: key(48),
        }
        .into(),
        CancelReleasesArgs {
            vault: key(49),
            root: [50; 32],
        }
        .into(),
        RegisterEmergencyStepsArgs {
            index: 4,
            steps: 3,
            first: 1,
            whole_hash: [51; 32],
            instructions: vec![stored(52), stored(55)],
        }
        .into(),
        RegisterDirectVaultArgs {
            source: key(58),
            route: key(59),
            ledger: 2,
            least_bps: 9_900,
            instruction: stored(60),
        }
        .into(),
        UpgradeHostArgs {
            program: key(63),
            buffer_hash: [64; 32],
            spill: key(65),
        }
        .into(),
        RegisterEmergencyBuildArgs {
            program: key(66),
            build_hash: [67; 32],
            spill: key(68),
        }
        .into(),
        SetInterimRuleArgs {
            ledger_index: 1,
            bps: 2_000,
            cap: 1_000_000,
            age_seconds: 3_600,
        }
        .into(),
        SetRecoveryRulesArgs {
            escape_seconds: 2_592_000,
            restart_check_seconds: 600,
        }
        .into(),
        SetClaimTermsArgs {
            ledger_index: 1,
            claim_days: 180,
            rest_owner: key(51),
            successor: key(57),
        }
        .into(),
        ExtendClaimsArgs {
            restoration: key(52),
            claim_days: 365,
        }
        .into(),
        OverrideRestartCheckArgs {
            incident: key(53),
            ledger_index: 2,
            max_shortfall: 1_000_000,
        }
        .into(),
        OpenInsuranceArgs {
            ledger_index: 1,
            order: 2,
            cap_bps: 3_000,
            cooldown_seconds: 1_209_600,
            window_seconds: 172_800,
            freeze_seconds: 2_592_000,
            funding_seconds: 604_800,
            minimum_assets: 1_000_000,
            vaults: vec![key(51), key(52)],
            detectors: vec![key(53)],
        }
        .into(),
        SetBallotRulesArgs {
            weight_program: key(56),
            weight_realm: key(57),
            max_weight_record: key(58),
            is_targeted: true,
            cool_off_seconds: 43_200,
            dispute_seconds: 86_400,
        }
        .into(),
        RegisterPeerArgs {
            chain: 2,
            emitter: [59; 32],
            sender: [60; 32],
            transports: 3,
            bridge: key(61),
            finality: 1,
            pause_finality: 200,
            remote_scope: 255,
            remote_mask: 7,
            compartments: 0b110,
            mask: 3,
            pause_rights: 6,
            max_age_seconds: 7_200,
            rotation_seconds: 172_800,
            after_sequence: 5,
            threshold: 2,
            attesters: vec![[62; 20], [63; 20], [64; 20]],
        }
        .into(),
        RegisterVerifyingKeyArgs {
            id: [65; 32],
            accepts_insecure: true,
        }
        .into(),
        RequireProofsArgs { ledgers: [66; 32] }.into(),
        OverrideProofArgs { restoration: key(67) }.into(),
    ]
}

fn vector(decision: &Decision) -> Value {
    let (kind, encoded) = (decision.kind(), EncodedDecision::from(decision));
    json!({
        "kind": kind.number(),
        "name": kind.name(),
        "payload": hex(encoded.payload()),
        "hash": hex(&encoded.hash()),
    })
}

#[test]
fn what_was_approved_stays_approved() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/decisions.json");
    let mut kept: Vec<Value> = serde_json::from_str(&fs::read_to_string(&path).expect("it is there")).expect("JSON");
    let printed: Vec<_> = decisions().iter().map(vector).collect();
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        kept.extend(printed.iter().skip(kept.len()).cloned());
        let text = serde_json::to_string_pretty(&kept).expect("JSON") + "\n";
        fs::write(&path, text).expect("the folder is there");
    }
    assert_eq!(kept, printed);
}

#[test]
fn every_kind_is_told_and_reads_back_to_the_byte() {
    let all = decisions();
    let kinds: Vec<_> = all.iter().map(Decision::kind).collect();
    assert_eq!(kinds, ProposalKind::all().collect::<Vec<_>>());
    for decision in &all {
        let encoded = EncodedDecision::from(decision);
        let kind = decision.kind();
        assert_eq!(encoded.kind().expect("a kind"), kind);
        let read = Decision::try_from_slice(&encoded.0).expect("its own bytes");
        assert_eq!(EncodedDecision::from(&read), encoded, "{}", kind.name());
        assert_eq!(encoded.hash(), payload_hash(kind.number(), encoded.payload()));
        let behind = [&encoded.0[..], &[0]].concat();
        assert!(Decision::try_from_slice(&behind).is_err(), "{}", kind.name());
    }
}
