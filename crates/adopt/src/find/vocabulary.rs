//! Words that names of fields and types are made of, and what they say.

/// Are these words among those?
#[must_use]
pub fn has(words: &[String], wanted: &[&str]) -> bool {
    words.iter().any(|word| is_any(word, wanted))
}

/// Is the word among those?
#[must_use]
pub fn is_any(word: &str, wanted: &[&str]) -> bool {
    wanted.contains(&word)
}

/// Who a position may belong to, from the surest word to the least.
pub const OWNERS: &[(&[&str], i32)] = &[
    (&["owner"], 10),
    (
        &[
            "user",
            "wallet",
            "depositor",
            "staker",
            "beneficiary",
            "lender",
            "borrower",
            "trader",
            "holder",
            "maker",
            "claimant",
            "recipient",
            "participant",
            "investor",
            "buyer",
            "bidder",
            "seller",
            "farmer",
            "member",
        ],
        8,
    ),
    (&["authority"], 7),
    (&["initializer", "requester"], 5),
    (&["creator", "signer", "sender"], 4),
    (&["payer", "funder"], 2),
];

/// What speaks against an owner: authorities over something else, or over the protocol.
pub const NO_OWNER: &[&str] = &[
    "admin",
    "bank",
    "close",
    "config",
    "custody",
    "delegate",
    "emission",
    "emissions",
    "fee",
    "fees",
    "freeze",
    "global",
    "governance",
    "group",
    "lending",
    "manager",
    "market",
    "mint",
    "new",
    "operator",
    "oracle",
    "pause",
    "pending",
    "pool",
    "program",
    "proposed",
    "protocol",
    "referrer",
    "reserve",
    "reward",
    "rewards",
    "treasury",
    "update",
    "upgrade",
    "vault",
];

/// Words of a token account, whose owner is another account's matter.
pub const TOKEN_ACCOUNT: &[&str] = &["account", "ata", "token", "tokens", "vault"];

/// Words of a number that is no amount, wherever they stand.
pub const NO_AMOUNT: &[&str] = &[
    "after",
    "apr",
    "apy",
    "asks",
    "at",
    "attempts",
    "average",
    "avg",
    "before",
    "bids",
    "bin",
    "bins",
    "block",
    "bps",
    "bump",
    "bumps",
    "cap",
    "checkpoint",
    "checksum",
    "cliff",
    "count",
    "counter",
    "created",
    "data",
    "date",
    "day",
    "days",
    "decimals",
    "delay",
    "duration",
    "end",
    "entry",
    "epoch",
    "epochs",
    "expiration",
    "expiry",
    "exponent",
    "factor",
    "flags",
    "frequency",
    "fuel",
    "funding",
    "growth",
    "hash",
    "height",
    "highest",
    "id",
    "idx",
    "index",
    "interest",
    "interval",
    "last",
    "len",
    "length",
    "level",
    "leverage",
    "limit",
    "liquidation",
    "lowest",
    "ltv",
    "max",
    "maximum",
    "min",
    "minimum",
    "mode",
    "multiplier",
    "next",
    "nonce",
    "num",
    "number",
    "offset",
    "order",
    "padding",
    "pad",
    "pct",
    "percent",
    "percentage",
    "per",
    "period",
    "periods",
    "pnl",
    "points",
    "power",
    "precision",
    "previous",
    "price",
    "rate",
    "ratio",
    "reserved",
    "score",
    "seconds",
    "seed",
    "seeds",
    "slot",
    "slots",
    "snapshot",
    "sqrt",
    "start",
    "status",
    "tag",
    "target",
    "threshold",
    "tick",
    "ticks",
    "time",
    "timestamp",
    "ts",
    "unix",
    "updated",
    "version",
    "volume",
    "vote",
    "votes",
    "weight",
    "weighted",
    "window",
    "year",
];

/// Words of a sum over a life, or of what was once: not what is owed now.
pub const PAST: &[&str] = &[
    "cumulative",
    "historical",
    "history",
    "initial",
    "lifetime",
    "net",
    "ori",
    "orig",
    "original",
    "paid",
    "received",
];

/// Words of what left already, and is to be subtracted from what was granted.
pub const GONE: &[&str] = &[
    "claimed",
    "redeemed",
    "released",
    "spent",
    "used",
    "withdrawn",
    "withdraws",
    "withdrew",
];

/// Words of what is owed by the owner.
pub const DEBT: &[&str] = &[
    "borrow",
    "borrowed",
    "borrows",
    "debt",
    "debts",
    "liab",
    "liability",
    "liabilities",
    "loan",
    "loans",
];

/// Words of what is owed on top.
pub const REWARD: &[&str] = &[
    "airdrop",
    "bonus",
    "earned",
    "earning",
    "earnings",
    "emission",
    "emissions",
    "fee",
    "fees",
    "harvest",
    "incentive",
    "incentives",
    "rebate",
    "rebates",
    "referral",
    "referrer",
    "reward",
    "rewards",
    "royalty",
    "unclaimed",
    "yield",
];

/// Words of shares, whose worth another account knows.
pub const SHARES: &[&str] = &[
    "ctoken",
    "ctokens",
    "indexed",
    "liquidity",
    "normalized",
    "scaled",
    "share",
    "shares",
];

/// Words of a value in a currency of account, or of what is traded with borrowed means.
pub const VALUE: &[&str] = &["notional", "size", "usd", "value"];

/// Words of whole lots of an order book.
pub const LOTS: &[&str] = &["lot", "lots"];

/// Words of an amount, and how sure they are.
pub const AMOUNTS: &[(&[&str], i32)] = &[
    (&["amount", "amt", "balance", "lamports"], 7),
    (
        &[
            "collateral",
            "deposit",
            "deposited",
            "deposits",
            "escrowed",
            "free",
            "locked",
            "principal",
            "quantity",
            "qty",
            "stake",
            "staked",
            "supplied",
            "tokens",
        ],
        6,
    ),
    (
        &[
            "available",
            "funds",
            "held",
            "native",
            "outstanding",
            "owed",
            "remaining",
            "vested",
            "units",
            "unlocked",
        ],
        4,
    ),
];

/// Words that only say in what state an amount is: such amounts are parts of one.
pub const STATES: &[&str] = &[
    "active",
    "available",
    "effective",
    "free",
    "held",
    "idle",
    "inactive",
    "locked",
    "permanent",
    "reserved",
    "staked",
    "unlocked",
    "unstaked",
    "unvested",
    "vested",
];

/// Words that say which of several assets is meant.
pub const ASSETS: &[&str] = &[
    "0", "1", "2", "3", "4", "a", "b", "base", "coin", "in", "input", "lamports", "long", "making", "out", "output",
    "pc", "quote", "short", "sol", "taking", "usdc", "usdt", "x", "y",
];

/// Tables that hold no balances.
pub const NO_TABLE: &[&str] = &[
    "bin",
    "bins",
    "checkpoint",
    "checkpoints",
    "event",
    "events",
    "fill",
    "fills",
    "history",
    "observation",
    "observations",
    "oo",
    "order",
    "orders",
    "perp",
    "perps",
    "price",
    "prices",
    "referrer",
    "referrers",
    "tick",
    "ticks",
    "update",
    "updates",
];

/// Words of what a record belongs to.
pub const WHICH: &[&str] = &[
    "asset", "bank", "custody", "farm", "index", "market", "mint", "pool", "reserve", "spot", "token", "vault",
];

/// Words that say whether a record is a deposit or a debt.
pub const SIDE: &[&str] = &["direction", "side", "type"];
