import * as z from 'zod/mini';

/** What several parts of a policy's schema are made of. */

/** An id of AWS such as `tmf-0…`. */
export const idOf = (prefix: string) =>
  z.string().check(z.regex(new RegExp(`^${prefix}-[0-9a-f]+$`), `is no id like ${prefix}-0…`));

/** What users call their own things. */
export const nameSchema = z
  .string()
  .check(
    z.regex(
      /^[a-z][a-z0-9-]{0,30}$/,
      'is no name: a lower-case letter, then up to 30 lower-case letters, digits or hyphens',
    ),
    z.describe(
      'A lower-case letter, then up to 30 lower-case letters, digits or hyphens; not true, yes, on, false, no, off.',
    ),
  );

/** A whole number, both ends included. */
export const integer = (from: number, to: number) => z.int().check(z.gte(from), z.lte(to));

/** AWS gives no length for session descriptions; tag values take 256 characters, and this stays below. */
export const descriptionSchema = z.string().check(z.maxLength(200), z.describe('Free text of at most 200 characters.'));
