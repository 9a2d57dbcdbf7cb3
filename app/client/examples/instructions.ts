/** The examples of the README about instructions, accounts and proofs. */
import type { Address, EncodedAccount, TransactionSigner } from '@solana/kit';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    decodePauseBoard,
    getPauseInstruction,
    masks,
    merkle,
    pdas,
    type PauseInstruction,
} from '@bulkhead/client';

export async function pauseBy(setupAuthority: Address, guardian: TransactionSigner): Promise<PauseInstruction> {
    const domain = await pdas.domain(setupAuthority);
    const [council, board] = await Promise.all([pdas.council(domain), pdas.board(domain)]);
    const pause = getPauseInstruction({ guardian, council, board, scope: 255, mask: 0 });
    return pause;
}

export function isOpen(account: EncodedAccount, compartment: number, now: bigint): boolean {
    const { data } = decodePauseBoard(account);
    return masks.isOpen(data, compartment, masks.action.WITHDRAW, now);
}

export function prove(
    snapshot: Address,
    ledgerIndex: number,
    positions: readonly merkle.Position[],
    position: Address,
): merkle.LeafProof {
    const tag = merkle.ledgerTag(BULKHEAD_PROGRAM_ADDRESS, snapshot, ledgerIndex);
    const tree = new merkle.LedgerTree(tag, positions);
    const { index, key, owner, amount, shard, proof } = tree.proof(position);
    return { index, key, owner, amount, shard, proof };
}
