import type { Seen } from '../core/preflight-facts.ts';
import { isEc2Failure } from '../failure.ts';
import { toEc2Failure } from './ec2-errors.ts';

/** The value, or the permission (`service:Action`) that was missing for it; any other failure is thrown. */
export async function orDenied<T>(permission: string, read: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { kind: 'seen', value: await read() };
  } catch (error) {
    const failure = isEc2Failure(error) ? error : toEc2Failure(permission, error);
    if (failure.kind === 'denied') return { kind: 'denied', permission: failure.operation };
    throw failure;
  }
}
