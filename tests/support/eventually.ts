/** The first value of `read` that is not undefined, looked for every 20 ms; fails with the name of what never came. */
export async function eventually<Value>(
  name: string,
  read: () => Value | undefined | Promise<Value | undefined>,
  limitMs = 15_000,
): Promise<Value> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`Never came: ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
