import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The look of a page that stands alone, and the hash by which its content security policy allows it. */
export interface PageStyle {
  style: string;
  /** SHA-256, base64. */
  styleHash: string;
}

/** What all such pages have in common, then the page's own rules from the file. */
export function pageStyle(file: string): PageStyle {
  const style = [join(__dirname, 'base.css'), file].map((each) => readFileSync(each, 'utf8')).join('');
  return { style, styleHash: createHash('sha256').update(style).digest('base64') };
}
