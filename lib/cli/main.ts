/** The command line. Every command is one file; this one only puts them together and turns errors into exit codes. */
import { Command, CommanderError } from 'commander';
import { type Ec2Failure, isEc2Failure } from '../failure.ts';
import type { GlobalOptions } from './context.ts';
import { registerDemo } from './demo.ts';
import { registerEmulator } from './emulator.ts';
import { registerExplain } from './explain.ts';
import { registerHealth } from './health.ts';
import { outliveLostOutput } from './lost-output.ts';
import { registerPolicy } from './policy.ts';
import { registerPreflight } from './preflight.ts';
import { registerReconcile } from './reconcile-commands.ts';
import { registerReport } from './report.ts';
import { registerSimulate } from './simulate.ts';
import { registerTeardown } from './teardown.ts';
import { registerTypes } from './types.ts';
import { endHelp, exitCodes, UsageError } from './usage.ts';
import { registerVni } from './vni.ts';

const program = new Command('fleetmirror')
  .description('Keeps the VPC Traffic Mirror sessions of a fleet equal to one policy.')
  .version('0.1.0')
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    endHelp(
      {
        ok: 'nothing to do or done',
        pending: 'something was found (changes pending or held, gaps, failing checks, mirrors in trouble)',
      },
      'fleetmirror plan --fleet prod',
    ),
  );

registerReconcile(program);
registerExplain(program);
registerReport(program);
registerPolicy(program);
registerSimulate(program);
registerTypes(program);
registerVni(program);
registerPreflight(program);
registerHealth(program);
registerTeardown(program);
registerEmulator(program);
registerDemo(program);

outliveLostOutput();

/** The profile that the command was told to use. */
let awsProfile = process.env.AWS_PROFILE;
program.hook('preAction', (_program, command) => {
  awsProfile = command.opts<GlobalOptions>().awsProfile ?? awsProfile;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Tells an error to the user and returns the exit code for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    return exitCodes.usage;
  }
  const cause = isEc2Failure(error) ? error.cause : error;
  const advice = cause instanceof Error ? adviceForSdk(cause) : undefined;
  if (advice !== undefined) {
    process.stderr.write(`${advice}\n`);
    return exitCodes.usage;
  }
  if (isEc2Failure(error)) {
    process.stderr.write(`${error.message}\n${adviceFor(error)}`);
    return exitCodes.failed;
  }
  // An error of AWS or the network needs no stack; one of ours does.
  const isForeign = error instanceof Error && ('$metadata' in error || 'code' in error);
  const text = error instanceof Error ? (isForeign ? `${error.name}: ${error.message}` : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  return exitCodes.failed;
}

/** What to do when the SDK does not know where or as whom to call; it has no codes for that, only these words. */
function adviceForSdk({ name, message }: Error): string | undefined {
  if (message === 'Region is missing') return 'Which Region? Name it with --region, or set AWS_REGION.';
  if (name !== 'CredentialsProviderError') return undefined;
  if (awsProfile) {
    return `The profile ${awsProfile} has no credentials: does ~/.aws/config or ~/.aws/credentials name it, and is its login still good? (${message})`;
  }
  return 'There are no AWS credentials. Name a profile with --aws-profile, or set AWS_ACCESS_KEY_ID and its companions.';
}

function adviceFor({ kind }: Ec2Failure): string {
  if (kind === 'denied') return 'Check the credentials (--aws-profile, AWS_*) and what they may do.\n';
  if (kind === 'unavailable') return 'Check --region, --endpoint-url and the network, and try again.\n';
  return '';
}
