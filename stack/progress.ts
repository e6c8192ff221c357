import pc from 'picocolors';

/** Says what a running step is at, in a few words. */
export type Report = (detail: string) => void;

export interface Progress {
  /** Runs one step with a line of its own: name, what it came to, elapsed time. */
  step<T>(name: string, work: (report: Report) => Promise<T>): Promise<T>;
  /** A line that belongs to no step. */
  note(text: string): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Without a terminal, a long step says where it is this often, ms. */
const HEARTBEAT_MS = 15_000;

/** Progress for people: a spinner on a terminal, plain lines everywhere else. */
export function createProgress(out: NodeJS.WriteStream): Progress {
  const show = out.isTTY ? spinner : heartbeat;
  return {
    note: (text) => void out.write(`${text}\n`),
    step: async (name, work) => {
      const started = Date.now();
      let detail = '';
      const seconds = (): string => `${((Date.now() - started) / 1000).toFixed(1)} s`;
      const done = show(out, () => `${name}${detail && `: ${detail}`} ${pc.dim(seconds())}`);
      try {
        const result = await work((text) => (detail = text));
        done(pc.green('✔'));
        return result;
      } catch (error) {
        done(pc.red('✘'));
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
