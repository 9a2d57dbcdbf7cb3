//! What an exploited host can do with the domain's signature.

use anchor_spl::token::spl_token::instruction as spl;

use super::*;

/// Registers what the host will do, evacuates, and says how it ended. Nothing may have changed then.
fn refused_calls(calls: impl Fn(&Table) -> (Vec<Call>, Vec<(Pubkey, bool)>), error: E) {
    let (mut table, stored, incident) = Table::confirmed(|table| {
        let (calls, more) = calls(table);
        table.calling(&calls, &more)
    });
    let before = table.balances();
    let route = table.machine.account(&table.route);
    refused(table.evacuate(incident, &stored), error);
    assert_eq!(table.balances(), before);
    assert_eq!(table.machine.account(&table.route), route);
    assert_eq!(table.vault().evacuations, 0);
}

#[test]
fn it_cannot_keep_a_part_back() {
    let half = |_: &Table| {
        let some = Table::transfer(place::SOURCE, place::ROUTE, HELD / 2, place::HOLDER);
        (vec![some], vec![])
    };
    refused_calls(half, E::TooLittleArrived);
    refused_calls(|_| (vec![], vec![]), E::TooLittleArrived);
}

#[test]
fn it_cannot_take_out_of_the_route() {
    // The domain holds the route, and the host has its signature.
    let mut table = Table::new();
    let route = table.route;
    table.machine.mint_to(&table.mint.clone(), &route, 900);
    let back = |from, to| Table::transfer(from, to, 900, place::DOMAIN);
    let stored = table.calling(&[back(place::ROUTE, place::SOURCE)], &[]);
    table.register(table.args(stored.clone())).expect("it has matured");
    let incident = table.freeze();
    let before = table.balances();
    refused(table.evacuate(incident, &stored), E::ConservationBroken);
    assert_eq!(table.balances(), before);
    // All of it over, and a part back again.
    let stored = table.calling(&[table.everything(), back(place::ROUTE, place::SOURCE)], &[]);
    table.register(table.args(stored.clone())).expect("it has matured");
    refused(table.evacuate(incident, &stored), E::TooLittleArrived);
}

#[test]
fn it_cannot_pay_a_thief() {
    let thief = |table: &Table| {
        let mine = keypair("thief's account").pubkey();
        let calls = vec![
            table.everything(),
            Table::transfer(place::ROUTE, place::MORE, 1, place::DOMAIN),
        ];
        (calls, vec![(mine, true)])
    };
    let (mut table, stored, incident) = Table::confirmed(|table| {
        let (calls, more) = thief(table);
        table.calling(&calls, &more)
    });
    let (mint, thief) = (table.mint, keypair("thief").pubkey());
    let account = keypair("thief's account").pubkey();
    table.machine.create_token_account(&account, &mint, &thief, 0);
    refused(table.evacuate(incident, &stored), E::UndeclaredAccount);
    assert_eq!((table.balances().0, table.machine.balance(&account)), (HELD, 0));
}

/// Every other account that the domain's signature is worth something at, passed as writable.
#[test]
fn it_writes_nothing_else_the_domain_has_authority_over() {
    fn domain(table: &Table) -> Pubkey {
        table.protocol.domain
    }
    let treasury = |table: &mut Table| {
        let key = keypair("treasury").pubkey();
        let (mint, owner) = (table.mint, domain(table));
        table.machine.create_token_account(&key, &mint, &owner, 1_000);
        key
    };
    let own_mint = |table: &mut Table| {
        let key = keypair("the domain's mint").pubkey();
        let owner = domain(table);
        table.machine.create_mint(&key, &owner, 6);
        key
    };
    let program_data = |table: &mut Table| {
        let key = keypair("program data").pubkey();
        let owner = domain(table);
        bulkhead_tests::detectors::write_program_data(&mut table.machine, &key, 1, Some(&owner));
        key
    };
    let votes = |table: &mut Table| pda::votes(&domain(table));
    let custody = |table: &mut Table| table.protocol.custody();
    let board = |table: &mut Table| pda::board(&domain(table));
    let itself = |table: &mut Table| domain(table);
    let wallet = |table: &mut Table| table.machine.payer.pubkey();
    let all: [fn(&mut Table) -> Pubkey; 8] = [treasury, own_mint, program_data, votes, custody, board, itself, wallet];
    for of in all {
        let mut table = Table::new();
        let key = of(&mut table);
        let stored = table.calling(&[table.everything()], &[(key, true)]);
        table.register(table.args(stored.clone())).expect("it is well formed");
        let incident = table.freeze();
        refused(table.evacuate(incident, &stored), E::UndeclaredAccount);
        // To read it does no harm.
        let stored = table.calling(&[table.everything()], &[(key, false)]);
        table.register(table.args(stored.clone())).expect("it is well formed");
        table.evacuate(incident, &stored).expect("it only reads");
    }
}

