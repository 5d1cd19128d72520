import type { Account, LoadBalancer } from './account.ts';
import { refuse, requireParameter } from './aws-error.ts';
import type { QueryRequest } from './wire-read.ts';
import { escapeText } from './wire-write.ts';

/** The API version by which a Query request is known to be for Elastic Load Balancing. */
export const LOAD_BALANCING_VERSION = '2015-12-01';
const NAMESPACE = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';

/** Answers what can be asked about network load balancers that are mirror targets; they are made by the fleet document. */
export function answerLoadBalancing(account: Account, { action, parameters }: QueryRequest, requestId: string): string {
  const answer = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (answer === undefined) return refuse('InvalidAction', `The action ${action} is not valid for this web service.`);
  const result = answer(account, parameters);
  return (
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result>` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`
  );
}

type Parameters = QueryRequest['parameters'];

const actions: Readonly<Record<string, (account: Account, parameters: Parameters) => string>> = {
  DescribeLoadBalancers: (account, parameters) => {
    const arns = [...parameters].filter(([key]) => key.startsWith('LoadBalancerArns.member.')).map(([, arn]) => arn);
    const rows = arns.length === 0 ? [...account.loadBalancers.values()] : arns.map((arn) => find(account, arn));
    return element('LoadBalancers', members(rows.map(showLoadBalancer)));
  },
  DescribeLoadBalancerAttributes: (account, parameters) => {
    const { isCrossZone } = find(account, parameters.get('LoadBalancerArn'));
    const attribute = element('Key', 'load_balancing.cross_zone.enabled') + element('Value', String(isCrossZone));
    return element('Attributes', members([attribute]));
  },
  DescribeListeners: (account, parameters) => {
    const row = find(account, parameters.get('LoadBalancerArn'));
    return element('Listeners', members(row.listeners.map((_, index) => showListener(row, index))));
  },
  DescribeTargetHealth: (account, parameters) => {
    const arn = requireParameter('TargetGroupArn', parameters.get('TargetGroupArn'));
    for (const row of account.loadBalancers.values()) {
      const listener = row.listeners.find((_, index) => targetGroupArn(row, index) === arn);
      if (listener === undefined) continue;
      const targets = listener.targets.map(
        ({ id, state }) =>
          element('Target', element('Id', id) + element('Port', String(listener.port))) +
          element('TargetHealth', element('State', state)),
      );
      return element('TargetHealthDescriptions', members(targets));
    }
    return refuse('TargetGroupNotFound', 'One or more target groups not found');
  },
};

function find(account: Account, arn: string | undefined): LoadBalancer {
  const row = account.loadBalancers.get(requireParameter('LoadBalancerArn', arn));
  return row ?? refuse('LoadBalancerNotFound', 'One or more load balancers not found');
}

function showLoadBalancer({ arn, name, zones, securityGroupIds }: LoadBalancer): string {
  return [
    element('LoadBalancerArn', arn),
    element('LoadBalancerName', name),
    element('Type', 'network'),
    element('State', element('Code', 'active')),
    element('AvailabilityZones', members(zones.map((zone) => element('ZoneName', zone)))),
    element('SecurityGroups', members(securityGroupIds)),
  ].join('');
}

function showListener(row: LoadBalancer, index: number): string {
  const listener = row.listeners[index];
  const action = element('Type', 'forward') + element('TargetGroupArn', targetGroupArn(row, index));
  return [
    element('ListenerArn', `${row.arn.replace(':loadbalancer/', ':listener/')}/${index}`),
    element('LoadBalancerArn', row.arn),
    element('Protocol', listener?.protocol ?? ''),
    element('Port', String(listener?.port ?? 0)),
    element('DefaultActions', members([action])),
  ].join('');
}

/** Each listener has a group of its own here. */
function targetGroupArn({ arn, name }: LoadBalancer, index: number): string {
  return `${arn.slice(0, arn.indexOf(':loadbalancer/'))}:targetgroup/${name}-${index}/${arn.split('/').at(-1)}`;
}

function members(contents: readonly string[]): string {
  return contents
    .map((content) => `<member>${content.startsWith('<') ? content : escapeText(content)}</member>`)
    .join('');
}

function element(tag: string, content: string): string {
  return `<${tag}>${content.startsWith('<') ? content : escapeText(content)}</${tag}>`;
}
