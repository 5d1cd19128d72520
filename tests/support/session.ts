import type { Session } from '../../lib/core/model.ts';

/** A session of fleet `prod` on `anInterface()`, as the first tier of `aPolicy()` wants it. */
export function aSession(differences: Partial<Session> = {}): Session {
  return {
    sessionId: 'tms-0aaa0000000000001',
    networkInterfaceId: 'eni-0aaa0000000000001',
    targetId: 'tmt-0aaa1111bbbb2222c',
    filterId: 'tmf-0aaa1111bbbb2222c',
    sessionNumber: 10,
    virtualNetworkId: 7_159_709,
    description: 'tier http',
    ownerId: '111122223333',
    tags: {
      'fleetmirror:fleet': 'prod',
      'fleetmirror:instance': 'i-0aaa0000000000001',
      'fleetmirror:created-at': '2026-01-01T00:00:00.000Z',
      Name: 'prod http eni-0aaa0000000000001',
    },
    ...differences,
  };
}

/** Someone else's session: in our account, on our interface, without our tags. */
export function aForeignSession(differences: Partial<Session> = {}): Session {
  return aSession({ sessionId: 'tms-0fff0000000000001', description: 'other vendor', tags: {}, ...differences });
}
