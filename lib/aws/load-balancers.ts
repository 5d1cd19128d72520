import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type ElasticLoadBalancingV2ClientConfig,
  type Listener as SdkListener,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Listener, LoadBalancer, RegisteredTarget } from '../core/preflight-facts.ts';
import { isEc2Failure } from '../failure.ts';
import type { Surroundings } from '../probes.ts';
import { attempt } from './attempt.ts';
import { clientSettings } from './client-settings.ts';
import { orDenied } from './or-denied.ts';

/** Network load balancers of the account and Region that the settings mean. */
export function connectLoadBalancers(
  settings: ElasticLoadBalancingV2ClientConfig,
): Pick<Surroundings, 'readLoadBalancer'> {
  const client = new ElasticLoadBalancingV2Client({ ...clientSettings, ...settings });
  return {
    async readLoadBalancer(arn) {
      const seen = await orDenied('elasticloadbalancing:DescribeLoadBalancers', () => readWhole(client, arn));
      if (seen.kind === 'denied') return seen;
      return seen.value === undefined ? undefined : { kind: 'seen', value: seen.value };
    },
  };
}

async function readWhole(client: ElasticLoadBalancingV2Client, arn: string): Promise<LoadBalancer | undefined> {
  const found = await attempt('elasticloadbalancing:DescribeLoadBalancers', () =>
    client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] })),
  ).catch(ignoreMissing);
  const shape = found?.LoadBalancers?.[0];
  if (shape === undefined) return undefined;
  const { Attributes = [] } = await attempt('elasticloadbalancing:DescribeLoadBalancerAttributes', () =>
    client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn })),
  );
  const crossZone = Attributes.find(({ Key }) => Key === 'load_balancing.cross_zone.enabled');
  return {
    arn,
    zones: (shape.AvailabilityZones ?? []).flatMap(({ ZoneName }) => ZoneName ?? []),
    securityGroupIds: shape.SecurityGroups ?? [],
    isCrossZone: crossZone?.Value === 'true',
    listeners: await readListeners(client, arn),
  };
}

async function readListeners(client: ElasticLoadBalancingV2Client, arn: string): Promise<readonly Listener[]> {
  const shapes: SdkListener[] = [];
  let Marker: string | undefined;
  do {
    const input = { LoadBalancerArn: arn, ...(Marker && { Marker }) };
    const page = await attempt('elasticloadbalancing:DescribeListeners', () =>
      client.send(new DescribeListenersCommand(input)),
    );
    shapes.push(...(page.Listeners ?? []));
    Marker = page.NextMarker;
  } while (Marker);
  const listeners: Listener[] = [];
  for (const shape of shapes) {
    const targets: RegisteredTarget[] = [];
    for (const TargetGroupArn of targetGroupsOf(shape)) {
      const answer = await attempt('elasticloadbalancing:DescribeTargetHealth', () =>
        client.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
      );
      for (const { Target, TargetHealth } of answer.TargetHealthDescriptions ?? []) {
        targets.push({ id: Target?.Id ?? '', state: TargetHealth?.State ?? 'unavailable' });
      }
    }
    listeners.push({ protocol: shape.Protocol ?? '', port: shape.Port ?? 0, targets });
  }
  return listeners;
}

/** A listener names its groups in one of two ways, or in both. */
function targetGroupsOf({ DefaultActions = [] }: SdkListener): ReadonlySet<string> {
  const arns = DefaultActions.flatMap(({ TargetGroupArn, ForwardConfig }) => [
    TargetGroupArn,
    ...(ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn),
  ]);
  return new Set(arns.flatMap((arn) => arn ?? []));
}

function ignoreMissing(error: unknown): undefined {
  // The SDK's name for it, and the code on the wire.
  const missing = ['LoadBalancerNotFoundException', 'LoadBalancerNotFound'];
  if (isEc2Failure(error) && missing.includes(error.code)) return undefined;
  throw error;
}
