import type { InvocationReport } from '../../lib/emulator/sandbox.ts';
import type { MetricSample } from './alarm.ts';

/** A line in CloudWatch's embedded metric format [CloudWatch user guide, "Specification: Embedded metric format"]. */
interface MetricLine {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

/** What CloudWatch reads out of the lines that functions write: a sample for each value and each set of dimensions. */
export function samplesFromLines(lines: readonly Readonly<Record<string, unknown>>[]): MetricSample[] {
  return lines.flatMap((line) => ('_aws' in line ? samplesFromLine(line as unknown as MetricLine) : []));
}

function samplesFromLine(line: MetricLine): MetricSample[] {
  const { Timestamp: atMs, CloudWatchMetrics } = line._aws;
  return CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(line[name])]));
      return Metrics.flatMap(({ Name: metric }) =>
        [line[metric]].flat().map((value) => ({ namespace, metric, dimensions, atMs, value: Number(value) })),
      );
    }),
  );
}

/**
 * What Lambda counts of an invocation [Lambda developer guide, "Types of metrics for Lambda functions"]: a throttled one is
 * neither an invocation nor an error.
 */
export function samplesFromInvocation({ functionName, answer, isThrottled }: InvocationReport, atMs: number) {
  const sample = (metric: string, value: number): MetricSample => {
    return { namespace: 'AWS/Lambda', metric, dimensions: { FunctionName: functionName }, atMs, value };
  };
  if (isThrottled) return [sample('Throttles', 1)];
  return [sample('Throttles', 0), sample('Invocations', 1), sample('Errors', answer.kind === 'failed' ? 1 : 0)];
}

/**
 * What SQS says of a queue every minute [SQS developer guide, "Available CloudWatch metrics for Amazon SQS"]; an empty
 * queue has an age of zero. Not known here: a message that was received three times does not count in the age.
 */
export function samplesOfQueue(queueName: string, state: { visible: number; oldestSentAtMs: number }, atMs: number) {
  const sample = (metric: string, value: number): MetricSample => {
    return { namespace: 'AWS/SQS', metric, dimensions: { QueueName: queueName }, atMs, value };
  };
  const ageSeconds = (atMs - state.oldestSentAtMs) / 1000;
  return [
    sample('ApproximateNumberOfMessagesVisible', state.visible),
    sample('ApproximateAgeOfOldestMessage', Math.max(0, ageSeconds)),
  ];
}
