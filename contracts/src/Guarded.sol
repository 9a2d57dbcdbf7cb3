// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title What a guarded host asks
interface IPauseBoard {
    function requireOpen(uint32 action, uint8 compartment) external view;
}

/// @title For a host whose Bulkhead is a contract of its own
/// @notice Isolated from the engine that it protects: whoever takes the host over does not have the board. It fails
/// closed: a board that does not answer stops the action.
abstract contract Guarded {
    IPauseBoard public immutable board;

    constructor(IPauseBoard board_) {
        board = board_;
    }

    /// @notice Runs the function only while `action` is open in `compartment`.
    modifier whenOpen(uint32 action, uint8 compartment) {
        board.requireOpen(action, compartment);
        _;
    }
}
