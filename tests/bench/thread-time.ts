/**
 * Milliseconds of processor time that this thread has used. Unlike the clock on the wall it does not count what others do
 * on a shared machine; it does count the thread's own garbage collection.
 */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
