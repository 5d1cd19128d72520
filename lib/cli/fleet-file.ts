/** The fleet document of a file, for the emulated account. */
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { type FleetDocument, fleetSchema } from '../emulator/fleet-document.ts';
import { readTextFile } from './read-file.ts';
import { UsageError } from './usage.ts';

type Path = readonly PropertyKey[];

interface Problem {
  readonly line: number;
  readonly path: Path;
  readonly message: string;
}

/** Reads the fleet that the user named for an account with these zones; what is wrong with it is told with its lines. */
export function readFleetFile(file: string, zones: readonly string[]): FleetDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(readTextFile(file), { lineCounter, prettyErrors: false });
  const lineAt = (position: number) => lineCounter.linePos(position).line;
  if (document.errors.length > 0) {
    throw invalid(
      file,
      document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), path: [], message })),
    );
  }
  const given = toJavaScript(document, file);
  const parsed = fleetSchema.safeParse(given);
  const issues = parsed.success ? findStrangeZones(given, zones) : parsed.error.issues;
  if (parsed.success && issues.length === 0) return parsed.data;
  throw invalid(
    file,
    issues.map(({ path, message }) => ({ line: lineAt(positionOf(document, path)), path, message })),
  );
}

function toJavaScript(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // An alias without its anchor, or too many of them.
    throw new UsageError(`The fleet document ${file} is invalid.\n  ${error instanceof Error ? error.message : error}`);
  }
}

/** Wherever a document says `zone` or `zones`, it means one that the account has. */
function findStrangeZones(
  value: unknown,
  zones: readonly string[],
  path: Path = [],
): { path: Path; message: string }[] {
  if (typeof value === 'string') {
    const isZone = path.some((key) => key === 'zone' || key === 'zones') && !path.includes('tags');
    if (!isZone || zones.includes(value)) return [];
    return [{ path, message: `the account has no zone ${value}, only ${zones.join(', ')}` }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => findStrangeZones(part, zones, [...path, key]));
}

/** Where a value begins; of one that is missing, what it is missing in. */
function positionOf(document: Document, path: Path): number {
  const node = document.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length === 0 ? 0 : positionOf(document, path.slice(0, -1));
}

function invalid(file: string, problems: readonly Problem[]): UsageError {
  const lines = problems.map(
    ({ line, path, message }) => `  line ${line}${path.length > 0 ? `, ${path.join('.')}` : ''}: ${message}`,
  );
  return new UsageError([`The fleet document ${file} is invalid.`, ...lines].join('\n'));
}
