import ora from 'ora';
import pc from 'picocolors';

/** Shorter work needs no sign of life. */
const quietMs = 1000;

/** Shows a spinner on stderr (on a terminal only) while the work takes longer than a second. */
export async function showProgress<T>(text: string, work: () => Promise<T>): Promise<T> {
  const spinner = ora({ text, stream: process.stderr, color: pc.isColorSupported ? 'cyan' : false });
  const timer = setTimeout(() => {
    if (process.stderr.isTTY) spinner.start();
  }, quietMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    spinner.stop();
  }
}
