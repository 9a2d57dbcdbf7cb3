/** Executes what proposals decide about the host: steps of emergency actions, direct vaults, upgrades. */
import type { Address, Instruction } from '@solana/kit';

import {
    getRegisterDirectVaultInstructionAsync,
    getRegisterEmergencyBuildInstructionAsync,
    getRegisterEmergencyStepsInstructionAsync,
    getUpgradeHostInstructionAsync,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { readToken } from '../token.ts';
import { findBuffer, programDataOf } from './buffers.ts';
import type { Paid } from './execution.ts';
import type { FoundProposal } from './proposals.ts';
import { NOBODY } from './reading.ts';
import type { Work } from './session.ts';

/** The kinds that are about the host. */
export type HostDecision = Extract<
    FoundProposal['decision'],
    { __kind: 'RegisterEmergencySteps' | 'RegisterDirectVault' | 'UpgradeHost' | 'RegisterEmergencyBuild' }
>;

/** The instruction that executes the proposal. */
export async function hostExecutionOf(work: Work, paid: Paid, decision: HostDecision): Promise<Instruction> {
    const { domain } = paid;
    switch (decision.__kind) {
        case 'RegisterEmergencySteps': {
            const [args] = decision.fields;
            const emergencyAction = await pdas.emergencyAction(domain, args.index);
            return getRegisterEmergencyStepsInstructionAsync({ ...paid, emergencyAction, args });
        }
        case 'RegisterDirectVault': {
            const [args] = decision.fields;
            const { source, route } = args;
            const [directVault, mint] = [await pdas.directVault(domain, source), await mintOf(work, source)];
            return getRegisterDirectVaultInstructionAsync({ ...paid, directVault, source, route, mint, args });
        }
        case 'UpgradeHost': {
            const [args] = decision.fields;
            const { program, spill } = args;
            const programData = await programDataOf(program);
            return getUpgradeHostInstructionAsync({
                ...paid,
                record: await pdas.hostProgram(domain, program),
                program,
                programData,
                buffer: await findBuffer(work, domain, args.bufferHash),
                spill,
                watch: await pdas.authorityWatch(domain, programData, 0),
                args,
            });
        }
        case 'RegisterEmergencyBuild': {
            const [args] = decision.fields;
            const record = await pdas.hostProgram(domain, args.program);
            return getRegisterEmergencyBuildInstructionAsync({ ...paid, record, args });
        }
    }
}

/** The mint of a token account, or nobody for an account that is none: the program names the reason. */
async function mintOf(work: Work, key: Address): Promise<Address> {
    const account = await work.account(key);
    return (account.exists ? readToken(account.data)?.mint : undefined) ?? NOBODY;
}
