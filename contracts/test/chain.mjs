// An EVM in this process: blocks with a clock that tests set, transactions with their whole gas, errors by name.
import { createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet, createCustomCommon } from '@ethereumjs/common';
import { createLegacyTx } from '@ethereumjs/tx';
import { Account, createAddressFromPrivateKey, createAddressFromString, hexToBytes } from '@ethereumjs/util';
import { createVM, runTx } from '@ethereumjs/vm';
import {
    AbiCoder,
    Interface,
    SigningKey,
    Wallet,
    concat,
    getBytes,
    hexlify,
    keccak256,
    toBeHex,
    zeroPadValue,
} from 'ethers';
import { compile } from '../scripts/compile.mjs';

export const contracts = await compile();
export const NOW = 1_780_000_000n;
export const HOUR = 3_600n;
export const DAY = 86_400n;

/** A key of tests: the same byte 32 times. */
export function key(byte) {
    return new Wallet('0x' + byte.toString(16).padStart(2, '0').repeat(32));
}

export class Refused extends Error {
    constructor(name, args) {
        super(`${name}(${args.join(', ')})`);
        this.refusal = name;
        this.args = args;
    }
}

export class Chain {
    static async create({ chainId = 1 } = {}) {
        const chain = new Chain();
        chain.common = common(chainId);
        chain.vm = await createVM({ common: chain.common, blockchain });
        chain.libraries = new Map();
        chain.now = NOW;
        chain.number = 1_000n;
        return chain;
    }

    /** The same state under another chain's number: the other side of a fork. */
    async fork(chainId) {
        const fork = new Chain();
        fork.common = common(chainId);
        fork.vm = await createVM({ common: fork.common, blockchain, stateManager: this.vm.stateManager });
        [fork.now, fork.number] = [this.now, this.number];
        return fork;
    }

    async fund(wallet, amount = 10n ** 24n) {
        const address = createAddressFromString(wallet.address);
        const account = (await this.vm.stateManager.getAccount(address)) ?? new Account();
        account.balance += amount;
        await this.vm.stateManager.putAccount(address, account);
    }

    async balance(address) {
        return (await this.vm.stateManager.getAccount(createAddressFromString(address)))?.balance ?? 0n;
    }

    /** Gas of the whole transaction, logs and result; throws what the contract refuses. */
    async transact(wallet, { to, data, value = 0n, gasLimit = 25_000_000n, abi }) {
        const secret = hexToBytes(wallet.privateKey);
        const sender = await this.vm.stateManager.getAccount(createAddressFromPrivateKey(secret));
        const tx = createLegacyTx(
            { nonce: sender?.nonce ?? 0n, gasPrice: 10n, gasLimit, to, data, value },
            { common: this.common },
        ).sign(secret);
        const block = createBlock(
            { header: { number: this.number, timestamp: this.now, gasLimit: 30_000_000n, baseFeePerGas: 1n } },
            { common: this.common },
        );
        const result = await runTx(this.vm, { tx, block });
        this.number += 1n;
        if (result.execResult.exceptionError) throw refusal(abi, result.execResult);
        return {
            gas: result.totalGasSpent,
            logs: result.receipt.logs,
            address: result.createdAddress?.toString(),
            returned: result.execResult.returnValue,
        };
    }

    async deploy(wallet, name, args = []) {
        const interface_ = new Interface(contracts[name].abi);
        const data = concat(['0x' + (await this.linked(wallet, name)), interface_.encodeDeploy(args)]);
        const { address, gas } = await this.transact(wallet, { data, abi: interface_ });
        return new Deployed(this, address, interface_, gas);
    }

    /** Creation code with the addresses of its libraries, which are deployed once. */
    async linked(wallet, name) {
        let { code, links } = contracts[name];
        for (const [library, places] of Object.entries(links)) {
            if (!this.libraries.has(library)) {
                const { address } = await this.transact(wallet, { data: '0x' + contracts[library].code });
                this.libraries.set(library, address.slice(2));
            }
            const address = this.libraries.get(library);
            for (const { start } of places) code = code.slice(0, 2 * start) + address + code.slice(2 * start + 40);
        }
        return code;
    }
}

/** Every block has a hash that depends on its number. */
const blockchain = {
    getBlock: async (number) => ({ hash: () => hexToBytes(keccak256(toBeHex(number, 32))) }),
    putBlock: async () => {},
    shallowCopy: () => blockchain,
};

/** A contract on a chain. */
export class Deployed {
    constructor(chain, address, abi, gas) {
        Object.assign(this, { chain, address, abi, gas });
    }

    /** The same contract on another side of a fork. */
    on(chain) {
        return new Deployed(chain, this.address, this.abi, this.gas);
    }

    async send(wallet, method, args = [], value = 0n) {
        const data = this.abi.encodeFunctionData(method, args);
        const result = await this.chain.transact(wallet, { to: this.address, data, value, abi: this.abi });
        const events = result.logs
            .filter(([address]) => hexlify(address) === this.address.toLowerCase())
            .map(([, topics, data]) => this.abi.parseLog({ topics: topics.map(hexlify), data: hexlify(data) }));
        return { ...result, events };
    }

    async read(method, ...args) {
        const { vm, now, number, common } = this.chain;
        const block = createBlock(
            { header: { number, timestamp: now, gasLimit: 30_000_000n, baseFeePerGas: 1n } },
            { common },
        );
        const { execResult } = await vm.evm.runCall({
            to: createAddressFromString(this.address),
            data: getBytes(this.abi.encodeFunctionData(method, args)),
            isStatic: true,
            block,
            gasLimit: 30_000_000n,
        });
        if (execResult.exceptionError) throw refusal(this.abi, execResult);
        const result = this.abi.decodeFunctionResult(method, hexlify(execResult.returnValue));
        return result.length === 1 ? result[0] : result;
    }
}

function common(chainId) {
    return createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Cancun });
}

function refusal(abi, { exceptionError, returnValue }) {
    const data = hexlify(returnValue ?? new Uint8Array());
    const parsed = data.length >= 10 ? abi?.parseError(data) : undefined;
    return parsed ? new Refused(parsed.name, [...parsed.args]) : new Refused(exceptionError.error, [data]);
}

/** Asserts that a call is refused by this name. */
export async function refuses(promise, name) {
    let refused;
    try {
        await promise;
    } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused = error.refusal;
    }
    if (refused !== name) throw new Error(`refused by ${refused ?? 'nothing'} instead of ${name}`);
}

/** Signatures in the form that both chains take: index, r, s, parity; in ascending order of the indices given. */
export function sign(wallets, indices, digest) {
    const one = (index) => {
        const { r, s, yParity } = new SigningKey(wallets[index].privateKey).sign(digest);
        return concat([toBeHex(index, 1), r, s, toBeHex(yParity, 1)]);
    };
    return concat(indices.map(one));
}

export function word(value) {
    return zeroPadValue(value, 32);
}

export const abiCoder = AbiCoder.defaultAbiCoder();
