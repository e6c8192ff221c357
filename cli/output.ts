import pc from 'picocolors';
import { renderTable, type Column } from './table';
import { clean } from './text';

type Paint = (text: string) => string;
export type Colours = Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta', Paint>;

/** Where a command writes: results on standard output, everything else on standard error. */
export interface Output {
  /** Machine output is wanted: nothing but JSON on standard output. */
  readonly json: boolean;
  /** A person watches: progress bars make sense. */
  readonly live: boolean;
  /** Columns to use, 40 to 100. */
  readonly width: number;
  readonly colours: Colours;
  line(text?: string): void;
  data(value: unknown): void;
  note(text: string): void;
  table(columns: Column[], rows: string[][]): void;
}

interface Streams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

const MIN_WIDTH = 40;
const MAX_WIDTH = 100;

interface OutputOptions {
  json: boolean;
  /** How wide, where standard output is no terminal. */
  columns?: number | undefined;
}

/** Colours only where a terminal reads them and NO_COLOR is not set. */
export function createOutput({ stdout, stderr }: Streams, { json, columns }: OutputOptions): Output {
  const colours = pc.createColors(pc.isColorSupported && stdout.isTTY === true);
  const wide = stdout.isTTY && stdout.columns ? stdout.columns : (columns ?? MAX_WIDTH);
  const width = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, wide));
  return {
    json,
    live: stderr.isTTY === true && !json,
    width,
    colours,
    line: (text = '') => void stdout.write(`${text}\n`),
    data: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    table: (heads, rows) => void stdout.write(`${renderTable(heads, rows, width)}\n`),
  };
}

/** The colour a verdict is known by. */
export function verdictPaint(colours: Colours): Paint {
  return (text) => {
    switch (text.trim()) {
      case 'malicious':
        return colours.red(text);
      case 'suspicious':
        return colours.yellow(text);
      case 'benign':
        return colours.green(text);
      default:
        return colours.dim(text);
    }
  };
}

export function levelPaint(colours: Colours): Paint {
  return (text) => {
    switch (text.trim()) {
      case 'critical':
        return colours.bold(colours.red(text));
      case 'high':
        return colours.red(text);
      case 'medium':
        return colours.yellow(text);
      default:
        return colours.dim(text);
    }
  };
}

/** What is not there, visibly. */
export function orDash(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '–' : clean(String(value));
}
