import { vxlanPort } from './limits.ts';
import type { TargetId } from './model.ts';
import type {
  Check,
  CheckName,
  CheckVerdict,
  Destination,
  LoadBalancer,
  PreflightFacts,
  Seen,
} from './preflight-facts.ts';

type Tell = (verdict: CheckVerdict, check: CheckName, detail: string, remedy?: string) => Check;

/** A check about one subject. */
export function about(subject: string): Tell {
  return (verdict, check, detail, remedy) => ({ verdict, check, subject, detail, ...(remedy && { remedy }) });
}

/** Whether a target of the policy exists, is ours or shared with us, and has something behind it that listens. */
export function checkTarget(targetId: TargetId, facts: PreflightFacts): readonly Check[] {
  const tell = about(targetId);
  const destination = facts.destinations.get(targetId);
  if (destination === undefined) {
    return [
      tell(
        'fail',
        'target-exists',
        'EC2 shows no such target, neither of this account nor shared with it.',
        'Create it, have its owner share it by AWS RAM, or take its id out of the pool.',
      ),
    ];
  }
  const isOwn = destination.ownerId === facts.accountId;
  return [
    tell('pass', 'target-exists', `A ${destination.kind} target.`),
    isOwn
      ? tell('pass', 'target-owner', 'This account owns it.')
      : tell(
          'warn',
          'target-owner',
          `Account ${destination.ownerId} shares it; what stands behind it cannot be seen from here.`,
          'Ask its owner to run the checks of this target.',
        ),
    ...(isOwn ? checkBehind(destination, facts, tell) : []),
  ];
}

function checkBehind(destination: Destination, facts: PreflightFacts, tell: Tell): readonly Check[] {
  switch (destination.kind) {
    case 'network-interface':
      return [checkInterface(destination, facts, tell)];
    case 'network-load-balancer':
      return checkLoadBalancer(destination, facts, tell);
    case 'gateway-load-balancer-endpoint':
      return [];
  }
}

function checkInterface({ networkInterfaceId }: Destination, facts: PreflightFacts, tell: Tell): Check {
  const networkInterface = networkInterfaceId && facts.interfaces.get(networkInterfaceId);
  if (!networkInterface) {
    return tell(
      'fail',
      'target-attached',
      describeAbsence('Its interface', networkInterfaceId),
      'Make a target of another interface and put its id into the pool.',
    );
  }
  const instanceId = networkInterface.attachment?.instanceId;
  const state = instanceId && facts.instances.get(instanceId)?.state;
  if (instanceId === undefined || networkInterface.status !== 'in-use') {
    return tell(
      'fail',
      'target-attached',
      `Its interface ${networkInterfaceId} is attached to no instance.`,
      'Attach it to the appliance.',
    );
  }
  if (state !== undefined && state !== 'running') {
    return tell('fail', 'target-attached', `The appliance ${instanceId} is ${state}.`, 'Start the appliance.');
  }
  return tell('pass', 'target-attached', `Its interface ${networkInterfaceId} is on ${instanceId}.`);
}

/** What was read of the load balancer behind a target; `undefined` when there is none. */
export function findLoadBalancer(
  { loadBalancerArn }: Destination,
  { loadBalancers }: PreflightFacts,
): Seen<LoadBalancer> | undefined {
  return loadBalancers.get(loadBalancerArn ?? '');
}

function checkLoadBalancer(destination: Destination, facts: PreflightFacts, tell: Tell): readonly Check[] {
  const seen = findLoadBalancer(destination, facts);
  if (seen === undefined) {
    const detail = describeAbsence('The load balancer', destination.loadBalancerArn);
    return [tell('fail', 'listener', detail, 'Make a target of another load balancer and put its id into the pool.')];
  }
  if (seen.kind === 'denied') {
    const detail = `Listener, health and cross-zone setting are not checked: ${seen.permission} is missing.`;
    return [tell('warn', 'listener', detail, `Allow ${seen.permission} and run this again.`)];
  }
  return [...checkListener(seen.value, tell), checkCrossZone(seen.value, tell)];
}

function describeAbsence(what: string, id: string | undefined): string {
  const name = id === undefined ? what : `${what} ${id}`;
  return `${name} does not exist; AWS has stopped mirroring to it.`;
}

/** Listeners that take UDP, in the words of Elastic Load Balancing [D: API, Listener]. */
const udpProtocols: ReadonlySet<string> = new Set(['UDP', 'TCP_UDP']);

/** AWS: "If you remove the UDP listeners, Traffic Mirroring fails without an error indication" [D: targets]. */
function checkListener({ listeners }: LoadBalancer, tell: Tell): readonly Check[] {
  const listener = listeners.find(({ protocol, port }) => port === vxlanPort && udpProtocols.has(protocol));
  if (listener === undefined) {
    return [
      tell(
        'fail',
        'listener',
        `No listener for UDP ${vxlanPort}: mirroring fails without any error.`,
        `Add a UDP listener on port ${vxlanPort} that forwards to the appliances.`,
      ),
    ];
  }
  const { targets } = listener;
  const healthy = targets.filter(({ state }) => state === 'healthy').length;
  const found = `${healthy} of ${targets.length} registered appliances are healthy.`;
  return [
    tell('pass', 'listener', `${listener.protocol} ${vxlanPort}.`),
    healthy === 0
      ? tell('fail', 'health', found, 'Register appliances, or repair what their health check asks.')
      : healthy < targets.length
        ? tell('warn', 'health', found, 'Look at the target group for the reason of the others.')
        : tell('pass', 'health', found),
  ];
}

function checkCrossZone({ isCrossZone, zones }: LoadBalancer, tell: Tell): Check {
  if (isCrossZone) return tell('pass', 'cross-zone', 'Cross-zone load balancing is on.');
  return tell(
    'warn',
    'cross-zone',
    `Off: each zone is served by its own appliances only, and a zone added later by none (zones: ${zones.join(', ')}).`,
    'Turn on cross-zone load balancing, or keep healthy appliances in every zone with sources.',
  );
}
