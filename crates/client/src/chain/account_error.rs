//! What Anchor says about an account, in a sentence that names the account and says what to do next.
//!
//! Anchor checks accounts before the program runs, and its messages name no account: "The given account is owned by a
//! different program than expected" mostly means that the account does not exist.

/// Anchor's numbers for an account that does not exist: it belongs to the system program still.
const OWNED_BY_WRONG_PROGRAM: u32 = 3007;
const NOT_INITIALIZED: u32 = 3012;
/// Anchor's numbers for an account of another kind.
const OTHER_KIND: [u32; 4] = [3001, 3002, 3003, 3008];
/// Anchor's numbers for an account at another address, or linked to others than it should be.
const OTHER_ACCOUNT: [u32; 6] = [2001, 2003, 2004, 2006, 2012, 2014];

/// What an account is, and what to do if it does not exist. The names are the IDL's.
const KNOWN: [(&str, &str, &str); 41] = [
    ("account", "the watched account", "is the address right?"),
    (
        "associated",
        "the owner's associated token account",
        "create it first; it is the owner's and the mint's",
    ),
    (
        "ballot",
        "the ballot",
        "a member opens it first: `bulkhead ballot open`",
    ),
    ("board", "the domain's pause board", "is the domain right?"),
    (
        "breaker",
        "the breaker",
        "is its address right? `bulkhead breaker list` lists the domain's",
    ),
    (
        "callee",
        "the program that is called",
        "is it deployed on this cluster?",
    ),
    (
        "claims",
        "the page of claims",
        "open it in the same transaction: `bulkhead claim` does",
    ),
    ("council", "the domain's council", "is the domain right?"),
    ("custody", "the vault's token account", "is the vault right?"),
    (
        "destination",
        "the token account that receives",
        "create it first, for the same mint",
    ),
    (
        "detector",
        "the detector",
        "is its address right? `bulkhead breaker list` lists the domain's",
    ),
    ("dispute", "the dispute", "is its address right?"),
    ("domain", "the domain", "is --domain right? `bulkhead init` opens one"),
    (
        "emergency_action",
        "the emergency action",
        "register it by proposal first: `bulkhead propose`",
    ),
    (
        "escrow",
        "the voter's escrow",
        "open it first: `bulkhead vote deposit` does, `bulkhead vote escrow` alone does",
    ),
    (
        "evidence",
        "the evidence",
        "store it first: `bulkhead checkpoint prove-leaf`",
    ),
    (
        "export_program",
        "the program that exports positions",
        "is it deployed on this cluster?",
    ),
    ("first", "the first account that is compared", "is its address right?"),
    ("governance_mint", "the governance token", "is the domain right?"),
    ("incident", "the incident", "is one open? `bulkhead status` says it"),
    (
        "ledger",
        "the ledger",
        "is --ledger-index right? It is registered by `bulkhead init` or by proposal",
    ),
    (
        "liabilities",
        "the account that states what is owed",
        "is its address right?",
    ),
    ("link", "the link", "it is set by proposal: `bulkhead propose`"),
    (
        "log",
        "the checkpoint log",
        "open it by proposal first: `bulkhead propose open-checkpoint-log`",
    ),
    (
        "migration",
        "the evacuation",
        "guardians confirm it first: `bulkhead evacuate confirm`",
    ),
    ("mint", "the mint", "is its address right?"),
    ("note", "the deposit note", "is its address right?"),
    (
        "pool",
        "the restoration's token account",
        "a restoration is chosen first: `bulkhead status` says the next step",
    ),
    (
        "price",
        "the price account",
        "is its address right, and does its oracle publish on this cluster?",
    ),
    (
        "proposal",
        "the proposal",
        "it may have been closed: `bulkhead proposal list` lists those that are open",
    ),
    (
        "record",
        "the record of the vote",
        "this voter has not voted: `bulkhead vote` casts",
    ),
    (
        "release",
        "the queued release",
        "it may have been closed: `bulkhead release list` lists those that wait",
    ),
    (
        "restoration",
        "the restoration",
        "it is chosen by proposal after the vote: `bulkhead status` says the next step",
    ),
    (
        "sample",
        "the sample",
        "is its address right? `bulkhead checkpoint sample` takes one",
    ),
    ("second", "the second account that is compared", "is its address right?"),
    (
        "shard",
        "the shard of the snapshot",
        "open it first: `bulkhead snapshot crank` does",
    ),
    (
        "snapshot",
        "the snapshot",
        "open it first: `bulkhead snapshot crank` does",
    ),
    (
        "source",
        "the token account that pays",
        "create it and move tokens there, or name another",
    ),
    ("vault", "the vault", "is its address right?"),
    (
        "votes",
        "the domain's token account for votes",
        "open it first: `bulkhead vote deposit` does, `bulkhead vote custody` alone does",
    ),
    (
        "watch",
        "the authority watch",
        "is its address right? `bulkhead breaker list` lists the domain's",
    ),
];

/// The sentence about an account that Anchor refused, if it is an account that it refused. Without logs, `account` is
/// not known.
pub(super) fn explain(account: Option<&str>, number: u32) -> Option<String> {
    let known = KNOWN.iter().find(|(name, ..)| Some(*name) == account);
    let (what, next) = match (known, account) {
        (Some((_, what, next)), _) => ((*what).to_owned(), *next),
        (None, Some(name)) => (
            format!("the account `{name}`"),
            "is the address right, and the cluster?",
        ),
        (None, None) => (
            "an account that the instruction names".to_owned(),
            "read the domain's status for the next step",
        ),
    };
    Some(match number {
        OWNED_BY_WRONG_PROGRAM | NOT_INITIALIZED => {
            format!("{what} does not exist on this cluster, or belongs to another program; {next}")
        }
        number if OTHER_KIND.contains(&number) => {
            format!(
                "{what} is an account of another kind or version; check its address, and whether the client is up to date"
            )
        }
        number if OTHER_ACCOUNT.contains(&number) => {
            format!("{what} is not the one that belongs here; check its address, and that of the domain")
        }
        _ => return None,
    })
}

/// Anchor's name of the number, where no log says it.
pub(super) const fn name(number: u32) -> &'static str {
    match number {
        OWNED_BY_WRONG_PROGRAM => "AccountOwnedByWrongProgram",
        NOT_INITIALIZED => "AccountNotInitialized",
        _ => "WrongAccount",
    }
}

/// The account that an instruction would create and that exists: the system program refuses it with a number that says
/// nothing.
pub(super) fn in_use(logs: &[String]) -> Option<String> {
    let line = logs.iter().find(|line| line.ends_with("already in use"))?;
    let address = line
        .split("address: ")
        .nth(1)
        .and_then(|rest| rest.split([',', ' ']).next());
    let address = address.unwrap_or("that this would open");
    Some(format!(
        "the account {address} exists already: this was done before; read the domain's status for the next step"
    ))
}
