import pc from 'picocolors';

/** Says what a running step is at, in a few words. */
export type Report = (detail: string) => void;

export interface Progress {
  /**
   * Runs one step with a line of its own: name, what it came to, elapsed time.
   * @param well tells from the result whether the step went well; default: it did unless it throws
   */
  step<T>(name: string, work: (report: Report) => Promise<T>, well?: (result: T) => boolean): Promise<T>;
  /** A line that belongs to no step. */
  note(text: string): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Without a terminal, a long step says where it is this often, ms. */
const HEARTBEAT_MS = 15_000;

/** Colours only where a terminal shows them; that a CI system could is no reason. */
export function coloursFor(out: NodeJS.WriteStream): ReturnType<typeof pc.createColors> {
  return pc.createColors(pc.isColorSupported && out.isTTY === true);
}

/** Progress for people: a spinner on a terminal, plain lines everywhere else. */
export function createProgress(out: NodeJS.WriteStream): Progress {
  const show = out.isTTY ? spinner : heartbeat;
  const colours = coloursFor(out);
  return {
    note: (text) => void out.write(`${text}\n`),
    step: async (name, work, well = () => true) => {
      const started = Date.now();
      let detail = '';
      const seconds = (): string => `${((Date.now() - started) / 1000).toFixed(1)} s`;
      const done = show(out, () => `${name}${detail && `: ${detail}`} ${colours.dim(seconds())}`);
      try {
        const result = await work((text) => (detail = text));
        done(well(result) ? colours.green('✔') : colours.red('✘'));
        return result;
      } catch (error) {
        done(colours.red('✘'));
        throw error;
      }
    },
  };
}

type Finish = (mark: string) => void;

function spinner(out: NodeJS.WriteStream, line: () => string): Finish {
  let frame = 0;
  const draw = (mark: string): void => {
    out.write(`\r\x1b[2K${truncate(`${mark} ${line()}`, out.columns)}`);
  };
  const timer = setInterval(() => draw(pc.cyan(FRAMES[frame++ % FRAMES.length] ?? '')), 100);
  return (mark) => {
    clearInterval(timer);
    draw(mark);
    out.write('\n');
  };
}

function heartbeat(out: NodeJS.WriteStream, line: () => string): Finish {
  const timer = setInterval(() => out.write(`… ${line()}\n`), HEARTBEAT_MS);
  return (mark) => {
    clearInterval(timer);
    out.write(`${mark} ${line()}\n`);
  };
}

/** A line that wraps cannot be redrawn in place; colour codes count little and are allowed for. */
function truncate(text: string, columns: number | undefined): string {
  const room = (columns || 80) + 20;
  return text.length <= room ? text : `${text.slice(0, room - 5)}…\x1b[0m`;
}
