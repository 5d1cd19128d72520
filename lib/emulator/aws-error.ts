/** What EC2 answers when it refuses a call: the code clients branch on, a text for people, and the HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** Stops the call with EC2's error code; HTTP 400 unless told, as nearly all client errors of EC2 are. */
export function refuse(code: string, message: string, status = 400): never {
  throw new AwsError(code, message, status);
}

/** Stops the call because the caller may not do this (HTTP 403). */
export function refuseUnauthorized(): never {
  return refuse('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
}

/** Stops the call because a parameter has a value that EC2 does not take. */
export function refuseValue(parameter: string, value: unknown, because: string): never {
  return refuse('InvalidParameterValue', `Value (${String(value)}) for parameter ${parameter} is invalid. ${because}`);
}

/** Stops the call unless the parameter is there. */
export function requireParameter<Value>(parameter: string, value: Value | undefined): Value {
  if (value === undefined || value === '') {
    return refuse('MissingParameter', `The request must contain the parameter ${parameter}`);
  }
  return value;
}

/** Stops the call unless the number, when given, is a whole one within the range that AWS documents. */
export function requireRange(parameter: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < min || value > max) {
    refuseValue(parameter, value, `Expecting a value from ${min} to ${max}.`);
  }
}
