import { batchesOf, finished, unreadable, type Batch } from './batches';
import { inOrder } from './in-order';
import type { ResumeFile } from './resume-file';
import { sendBatch, type SendOptions, type Sent } from './send';
import type { Source } from './source';

export interface NamedSource {
  name: string;
  /** Called when its turn has come. */
  open: () => Promise<Source>;
}

export interface RunOptions extends SendOptions {
  sources: Iterable<NamedSource>;
  /** Texts are read line by line. */
  lines: boolean;
  /** Where an earlier run stopped; its progress is kept there. */
  resume: ResumeFile;
  /** In the order of the sources, and of the alerts in them. */
  onSent: (sent: Sent[], progress: Progress) => void;
  /** Batches sent at once; default 2. */
  atOnce?: number;
}

/** How far a run is. */
export interface Progress {
  /** Of all sources, up to the end of what has its answer. */
  bytes: number;
  alerts: number;
  duplicates: number;
  failed: number;
}

/** As one batch is written to the database, the next one is on its way. */
const AT_ONCE = 2;

/**
 * Submits all alerts of all sources. Of what they hold, only the batches under way are in memory.
 * @throws what `sendBatch` throws, or the signal's reason; what was done until then is in the resume file
 */
export async function runStream(options: RunOptions): Promise<Progress> {
  const { resume, signal } = options;
  const progress: Progress = { bytes: 0, alerts: 0, duplicates: 0, failed: 0 };
  let before = 0;
  try {
    const work = async (batch: Batch) => ({ batch, sent: await sendBatch(batch, options) });
    for await (const { batch, sent } of inOrder(batchesIn(options), options.atOnce ?? AT_ONCE, work)) {
      resume.record(batch.source, batch.end, batch.last);
      progress.bytes = before + batch.end.offset;
      if (batch.last) before += batch.source.size ?? batch.end.offset;
      progress.alerts += sent.length;
      progress.duplicates += sent.filter(({ answer }) => answer?.duplicate).length;
      progress.failed += sent.filter(({ failure }) => failure).length;
      options.onSent(sent, progress);
      signal?.throwIfAborted();
    }
  } catch (error) {
    resume.save();
    throw error;
  }
  resume.remove();
  return progress;
}

async function* batchesIn({ sources, lines, resume }: RunOptions): AsyncGenerator<Batch> {
  for (const { name, open } of sources) {
    try {
      const source = await open();
      const start = resume.startOf(source);
      if (start === 'done') yield finished(source);
      else yield* batchesOf(source, { lines, from: start });
    } catch (error) {
      // the others can still be read
      yield unreadable(name, error);
    }
  }
}