/// An account of the host's own program is the host's to write.
#[test]
fn it_may_write_its_own_accounts() {
    let mut table = Table::new();
    let state = keypair("the host's state").pubkey();
    let account = solana_account::Account {
        lamports: 1_000_000_000,
        data: vec![0; 8],
        owner: table.host,
        executable: false,
        rent_epoch: u64::MAX,
    };
    table.machine.write_account(&state, account);
    let stored = table.calling(&[table.everything()], &[(state, true)]);
    table.register(table.args(stored.clone())).expect("it is well formed");
    let incident = table.freeze();
    table.evacuate(incident, &stored).expect("it is its own");
}

/// `SetAuthority`, `Approve` and others of the token program, signed by the domain, over the route it holds.
#[test]
fn it_gets_nobody_power_over_the_route() {
    let thief = keypair("thief").pubkey();
    let as_domain = |data: Vec<u8>, accounts: Vec<(u8, bool, bool)>| Call {
        program: place::PROGRAM,
        accounts,
        data,
        amount_of: AS_IT_IS,
    };
    let authority = |kind: u8| {
        let data = [vec![6, kind, 1], thief.to_bytes().to_vec()].concat();
        as_domain(data, vec![(place::ROUTE, false, true), (place::DOMAIN, true, false)])
    };
    let approve = as_domain(
        [vec![4], u64::MAX.to_le_bytes().to_vec()].concat(),
        vec![
            (place::ROUTE, false, true),
            (place::HOLDER, false, false),
            (place::DOMAIN, true, false),
        ],
    );
    // Its owner, and who may close it.
    for grab in [authority(2), authority(3), approve] {
        refused_calls(
            |table| (vec![table.everything(), grab.clone()], vec![]),
            E::RouteChanged,
        );
        refused_calls(
            |table| (vec![grab.clone(), table.everything()], vec![]),
            E::RouteChanged,
        );
    }
}

/// Bulkhead is not even named, and without being named it cannot be called.
#[test]
fn it_does_not_come_back() {
    let mut table = Table::new();
    let stored = table.calling(&[table.everything()], &[(bulkhead::ID, false)]);
    let made = table.register(table.args(stored));
    refused(made, E::SelfCall);
    let own = ix::stored(&ix::close_lapsed_incident(
        table.protocol.domain,
        pda::incident(&table.protocol.domain, 0),
    ));
    let mut args = table.args(own);
    let honest = table.honest();
    args.instruction.accounts.extend(honest.accounts);
    refused(table.register(args), E::SelfCall);
}

#[test]
fn a_token_program_is_no_host() {
    // As the callee, it owns every token account there is.
    let mut table = Table::new();
    let treasury = keypair("treasury").pubkey();
    let (mint, domain) = (table.mint, table.protocol.domain);
    table.machine.create_token_account(&treasury, &mint, &domain, 1_000);
    let take = spl::transfer(&TOKEN_PROGRAM, &treasury, &table.route, &domain, &[], 1_000);
    let mut stored = ix::stored(&take.expect("it is well formed"));
    stored.accounts.extend(table.honest().accounts[1..2].iter().cloned());
    table.register(table.args(stored.clone())).expect("it is well formed");
    let incident = table.freeze();
    refused(table.evacuate(incident, &stored), E::UndeclaredAccount);
    assert_eq!(table.machine.balance(&treasury), 1_000);
}

#[test]
fn only_the_registered_call_runs() {
    let (mut table, stored, incident) = Table::confirmed(Table::honest);
    let honest = table.evacuating(incident, &stored);
    let first = honest.accounts.len() - stored.accounts.len();
    let other = keypair("another").pubkey();
    let spoils: [&dyn Fn(&mut Instruction); 5] = [
        &|call| call.accounts[first].pubkey = other,
        &|call| call.accounts.swap(first + 1, first + 2),
        &|call| call.accounts[first + 2].pubkey = other,
        &|call| {
            call.accounts.pop();
        },
        &|call| call.accounts[first - 1].pubkey = TOKEN_PROGRAM,
    ];
    for spoil in spoils {
        let mut call = honest.clone();
        spoil(&mut call);
        refused(table.send(&[call]), E::AccountsMismatch);
    }
    assert_eq!(table.balances().0, HELD);
    table.send(&[honest]).expect("the registered one");
}

#[test]
fn a_route_that_is_no_longer_sound_receives_nothing() {
    let spoils: [fn(&mut Table); 3] = [
        |table| bulkhead_tests::recovery::freeze(&mut table.machine, &table.route.clone(), true),
        |table| {
            let mut account = table.machine.account(&table.route).expect("it exists");
            account.data[32..64].copy_from_slice(keypair("thief").pubkey().as_ref());
            table.machine.write_account(&table.route.clone(), account);
        },
        |table| {
            let mut account = table.machine.account(&table.route).expect("it exists");
            account.data[72] = 1;
            account.data[76..108].copy_from_slice(keypair("thief").pubkey().as_ref());
            table.machine.write_account(&table.route.clone(), account);
        },
    ];
    for spoil in spoils {
        let (mut table, stored, incident) = Table::confirmed(Table::honest);
        spoil(&mut table);
        refused(table.evacuate(incident, &stored), E::UnfitEvacuationRoute);
        assert_eq!(table.balances().0, HELD);
    }
}
