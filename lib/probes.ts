/** Ways out that only the command line takes, beside `lib/ports.ts`: looking, never changing. */
import type { HealthWindow, MirrorTraffic } from './core/health.ts';
import type { InstanceId } from './core/model.ts';

/** CloudWatch, as far as it tells what is mirrored. Throws `Ec2Failure` with the IAM name of the action that failed. */
export interface Metrics {
  /** Sums over the window by instance; an instance without any data point is absent. */
  readMirrorTraffic(
    instanceIds: readonly InstanceId[],
    window: HealthWindow,
  ): Promise<ReadonlyMap<InstanceId, MirrorTraffic>>;
}
