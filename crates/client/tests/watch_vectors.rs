//! `tests/vectors/watch.json`: what is reported of accounts that differ, for every other language. `UPDATE_VECTORS=1` writes it.

use std::{collections::BTreeMap, fs, mem::offset_of, path::PathBuf};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::watch::{Accounts, Change, Kind, changes, questions};
use bulkhead_interface::{
    ID,
    constants::{VERSION, proposal_state, release_state, snapshot_flag, snapshot_state},
    layout::{
        CheckpointLog, ClaimRedirect, Council, Incident, Latch, Member, OutflowBreaker, PauseBoard, PriceBreaker,
        PriceRules, Proposal, Release, Snapshot, StandingVetoes,
    },
};
use serde_json::{Value, json};

/// Bytes before an account's fields.
const TAG: usize = 8;
/// Kinds that others belong to, each before those that belong to it.
const OWNERS: [Kind; 6] = [
    Kind::Domain,
    Kind::Vault,
    Kind::Ballot,
    Kind::Restoration,
    Kind::CheckpointLog,
    Kind::Interim,
];

/// Bytes at a place of an account that is zero but for its first bytes, its version and what it belongs to.
type Patch = (usize, Vec<u8>);

/// The address of the account of a kind.
fn key(kind: Kind) -> Pubkey {
    let place = Kind::ALL.iter().position(|other| *other == kind).expect("a kind");
    Pubkey::new_from_array([u8::try_from(place).expect("few") + 1; 32])
}

/// Of which kind is what a kind belongs to, and where is that said?
fn parent(kind: Kind) -> Option<(Kind, usize)> {
    OWNERS.into_iter().find_map(|owner| {
        let asked = questions(key(owner), owner);
        let own = asked
            .into_iter()
            .find(|asked| asked.discriminator == kind.discriminator());
        own.map(|asked| (owner, asked.offset))
    })
}

