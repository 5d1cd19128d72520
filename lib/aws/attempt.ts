import { toEc2Failure } from './ec2-errors.ts';

/**
 * Makes a call to any service of AWS, by its name there (`service:Action` outside EC2). What is refused or not answered fails as EC2
 * does, so that whoever called hears the same advice.
 */
export async function attempt<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toEc2Failure(operation, error);
  }
}
