// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title User actions, one bit each, as `crates/guard/src/action.rs` has them
/// @notice Bits 16 to 31 are for the host to define.
library Actions {
    uint32 internal constant DEPOSIT = 1 << 0;
    uint32 internal constant WITHDRAW = 1 << 1;
    uint32 internal constant BORROW = 1 << 2;
    uint32 internal constant REPAY = 1 << 3;
    uint32 internal constant TRADE = 1 << 4;
    uint32 internal constant CANCEL = 1 << 5;
    uint32 internal constant LIQUIDATE = 1 << 6;
    uint32 internal constant SETTLE = 1 << 7;
    uint32 internal constant CLAIM = 1 << 8;
    uint32 internal constant ADMIN = 1 << 9;

    uint32 internal constant ALL = type(uint32).max;
    // What an emergency closes where nothing else is set. Whatever can only make users safer stays open.
    uint32 internal constant DEFAULT_EMERGENCY = ALL & ~(REPAY | CANCEL | DEPOSIT | CLAIM);
    // What a freeze closes.
    uint32 internal constant FROZEN = ALL & ~CLAIM;
}
