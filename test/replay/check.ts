/**
 * Replays the runs of a Temporal server on the present workflow code: `npm run replay:histories [QUERY]`, with
 * `TEMPORAL_ADDRESS` and the rest of Temporal's environment as a worker has them. Reads only. Exit 1 when one does not fit.
 */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Worker } from '@temporalio/worker';
import { quietBundle, quietRuntime } from '../support/system';

/** What goes on under the new code. */
const OPEN = 'ExecutionStatus = "Running"';

async function check(query: string): Promise<boolean> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  quietRuntime();
  const workflowBundle = { codePath: await quietBundle() };
  const connection = await Connection.connect(connectionOptions);
  const counts = { fits: 0, breaks: 0 };
  try {
    const histories = new Client({ connection, namespace }).workflow.list({ query }).intoHistories({ concurrency: 2 });
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
      counts[error ? 'breaks' : 'fits'] += 1;
      if (error) process.stdout.write(`✘ ${workflowId}: ${error.message}\n`);
    }
  } finally {
    await connection.close();
  }
  process.stdout.write(`${counts.fits} histories fit the present code, ${counts.breaks} do not\n`);
  return counts.breaks === 0;
}

check(process.argv.slice(2).join(' ') || OPEN).then(
  (fits) => process.exit(fits ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
