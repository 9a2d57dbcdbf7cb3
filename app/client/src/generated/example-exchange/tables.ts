/**
 * Generated from the IDL by scripts/generate.mjs: do not edit.
 */
import {
    getAdminUpdatedDecoder,
    getCollateralListedDecoder,
    getMarketCreatedDecoder,
    getOracleOpenedDecoder,
    getOrderCancelledDecoder,
    getOrderFilledDecoder,
    getOrderPlacedDecoder,
    getOutflowDecidedDecoder,
    getWithdrawLimitSetDecoder,
    type AdminUpdated,
    type CollateralListed,
    type MarketCreated,
    type OracleOpened,
    type OrderCancelled,
    type OrderFilled,
    type OrderPlaced,
    type OutflowDecided,
    type WithdrawLimitSet,
} from './types/index.ts';

/** The program's errors. */
export const ERROR_NAMES = {
    6000: 'ForeignAccount',
    6001: 'NotTheOwner',
    6002: 'NotTheAdmin',
    6003: 'UnknownVersion',
    6004: 'UnknownCustodyMode',
    6005: 'ZeroAmount',
    6006: 'Overflow',
    6007: 'DuplicateAccount',
    6100: 'ActionPaused',
    6101: 'WrongBoard',
    6102: 'ForeignBoard',
    6103: 'UnknownBoardVersion',
    6104: 'CompartmentOutOfRange',
    6200: 'CustodyAccountMissing',
    6201: 'NotOurCustody',
    6202: 'TokensNotOurs',
    6203: 'NoVerdict',
    6300: 'DepositTooSmall',
    6301: 'OverWithdrawLimit',
    6302: 'WrongCollateral',
    6303: 'CollateralTooSmall',
    6304: 'DebtTooSmall',
    6305: 'RedemptionDisabled',
    6306: 'WrongOracle',
    6307: 'PriceNotUsable',
    6308: 'NotThePublisher',
    6309: 'LoanInThisSlot',
    6400: 'NoSharesForAmount',
    6401: 'NoAmountForShares',
    6500: 'InvalidMarket',
    6501: 'CompartmentShared',
    6502: 'UnknownSide',
    6503: 'UnknownOrderKind',
    6504: 'OrderOutOfRange',
    6505: 'OrderTooSmall',
    6506: 'NotEnoughFree',
    6507: 'ClientIdUsed',
    6508: 'WouldTake',
    6509: 'BookFull',
    6510: 'TooManyOrders',
    6511: 'EvictedAccountMissing',
    6512: 'NoSuchOrder',
    6513: 'NothingToMatch',
    6514: 'FeesDoNotTrade',
    6515: 'UnknownAction',
} as const;

/** An event, by its name. */
export type ProgramEvent =
    | { name: 'AdminUpdated'; data: AdminUpdated }
    | { name: 'CollateralListed'; data: CollateralListed }
    | { name: 'MarketCreated'; data: MarketCreated }
    | { name: 'OracleOpened'; data: OracleOpened }
    | { name: 'OrderCancelled'; data: OrderCancelled }
    | { name: 'OrderFilled'; data: OrderFilled }
    | { name: 'OrderPlaced'; data: OrderPlaced }
    | { name: 'OutflowDecided'; data: OutflowDecided }
    | { name: 'WithdrawLimitSet'; data: WithdrawLimitSet };

/** The decoder of each event, by its discriminator in hex. */
export const EVENT_DECODERS = {
    '455231ab2b0350a1': { name: 'AdminUpdated', decoder: getAdminUpdatedDecoder() },
    '1d3f51b2ffd0950a': { name: 'CollateralListed', decoder: getCollateralListedDecoder() },
    '58b882e7e254063a': { name: 'MarketCreated', decoder: getMarketCreatedDecoder() },
    '94eab96303ea35dd': { name: 'OracleOpened', decoder: getOracleOpenedDecoder() },
    '6c388044a871a8ef': { name: 'OrderCancelled', decoder: getOrderCancelledDecoder() },
    '787c6d42f974ae1e': { name: 'OrderFilled', decoder: getOrderFilledDecoder() },
    '6082cceaa9dbd8e3': { name: 'OrderPlaced', decoder: getOrderPlacedDecoder() },
    '24115e66d9b998f0': { name: 'OutflowDecided', decoder: getOutflowDecidedDecoder() },
    d03e3a58bc325e95: { name: 'WithdrawLimitSet', decoder: getWithdrawLimitSetDecoder() },
} as const;
