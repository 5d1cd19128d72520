import { readPackagedTemplate, type Template } from '../../infra/packaged-template.ts';
import { readTemplate, type Stack } from '../../lib/emulator/template.ts';

export const stackPlace = {
  accountId: '111122223333',
  region: 'eu-central-1',
  stackName: 'fleetmirror-prod',
  queuesUrl: 'https://sqs.eu-central-1.amazonaws.com',
};

/** A packaged stack: the template as it is uploaded, and what it deploys for the given CloudFormation parameters. */
export interface PackagedStack {
  readonly template: Template;
  readonly stack: Stack;
  /** The logical ids of a type's resources. */
  readonly idsOf: (type: string) => readonly string[];
}

/** The stack of fleet `prod`, packaged once for all tests. */
export async function aPackagedStack(parameters: Readonly<Record<string, string>> = {}): Promise<PackagedStack> {
  const template = await readPackagedTemplate('prod');
  return {
    template,
    stack: readTemplate(template, parameters, stackPlace),
    idsOf: (type) => Object.keys(template.Resources).filter((id) => template.Resources[id]?.Type === type),
  };
}
