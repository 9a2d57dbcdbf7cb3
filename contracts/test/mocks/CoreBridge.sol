// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IWormhole} from "../../src/IWormhole.sol";

/// @notice A core bridge for tests: it verifies signatures of guardians as Wormhole's does, with one guardian set.
contract CoreBridge is IWormhole {
    event LogMessagePublished(
        address indexed sender,
        uint64 sequence,
        uint32 nonce,
        bytes payload,
        uint8 consistencyLevel
    );

    address[] public guardians;
    uint256 public messageFee;
    mapping(address => uint64) public nextSequence;

    constructor(address[] memory guardians_, uint256 fee) {
        (guardians, messageFee) = (guardians_, fee);
    }

    function publishMessage(
        uint32 nonce,
        bytes memory payload,
        uint8 consistencyLevel
    ) external payable returns (uint64 sequence) {
        require(msg.value == messageFee, "invalid fee");
        sequence = nextSequence[msg.sender]++;
        emit LogMessagePublished(msg.sender, sequence, nonce, payload, consistencyLevel);
    }

    function parseAndVerifyVM(
        bytes calldata encoded
    ) external view returns (VM memory vm, bool valid, string memory reason) {
        vm.version = uint8(encoded[0]);
        require(vm.version == 1, "VM version incompatible");
        vm.guardianSetIndex = uint32(bytes4(encoded[1:5]));
        uint256 count = uint8(encoded[5]);
        vm.signatures = new Signature[](count);
        uint256 offset = 6;
        for (uint256 i = 0; i < count; i++) {
            vm.signatures[i] = Signature({
                guardianIndex: uint8(encoded[offset]),
                r: bytes32(encoded[offset + 1:offset + 33]),
                s: bytes32(encoded[offset + 33:offset + 65]),
                v: uint8(encoded[offset + 65]) + 27
            });
            offset += 66;
        }
        bytes calldata body = encoded[offset:];
        vm.hash = keccak256(abi.encodePacked(keccak256(body)));
        vm.timestamp = uint32(bytes4(body[0:4]));
        vm.nonce = uint32(bytes4(body[4:8]));
        vm.emitterChainId = uint16(bytes2(body[8:10]));
        vm.emitterAddress = bytes32(body[10:42]);
        vm.sequence = uint64(bytes8(body[42:50]));
        vm.consistencyLevel = uint8(body[50]);
        vm.payload = body[51:];
        (valid, reason) = _verify(vm);
    }

    function _verify(VM memory vm) private view returns (bool, string memory) {
        if (vm.guardianSetIndex != 0) return (false, "invalid guardian set");
        if (vm.signatures.length < (guardians.length * 2) / 3 + 1) return (false, "no quorum");
        uint256 least = 0;
        for (uint256 i = 0; i < vm.signatures.length; i++) {
            Signature memory own = vm.signatures[i];
            if (own.guardianIndex < least) return (false, "signature indices must be ascending");
            if (own.guardianIndex >= guardians.length) return (false, "guardian index out of bounds");
            if (ecrecover(vm.hash, own.v, own.r, own.s) != guardians[own.guardianIndex]) {
                return (false, "VM signature invalid");
            }
            least = uint256(own.guardianIndex) + 1;
        }
        return (true, "");
    }
}

/// @notice A bridge that has been taken over: it fails, answers nonsense, or burns all the gas that it gets.
contract HostileBridge {
    uint8 public immutable manner;

    constructor(uint8 manner_) {
        manner = manner_;
    }

    receive() external payable {}

    fallback() external payable {
        if (manner == 0) revert("down");
        if (manner == 1) return;
        if (manner == 2) while (true) {}
        assembly {
            mstore(0, not(0))
            return(0, 64)
        }
    }
}

/// @notice A bridge that has been taken over and calls back what it was told, once, when it is asked to publish.
contract ReentrantBridge {
    address public target;
    bytes private _inside;
    /// The error's selector, 1 for a call that was not refused, 0 for none.
    bytes4 public result;

    function arm(address target_, bytes calldata inside) external {
        (target, _inside) = (target_, inside);
    }

    function messageFee() external pure returns (uint256) {
        return 0;
    }

    function publishMessage(uint32, bytes memory, uint8) external payable returns (uint64) {
        address called = target;
        if (called == address(0)) return 0;
        target = address(0);
        (bool isDone, bytes memory answer) = called.call(_inside);
        result = isDone ? bytes4(uint32(1)) : bytes4(answer);
        return 0;
    }
}
