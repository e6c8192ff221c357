import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * Lets the SDK download the Temporal CLI into a folder; it starts the server once, which is stopped again.
 * A process of its own: the SDK's download cannot be cancelled.
 */
async function main(folder: string | undefined, version: string | undefined): Promise<void> {
  if (!folder || !version) throw new Error('usage: temporal-download FOLDER VERSION');
  const executable = { type: 'cached-download', downloadDir: folder, version } as const;
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  await environment.teardown();
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
