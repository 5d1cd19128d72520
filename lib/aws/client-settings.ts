/** What every client of AWS has in common, whoever makes it: how long it waits for a connection that says nothing. */

/**
 * AWS answers in well under a second, and a page of 1,000 rows in a few on most days. `on-change` keeps back 10 s of its
 * time: a call that begins at the last moment and hears nothing leaves three of them for handing the rest on.
 */
export const silenceMsMax = 7000;

/**
 * EC2 has been seen to take up to 30 s for filtered instances, for days [O: github-aws-runners/terraform-aws-github-runner
 * issue 3200]. A listing is waited for as long once it was slow, and never beyond the end of its run (`read-listing.ts`).
 */
export const listingSilenceMsMax = 30_000;

/** Loopback or another continent, a connection stands in well under a second. */
const connectionMsMax = 3000;

/**
 * How long a client waits for an answer to begin, and how long an answer that has begun may pause. Both end in an error
 * named `TimeoutError`. The SDK's own limits are off, or minutes long: longer than a function lives.
 */
export function giveUpAfter(silenceMs: number, pauseMs = silenceMs) {
  return {
    requestHandler: {
      connectionTimeout: Math.min(connectionMsMax, silenceMs),
      // From the start of a call to the head of its answer, with the time that sending takes.
      requestTimeout: silenceMs,
      // Otherwise the SDK writes a warning, and goes on waiting.
      throwOnRequestTimeout: true,
      socketTimeout: pauseMs,
    },
  } as const;
}

/** For every client of the functions and of the command line. How often a call is made stays with each of them. */
export const clientSettings = giveUpAfter(silenceMsMax);