fn data(kind: Kind, patches: &[Patch]) -> Vec<u8> {
    let mut data = vec![0; TAG + kind.size()];
    data[..TAG].copy_from_slice(&kind.discriminator());
    data[TAG] = VERSION;
    if let Some((owner, at)) = parent(kind) {
        data[at..at + 32].copy_from_slice(key(owner).as_ref());
    }
    for (at, bytes) in patches {
        data[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    data
}

/// The account of a kind as it is patched, if it is there, among those that it belongs to.
fn accounts(kind: Kind, patches: Option<&[Patch]>) -> Accounts {
    let mut all = BTreeMap::new();
    let mut next = parent(kind);
    while let Some((owner, _)) = next {
        all.insert(key(owner), data(owner, &[]));
        next = parent(owner);
    }
    if let Some(patches) = patches {
        all.insert(key(kind), data(kind, patches));
    }
    Accounts::of(
        &key(Kind::Domain),
        all.iter().map(|(key, data)| (*key, ID, data.as_slice())),
    )
}

/// A byte here and there of every kind, and what an act changes at once.
fn cases() -> Vec<(Kind, Option<Vec<Patch>>, Option<Vec<Patch>>)> {
    let mut all = vec![];
    let mut state = 1_u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(state >> 8).expect("32 bits") % below
    };
    for kind in Kind::ALL.iter().copied() {
        all.push((kind, None, Some(vec![])));
        all.push((kind, Some(vec![]), None));
        for _ in 0..12 {
            let patch = |next: &mut dyn FnMut(usize) -> usize| {
                let at = TAG + 1 + next(kind.size() - 1);
                vec![(at, vec![u8::try_from(next(255)).expect("a byte") + 1])]
            };
            let (before, after) = (patch(&mut next), patch(&mut next));
            // What it belongs to stays.
            let is_parents = |patches: &[Patch]| {
                parent(kind).is_some_and(|(_, at)| patches.iter().any(|(place, _)| (at..at + 32).contains(place)))
            };
            if !is_parents(&before) && !is_parents(&after) {
                all.push((kind, Some(before.clone()), Some(after.clone())));
                all.push((kind, None, Some(after)));
            }
        }
    }
    let rights = |pauses: u8, vetoes: u8, active: i64| {
        let member = TAG + offset_of!(Council, members) + size_of::<Member>();
        let veto = TAG + offset_of!(Council, vetoes) + offset_of!(StandingVetoes, by);
        Some(vec![
            (member + offset_of!(Member, key), vec![9; 32]),
            (member + offset_of!(Member, pause_rights), vec![pauses]),
            (
                member + offset_of!(Member, last_active_ts),
                active.to_le_bytes().to_vec(),
            ),
            (veto, vec![vetoes]),
        ])
    };
    for (before, after) in [
        ((3, 2, 5), (2, 2, 5)),
        ((3, 2, 5), (3, 1, 5)),
        ((0, 0, 5), (3, 0, 5)),
        ((0, 0, 5), (0, 2, 5)),
        ((0, 0, 5), (3, 2, 6)),
        ((3, 0, 5), (0, 2, -6)),
    ] {
        let [before, after] = [before, after].map(|(pauses, vetoes, active)| rights(pauses, vetoes, active));
        all.push((Kind::Council, before, after));
    }
    let at = |offset: usize, bytes: &[u8]| Some(vec![(TAG + offset, bytes.to_vec())]);
    for state in [proposal_state::EXECUTED, proposal_state::VETOED] {
        let state = at(offset_of!(Proposal, state), &[state]);
        all.push((
            Kind::Proposal,
            at(offset_of!(Proposal, state), &[proposal_state::OPEN]),
            state,
        ));
    }
    let state = offset_of!(Release, state);
    all.push((Kind::Release, Some(vec![]), at(state, &[release_state::CANCELLED])));
    all.push((Kind::Release, Some(vec![]), at(offset_of!(Release, owner), &[7; 32])));
    let sealed = at(offset_of!(Snapshot, state), &[snapshot_state::SEALED]);
    let mut overridden = sealed.clone();
    overridden
        .iter_mut()
        .for_each(|patches| patches.push((TAG + offset_of!(Snapshot, flags), vec![snapshot_flag::OVERRIDDEN])));
    all.extend(seals(
        &sealed.clone().expect("patches"),
        &overridden.clone().expect("patches"),
    ));
    all.push((Kind::Snapshot, Some(vec![]), sealed));
    all.push((Kind::Snapshot, Some(vec![]), overridden));
    all.extend(used_again());
    let slot = at(offset_of!(PauseBoard, unpaused_slot), &77_u64.to_le_bytes());
    all.push((Kind::PauseBoard, Some(vec![]), slot));
    let confirmed = at(offset_of!(Incident, confirmations), &3_u16.to_le_bytes());
    all.push((Kind::Incident, Some(vec![]), confirmed));
    all
}

/// A seal is replaced in place, by a better one or by a later decision; and what is sealed is voided.
fn seals(sealed: &[Patch], overridden: &[Patch]) -> Vec<(Kind, Option<Vec<Patch>>, Option<Vec<Patch>>)> {
    let at = |offset: usize, bytes: &[u8]| (TAG + offset, bytes.to_vec());
    let seal = |of: &[Patch], number: u32, decided: u64| {
        let root = [u8::try_from(number).expect("few"); 32];
        let more = [
            at(offset_of!(Snapshot, seals), &number.to_le_bytes()),
            at(offset_of!(Snapshot, total), &(1_000 + u64::from(number)).to_le_bytes()),
            at(offset_of!(Snapshot, root), &root),
            at(offset_of!(Snapshot, decided_slot), &decided.to_le_bytes()),
        ];
        Some([of, &more].concat())
    };
    let void = Some(vec![at(offset_of!(Snapshot, state), &[snapshot_state::VOID])]);
    [
        (seal(sealed, 1, 0), seal(sealed, 2, 0)),
        (seal(sealed, 1, 0), seal(overridden, 2, 70)),
        (seal(overridden, 1, 70), seal(overridden, 2, 71)),
        (seal(overridden, 1, 70), seal(overridden, 2, 70)),
        (seal(overridden, 1, 70), seal(overridden, 1, 71)),
        (seal(sealed, 1, 0), void),
    ]
    .into_iter()
    .map(|(before, after)| (Kind::Snapshot, before, after))
    .collect()
}

/// An address that is used again between two looks, and rules that are set again.
fn used_again() -> Vec<(Kind, Option<Vec<Patch>>, Option<Vec<Patch>>)> {
    let at = |offset: usize, bytes: &[u8]| (TAG + offset, bytes.to_vec());
    let slot = |offset: usize, number: u64| at(offset, &number.to_le_bytes());
    let state = offset_of!(Proposal, state);
    let rules = offset_of!(PriceBreaker, rules) + offset_of!(PriceRules, deviation);
    let latch = offset_of!(OutflowBreaker, latch) + offset_of!(Latch, seconds);
    let proposed = |state_is: u8, kind_is: u8, made: u64| {
        vec![
            at(state, &[state_is]),
            at(offset_of!(Proposal, kind), &[kind_is]),
            slot(offset_of!(Proposal, created_slot), made),
        ]
    };
    let queued = |amount: u64, asked: u64, paid: u64| {
        vec![
            slot(offset_of!(Release, amount), amount),
            slot(offset_of!(Release, requested_slot), asked),
            slot(offset_of!(Release, paid), paid),
        ]
    };
    let (open, executed) = (proposal_state::OPEN, proposal_state::EXECUTED);
    [
        (Kind::Proposal, proposed(executed, 5, 7), proposed(open, 5, 9)),
        (Kind::Proposal, proposed(open, 5, 7), proposed(open, 6, 9)),
        (Kind::Proposal, proposed(open, 5, 7), proposed(open, 5, 9)),
        (Kind::Release, queued(100, 7, 100), queued(100, 9, 0)),
        (Kind::Release, queued(100, 7, 0), queued(900, 7, 0)),
        (Kind::PriceBreaker, vec![slot(rules, 1)], vec![slot(rules, 9)]),
        (Kind::OutflowBreaker, vec![slot(latch, 1)], vec![slot(latch, 9)]),
        (
            Kind::ClaimRedirect,
            vec![at(offset_of!(ClaimRedirect, destination), &[5; 32])],
            vec![at(offset_of!(ClaimRedirect, destination), &[6; 32])],
        ),
        (
            Kind::CheckpointLog,
            vec![
                at(offset_of!(CheckpointLog, flags), &[1]),
                at(offset_of!(CheckpointLog, threshold), &[3]),
            ],
            vec![
                at(offset_of!(CheckpointLog, threshold), &[1]),
                at(offset_of!(CheckpointLog, tolerance_bps), &[0x10, 0x27]),
            ],
        ),
    ]
    .into_iter()
    .map(|(kind, before, after)| (kind, Some(before), Some(after)))
    .collect()
}

fn patches_json(patches: Option<&[Patch]>) -> Value {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let each = |(at, bytes): &Patch| json!([at, hex(bytes)]);
    patches.map_or(Value::Null, |patches| patches.iter().map(each).collect())
}

fn change_json(change: &Change) -> Value {
    let details = change.details.iter();
    let details: Vec<_> = details
        .map(|detail| json!([detail.field, detail.before, detail.after]))
        .collect();
    json!([change.event.to_string(), change.matters(), details])
}

#[test]
fn the_vectors_are_what_is_told() {
    let vectors: Vec<_> = cases()
        .into_iter()
        .map(|(kind, before, after)| {
            let printed = changes(&accounts(kind, before.as_deref()), &accounts(kind, after.as_deref()));
            assert!(printed.iter().all(|change| change.account == key(kind)), "{kind:?}");
            let parents: Vec<_> = std::iter::successors(parent(kind), |(owner, _)| parent(*owner))
                .map(|(owner, at)| json!([format!("{owner:?}"), at]))
                .collect();
            json!({
                "kind": format!("{kind:?}"),
                "size": kind.size(),
                "parents": parents,
                "before": patches_json(before.as_deref()),
                "after": patches_json(after.as_deref()),
                "changes": printed.iter().map(change_json).collect::<Vec<_>>(),
            })
        })
        .collect();
    let printed = |event: &str| {
        vectors
            .iter()
            .any(|vector| vector["changes"].to_string().contains(event))
    };
    for event in [
        "RightsGranted",
        "PauseRightBurnt",
        "VetoStands",
        "ReleaseRedirected",
        "SampleClosed",
        "SealReplaced",
        "CheckpointRulesChanged",
    ] {
        assert!(printed(event), "{event}");
    }
    let lines: Vec<_> = vectors.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/watch.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        fs::write(&path, &text).expect("written");
    }
    assert_eq!(
        fs::read_to_string(&path).expect("it is checked in"),
        text,
        "UPDATE_VECTORS=1 writes it"
    );
}
