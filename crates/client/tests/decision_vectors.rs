//! `tests/vectors/decisions.json`: what approvals of every kind of proposal hash.

use std::{fs, path::PathBuf};

use anchor_lang::{AnchorSerialize, prelude::Pubkey};
use bulkhead::{
    call::{StoredAccount, StoredInstruction},
    instructions::*,
};
use bulkhead_core::proposal::payload_hash;
use bulkhead_interface::constants::kind;
use serde_json::json;

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
        hold_threshold: 2,
        pause_rights: 3,
        veto_rights: 4,
        contain_seconds: 21_600,
        trip_seconds: 259_200,
        default_mask: 0xffff_fed6,
        policies: [policy(1), policy(2), policy(3), policy(4)],
        heartbeat_seconds: 2_592_000,
        contains_per_day: 5,
        contains_in_a_row: 6,
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

fn bytes(args: &impl AnchorSerialize) -> Vec<u8> {
    let mut bytes = vec![];
    args.serialize(&mut bytes).unwrap();
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_kind_is_written() {
    let all = vec![
        (kind::RESUME, "resume", bytes(&ResumeArgs { incident: key(15) })),
        (kind::CHANGE_COUNCIL, "change_council", bytes(&council())),
        (
            kind::REGISTER_ROUTE,
            "register_route",
            bytes(&RegisterRouteArgs {
                vault: key(16),
                destination: key(17),
            }),
        ),
        (
            kind::CHOOSE_RESTORATION,
            "choose_restoration",
            bytes(&ChooseRestorationArgs {
                incident: key(18),
                snapshot: key(19),
                ledger_index: 4,
                root: [20; 32],
            }),
        ),
        (
            kind::REOPEN,
            "reopen",
            bytes(&ReopenArgs {
                incident: key(21),
                stage_bps: 2_500,
                grace_seconds: 86_400,
            }),
        ),
        (kind::OPEN_BREAKER, "open_breaker", bytes(&breaker())),
        (
            kind::OPEN_VAULT,
            "open_vault",
            bytes(&OpenVaultArgs {
                index: 1,
                compartment: 2,
                operator: key(22),
                breaker: key(23),
                mint: key(24),
                queue_seconds: 7_200,
                ledger: 3,
            }),
        ),
        (kind::REGISTER_LEDGER, "register_ledger", bytes(&ledger())),
        (
            kind::SET_LIMIT,
            "set_limit",
            bytes(&SetLimitArgs {
                breaker: key(25),
                limit: 900,
                slot_limit: 300,
                limit_bps: 90,
                slot_bps: 30,
                inflow_credit: 45,
                trip_limit: 2_000,
                trip_bps: 200,
            }),
        ),
        (kind::OPEN_PRICE_BREAKER, "open_price_breaker", bytes(&price_breaker())),
        (
            kind::OPEN_SOLVENCY_BREAKER,
            "open_solvency_breaker",
            bytes(&OpenSolvencyBreakerArgs {
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
            }),
        ),
        (
            kind::OPEN_AUTHORITY_WATCH,
            "open_authority_watch",
            bytes(&OpenAuthorityWatchArgs {
                compartment: 6,
                trip_scope: 6,
                latch_seconds: 1_200,
                kind: 1,
                account: key(30),
                program: key(31),
                offset: 0,
                watches_upgrades: true,
                expected: [key(32), key(33), key(34)],
            }),
        ),
        (
            kind::CLOSE_DETECTOR,
            "close_detector",
            bytes(&CloseDetectorArgs {
                detector: key(35),
                receiver: key(36),
            }),
        ),
        (
            kind::SET_LINK,
            "set_link",
            bytes(&SetLinkArgs {
                upstream: key(37),
                upstream_scope: 255,
                upstream_mask: 7,
                compartments: 0b110,
                mask: 3,
            }),
        ),
        (
            kind::GRANT_RIGHTS,
            "grant_rights",
            bytes(&GrantRightsArgs {
                member: key(38),
                pause_rights: 2,
            }),
        ),
        (
            kind::REGISTER_PLAYBOOK,
            "register_playbook",
            bytes(&RegisterPlaybookArgs {
                index: 3,
                instruction: stored(39),
            }),
        ),
        (kind::RUN_INSTRUCTION, "run_instruction", bytes(&stored(40))),
        (
            kind::OVERRIDE_SEAL,
            "override_seal",
            bytes(&OverrideSealArgs {
                snapshot: key(43),
                root: [44; 32],
                total: 1_000,
                count: 10,
                max_excess: 5,
                max_shortfall: 6,
            }),
        ),
        (
            kind::OPEN_CHECKPOINT_LOG,
            "open_checkpoint_log",
            bytes(&OpenCheckpointLogArgs {
                ledger_index: 1,
                threshold: 2,
                min_interval_slots: 512,
                keep_seconds: 604_800,
                tolerance_bps: 100,
                published_only: true,
            }),
        ),
        (
            kind::REDIRECT_CLAIMS,
            "redirect_claims",
            bytes(&RedirectClaimsArgs {
                restoration: key(45),
                owner: key(46),
                destination: key(47),
                holder: key(48),
            }),
        ),
        (
            kind::CANCEL_RELEASES,
            "cancel_releases",
            bytes(&CancelReleasesArgs {
                vault: key(49),
                root: [50; 32],
            }),
        ),
    ];
    assert_eq!(all.len(), usize::from(kind::COUNT));
    let told: Vec<_> = all
        .into_iter()
        .map(|(kind, name, payload)| json!({ "kind": kind, "name": name, "payload": hex(&payload), "hash": hex(&payload_hash(kind, &payload)) }))
        .collect();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/decisions.json");
    fs::write(path, serde_json::to_string_pretty(&told).unwrap() + "\n").unwrap();
}
