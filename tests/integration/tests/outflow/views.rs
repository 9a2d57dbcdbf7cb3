//! The view that tells hosts how much may leave.

use super::*;

#[test]
fn the_view_is_what_the_next_instruction_does() {
    let mut table = Table::with(|args| args.inflow_credit = 200_000);
    table.look();
    for step in 0..60 {
        table.machine.warp_seconds(step * 37 % 150);
        let room = table.view();
        assert_eq!((room.is_paused, room.latched_until), (0, 0));
        assert_eq!(room.remaining, room.in_window.min(room.in_slot));
        if step % 5 == 0 {
            let inflow = ix::record_inflow(table.breaker, table.host.pubkey(), None, 10_000);
            table.protocol.must(&mut table.machine, &[inflow], &[&table.host]);
        }
        let room = table.view();
        let amount = if step % 3 == 0 {
            room.remaining
        } else {
            room.remaining / 2
        };
        if amount > 0 {
            assert_eq!(table.meter(amount), verdict::ALLOWED);
            assert_eq!(table.view().in_window, room.in_window - amount);
        }
    }
    let room = table.view();
    assert_eq!(table.meter(room.remaining + 1), verdict::QUEUED);
    assert_eq!(table.meter(1_000_000), verdict::QUEUED);
    let latched = table.view();
    assert_eq!((latched.remaining, latched.in_window), (0, room.in_window));
    assert_eq!(latched.latched_until, table.machine.clock().unix_timestamp + 60);
}

#[test]
fn the_view_knows_pauses_and_stages_and_its_own_board() {
    let mut table = Table::new();
    let guardian = table.protocol.members[0].insecure_clone();
    let pause = ix::pause(table.protocol.domain, guardian.pubkey(), 3, action::WITHDRAW);
    table.protocol.must(&mut table.machine, &[pause], &[&guardian]);
    let paused = table.view();
    assert_eq!((paused.is_paused, paused.remaining, paused.in_window), (1, 0, 800_000));

    let incident = table.protocol.freeze(&mut table.machine);
    let args = ResumeArgs { incident };
    let authority = table.protocol.mature(&mut table.machine, &args);
    table
        .protocol
        .must(&mut table.machine, &[ix::resume(authority, args)], &[]);
    assert_eq!((table.view().is_paused, table.view().remaining), (0, 800_000));

    let mut other_board = ix::view_outflow(table.protocol.domain, table.breaker);
    other_board.accounts[1].pubkey = pda::council(&table.protocol.domain);
    refused(table.machine.send(&[other_board], &[]), BulkheadError::WrongBoard);

    // A client that is given the wrong accounts gets no answer, as the program gives none.
    let board_key = pda::board(&table.protocol.domain);
    let (state, board) = (table.machine.account(&table.breaker), table.machine.account(&board_key));
    let (state, board) = (state.expect("it exists"), board.expect("it exists"));
    let mut future = state.data.clone();
    future[8] = VERSION + 1;
    let clock = table.machine.clock();
    let ask = |owner: &Pubkey, data: &[u8], board_at: &Pubkey, board_data: &[u8]| {
        let breaker = view::Fetched {
            key: &table.breaker,
            owner,
            data,
        };
        let board = view::Fetched {
            key: board_at,
            owner: &board.owner,
            data: board_data,
        };
        view::outflow(&breaker, &board, clock.slot, clock.unix_timestamp)
    };
    assert!(ask(&bulkhead::ID, &state.data, &board_key, &board.data).is_some());
    assert!(
        ask(&board_key, &state.data, &board_key, &board.data).is_none(),
        "owned by another"
    );
    assert!(
        ask(&bulkhead::ID, &future, &board_key, &board.data).is_none(),
        "of another version"
    );
    assert!(
        ask(&bulkhead::ID, &board.data, &board_key, &board.data).is_none(),
        "no breaker"
    );
    assert!(
        ask(&bulkhead::ID, &state.data, &table.breaker, &board.data).is_none(),
        "another board"
    );
    assert!(
        ask(&bulkhead::ID, &state.data, &board_key, &board.data[..20]).is_none(),
        "cut short"
    );
}
