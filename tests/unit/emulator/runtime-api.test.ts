import { expect, test } from '@jest/globals';
import { startRuntimeApi } from '../../../lib/emulator/runtime-api.ts';

test('A function has as long as it needs: no end of the connection is announced that its answer could meet', async () => {
  const api = await startRuntimeApi();
  try {
    const runtime = `http://${api.address}/2018-06-01/runtime/invocation`;
    const next = fetch(`${runtime}/next`);
    await api.ready();
    const answer = api.hand({ requestId: 'r-1', deadlineMs: 0, functionArn: 'arn', payload: '{}', isSampled: false });
    expect((await next).headers.get('keep-alive')).toBeNull();
    const response = await fetch(`${runtime}/r-1/response`, { method: 'POST', body: '"done"' });
    expect(response.headers.get('keep-alive')).toBeNull();
    expect(await answer).toEqual({ kind: 'done', payload: '"done"' });
  } finally {
    await api.close();
  }
});
