/** What happens when nobody takes what a command prints. */
import { describeFileError } from './read-file.ts';
import { exitCodes } from './usage.ts';

/**
 * Makes the command outlive its reader. `fleetmirror plan | head` closes the pipe early: the rest is printed to nobody,
 * but the command does its work to the end and its exit code stays what it is. Output that is lost for another reason,
 * such as a full disk, is told once, and the exit code is that of a failure.
 */
export function outliveLostOutput(): void {
  let isTold = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isTold) return;
    isTold = true;
    process.stderr.write(`The output cannot be written: ${describeFileError(error)}.\n`);
    // At the end, since the command sets an exit code of its own when it is done.
    process.once('exit', () => {
      process.exitCode = exitCodes.failed;
    });
  });
  // There is nobody left to tell it to.
  process.stderr.on('error', () => {});
}
