//! Positions that a token owns.

use super::*;
use bulkhead_core::snapshots::layout::linked::holder;

fn ledger() -> Ledger {
    linked(b"position", 48, 8, &[amount(40, 8, 0)], link_flag::OWNER_IS_TOKEN)
}

fn position(token: &Pubkey, amount: u64) -> Vec<u8> {
    account(
        48,
        &[(0, b"position"), (8, token.as_ref()), (40, &amount.to_le_bytes())],
    )
}

/// Everything around one position: who would own it by this mint and this token account?
fn owner(mint: (Pubkey, Vec<u8>), holder_account: (Pubkey, Vec<u8>)) -> Result<Pubkey, LayoutError> {
    let (token, account) = (key(6), key(9));
    let ((mint_program, mint), (program, data)) = (mint, holder_account);
    holder(
        token.as_array(),
        seen(&token, &mint_program, &mint),
        seen(&account, &program, &data),
    )
    .map(Pubkey::new_from_array)
}

#[test]
fn the_holder_owns_the_position_in_either_token_program() {
    let held = holding(&key(6), &key(5), 1);
    assert_eq!(owner((TOKEN, mint(1, 0)), (TOKEN, held.clone())), Ok(key(5)));
    let mut mint_2022 = mint(1, 0);
    mint_2022.resize(165, 0);
    mint_2022.extend([1, 0, 0, 0, 0]);
    let mut held_2022 = held.clone();
    held_2022.extend([2, 0, 0, 0, 0]);
    assert_eq!(owner((TOKEN_2022, mint_2022), (TOKEN_2022, held_2022)), Ok(key(5)));
    // Frozen or delegated: it is its holder's all the same.
    let mut frozen = held.clone();
    frozen[108] = 2;
    assert_eq!(owner((TOKEN, mint(1, 0)), (TOKEN, frozen)), Ok(key(5)));
    let mut delegated = held;
    put(&mut delegated, 72, &[1, 0, 0, 0]);
    put(&mut delegated, 76, &[8; 32]);
    put(&mut delegated, 121, &1u64.to_le_bytes());
    assert_eq!(owner((TOKEN, mint(1, 0)), (TOKEN, delegated)), Ok(key(5)));
}

/// To steal: pass an account of one's own that looks like the holder's.
#[test]
fn whoever_does_not_hold_it_gets_nothing() {
    let sound = || (TOKEN, mint(1, 0));
    let thief = |token: u8, amount| holding(&key(token), &key(66), amount);
    let refused = Err(LayoutError::NotTheHolder);
    assert_eq!(
        owner(sound(), (TOKEN, thief(6, 0))),
        refused,
        "an empty account of the token"
    );
    assert_eq!(owner(sound(), (TOKEN, thief(7, 1))), refused, "another token");
    assert_eq!(
        owner(sound(), (key(66), thief(6, 1))),
        refused,
        "forged by another program"
    );
    assert_eq!(
        owner(sound(), (TOKEN_2022, thief(6, 1))),
        refused,
        "the other token program"
    );
    let mut unused = thief(6, 1);
    unused[108] = 0;
    assert_eq!(owner(sound(), (TOKEN, unused)), refused, "not initialized");
    assert_eq!(owner(sound(), (TOKEN, thief(6, 1)[..164].to_vec())), refused, "cut off");
    // A layout that takes the pool's token for the position's: whoever has one unit would own everything.
    let single = Err(LayoutError::NotASingleToken);
    for (supply, decimals) in [(2, 0), (1, 6), (u64::MAX, 0)] {
        assert_eq!(owner((TOKEN, mint(supply, decimals)), (TOKEN, thief(6, 1))), single);
    }
    assert_eq!(
        owner((key(66), mint(1, 0)), (key(66), thief(6, 1))),
        single,
        "a forged mint"
    );
    assert_eq!(
        owner((TOKEN, thief(6, 1)), (TOKEN, thief(6, 1))),
        single,
        "no mint at all"
    );
    let (token, other) = (key(6), key(7));
    let (one, held) = (mint(1, 0), thief(6, 1));
    let other = holder(
        token.as_array(),
        seen(&other, &TOKEN, &one),
        seen(&key(9), &TOKEN, &held),
    );
    assert_eq!(other, Err(LayoutError::LinkMissing), "another mint");
}

/// To jam: burn the token of a small position, so that nobody can be named and the sum falls short.
#[test]
fn what_nobody_holds_counts_and_is_nobodys() {
    assert_eq!(owner((TOKEN, mint(0, 0)), (TOKEN, vec![])), Ok(key(6)));
    assert_eq!(
        owner((key(0), vec![]), (key(0), vec![])),
        Ok(key(6)),
        "its mint was closed"
    );
    // But not while somebody has it: a cranker cannot disown a holder.
    assert_eq!(
        owner((TOKEN, mint(1, 0)), (TOKEN, vec![])),
        Err(LayoutError::NotTheHolder)
    );
}

#[test]
fn a_shard_takes_the_position_with_its_mint_and_holder() {
    let ledger = ledger();
    assert_eq!(check(&ledger), Ok(()));
    let (own, program, token, account) = (key(0x31), key(2), key(6), key(9));
    let (data, one, held) = (position(&token, 70), mint(1, 0), holding(&token, &key(5), 1));
    let (data, others) = (
        seen(&own, &program, &data),
        [seen(&token, &TOKEN, &one), seen(&account, &TOKEN, &held)],
    );
    let none = Factors::default();
    let mut own_shard = shard(3);
    for wrong in [&others[..0], &others[..1]] {
        let refused = take_linked(&ledger, &none, &mut own_shard, data, wrong, &NoCurve);
        assert_eq!(refused, Err(CoreError::LinkedAccountMissing));
    }
    let swapped = [others[1], others[0]];
    assert_eq!(
        take_linked(&ledger, &none, &mut own_shard, data, &swapped, &NoCurve),
        Err(CoreError::LinkedAccountMissing)
    );
    let (stranger, foreign) = (key(2), key(77));
    let foreign = seen(&own, &foreign, data.data);
    assert_eq!(
        take_linked(&ledger, &none, &mut own_shard, foreign, &others, &NoCurve),
        Err(CoreError::NotAPosition)
    );
    let empty = holding(&token, &stranger, 0);
    let empty = [others[0], seen(&account, &TOKEN, &empty)];
    assert_eq!(
        take_linked(&ledger, &none, &mut own_shard, data, &empty, &NoCurve),
        Err(CoreError::NotTheHolder)
    );
    let many = mint(9, 0);
    let many = [seen(&token, &TOKEN, &many), others[1]];
    assert_eq!(
        take_linked(&ledger, &none, &mut own_shard, data, &many, &NoCurve),
        Err(CoreError::NotASingleToken)
    );
    assert_eq!((own_shard.seen, own_shard.sum), (0, 0), "a refusal changes nothing");
    assert_eq!(
        take_linked(&ledger, &none, &mut own_shard, data, &others, &NoCurve),
        Ok(())
    );
    assert_eq!((own_shard.seen, own_shard.count, own_shard.sum), (1, 1, 70));
    assert_eq!(
        take_linked(&ledger, &none, &mut own_shard, data, &others, &NoCurve),
        Err(CoreError::PositionsNotAscending),
        "a position counts once, whoever holds it by then"
    );
}
