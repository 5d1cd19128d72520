/**
 * Every number that AWS or we set a limit by, each with its source. `[D]` documented by AWS, `[O]` observed by others,
 * `[U]` unknown at AWS and therefore our choice.
 */

/** Sessions per source interface [D: Traffic Mirroring quotas, not adjustable]. */
export const sessionsPerSourceMax = 3;
/** Sessions per account and Region [D: quotas]. */
export const sessionsPerAccountMax = 10_000;
/** Valid session numbers, 1 is evaluated first [D: CreateTrafficMirrorSession]. */
export const sessionNumberMin = 1;
export const sessionNumberMax = 32_766;
/** VXLAN network identifiers are 24 bits wide [D: RFC 7348]; AWS names no narrower range [U]. */
export const virtualNetworkIdMax = 16_777_215;
/** Bytes after the VXLAN header [D: CreateTrafficMirrorSession]. */
export const packetLengthMin = 1;
export const packetLengthMax = 8500;
/** Below this AWS may refuse IPv6 (55) or IPv4 (35) [D: limitations page, at odds with the minimum of 1]. */
export const packetLengthSafeMin = 55;
/** Rules per filter; whether both directions count together is unknown [U], so they do here. */
export const rulesPerFilterMax = 10;
/** Rule numbers are positive; AWS names no range [U], so that ours is that of session numbers. */
export const ruleNumberMax = 32_766;
/** Sources per interface target [D: quotas]: 100 when the target's instance type is on AWS's list, else 10. */
export const sourcesPerTargetDefault = 10;
export const sourcesPerLargeTarget = 100;
/** Whether two sessions of one source count twice against a target is unknown [U]. */
export const countsEachSessionAgainstTarget = false;
/** Filter values in one Describe call [D: Using_Filtering]. */
export const filterValuesPerCallMax = 200;
/** Rows in one page of a Describe call [D: API]. */
export const pageRowsMax = 1000;
/** Age below which a session whose interface is missing is not yet an orphan (eventual consistency) [D: EVC, our bound]. */
export const orphanAgeMinMs = 15 * 60_000;
/** Guards look at percentages only from this many guarded deletions on. */
export const guardPercentFrom = 10;
/** Guarded deletions that one `on-change` batch may make; more are left to the sweep. */
export const guardedDeletesPerBatchMax = 10;
/** How long after an instance's launch its tags may be missing from a read [I: EVC, our bound]. */
export const tagsLateMsMax = 90_000;
/** A hint whose object is not visible yet is sent again after these delays, while it is younger than five minutes. */
export const hintRetryDelaysSeconds: readonly number[] = [5, 15, 45, 120];
export const hintRetryAgeMaxMs = 5 * 60_000;
/** Deferred work is handed on at most this often. */
export const hopsMax = 8;
/** Targets, filters and loads are read at most once in this time; decisions that rest on absence read again. */
export const targetCacheMs = 60_000;
/**
 * A plan is acted on for so long; what is left of it is read and planned afresh. Longer than a batch of changes may take,
 * so that only sweeps read again, which fill a fleet at five sessions a second for minutes.
 */
export const planAgeMaxMs = 120_000;
/**
 * How often a run looks again without learning anything from it: two others at most work beside it, and each may have been
 * first. Where EC2 calls a target full, or time has passed, a look was not in vain.
 */
export const looksInVainMax = 2;
/**
 * Kept back from the time of `on-change` for a call that began in its last moment, for handing the rest on and for the last
 * lines. More than a client waits for a silent connection.
 */
export const changeReserveMs = 10_000;
/**
 * The same of `on-schedule`: the message that continues the sweep, a log line and an event for each of some thousand
 * actions, the report and its uploads. A function that is cut off holds its queue until the message comes back.
 */
export const sweepReserveMs = 60_000;
/**
 * And this besides where reports tell the health of mirrors: the metrics of 10,000 instances take 121 calls, of a whole day
 * twice as many. Whatever takes longer is told as not read.
 */
export const healthReserveMs = 100_000;
/** One session is repaired at most this often by a warm function. */
export const repairIntervalMs = 60_000;
/** Of the events that led to one run, so many are named in its work messages, log lines and events. */
export const eventIdsMax = 10;
/** For so long what we created is believed to be there although a read does not show it [D: EVC, our bound]. */
export const ownWritesMs = 60_000;
/** Tampering that no id locates asks for a sweep at most this often; the default interval of the scheduled sweep. */
export const tamperingSweepIntervalMs = 15 * 60_000;
/** Whether a packet that a session's filter rejects by rule is offered to the next session is unknown [U]. */
export const rejectFallsThrough = true;
/** US dollars for one session and hour in US East (Ohio) [O: AWS pricing page]; a policy value, other Regions differ. */
export const sessionHourUsdDefault = 0.015;
/** Hours in a month as AWS's own calculator counts them [D: AWS Pricing Calculator, assumptions]. */
export const hoursPerMonth = 730;
/** `policy push` asks a person (or `--yes`) before a policy that deletes more sessions than this at once. */
export const unattendedDeletesMax = 10;
/** From this share of dropped bytes on, in percent, a mirror is called congested; our choice. */
export const congestedPercentMin = 1;
/** By so much another clock may be ahead of ours; AWS refuses requests that differ by more [D: IAM, SigV4 signing]. */
export const clockSkewMaxMs = 5 * 60_000;
/** Metrics in one GetMetricData call [D: CloudWatch API, GetMetricData]. */
export const metricQueriesMax = 500;
/** Basic monitoring publishes a data point every five minutes [D: EC2 user guide, "Manage detailed monitoring"]. */
export const metricPeriodSeconds = 300;
/** Where mirrored packets arrive, over UDP [D: Traffic Mirroring packet formats; RFC 7348]. */
export const vxlanPort = 4789;
/** The largest packet that an interface target takes whole: its MTU of 9001 less the VXLAN headers [D: limitations]. */
export const mirroredMtuMax = 8947;
/** The same for a gateway load balancer endpoint, whose MTU is 8500 [D: Traffic Mirroring targets]. */
export const endpointPayloadMax = 8446;
