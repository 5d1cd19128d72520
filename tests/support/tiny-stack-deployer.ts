/** A program that deploys the tiny stack in the folder that it is given, writes the process id of one of its functions, and waits to be killed. */
import { deployTinyStack } from './tiny-stack.ts';

const { invoke } = await deployTinyStack(process.argv[2]);
const { answer } = await invoke('probe', {});
console.log(answer.kind === 'done' ? JSON.parse(answer.payload).pid : answer.error);
setInterval(() => undefined, 60_000);
